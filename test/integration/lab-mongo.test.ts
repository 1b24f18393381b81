import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LAB_PASSWORD } from '../../src/lab/accounts';
import { LAB_LIMITS } from '../../src/lab/lab-server';
import { type MongoLab, startMongoLab } from '../../src/lab/mongo-lab';
import { compareTraces } from '../../src/trace/compare';
import type { Trace } from '../../src/trace/model';
import { loginCurrent, loginVersion3 } from '../record/mongo-stories';
import { decodeAgain, path, run } from './support';

describe.each([
  ['without TLS', false],
  ['with TLS', true],
])('the MongoDB lab %s', (_name, tls) => {
  let lab: MongoLab;
  beforeAll(async () => {
    lab = await startMongoLab({ tls });
  });
  afterAll(() => lab?.close());

  async function tracesOf(work: () => Promise<unknown>): Promise<Trace[]> {
    await expect.poll(() => lab.connections).toBe(0);
    const traces: Trace[] = [];
    // Those of clients; mongos’ own connections to mongod have tests of their own.
    const remove = lab.onTrace((trace) => trace.server.port === lab.port && traces.push(trace));
    try {
      await work();
      await expect.poll(() => lab.connections).toBe(0);
    } finally {
      remove();
    }
    return traces;
  }

  const ca = () => (tls ? lab.caCertificatePem : undefined);
  const options = (): Record<string, string> => (tls ? { tlsCAFile: lab.caCertificatePem } : {});

  it.each([
    ['SCRAM-SHA-256', 'app_user', undefined],
    ['SCRAM-SHA-1', 'app_user', 'SCRAM-SHA-1'],
    ['SCRAM-SHA-1', 'sha1_user', 'SCRAM-SHA-1'],
  ])('the current driver logs in by %s as %s', async (expected, user, mechanism) => {
    const traces = await tracesOf(async () => {
      expect(await loginCurrent(lab.port, { user, mechanism }, ca())).toBeUndefined();
    });
    const login = traces.find((trace) => trace.auth.mechanism !== null);
    expect(login).toMatchObject({ source: 'lab', outcome: 'ready' });
    expect(login?.auth).toEqual({ mechanism: expected, user, database: 'admin', outcome: 'ok' });
  });

  it.each([
    ['SCRAM-SHA-256', 'app_user'],
    ['SCRAM-SHA-1', 'sha1_user'],
    ['MONGODB-CR', 'cr_user'],
  ])('driver 3.7 logs in by %s as %s', async (mechanism, user) => {
    const traces = await tracesOf(async () => {
      expect(await loginVersion3(lab.port, { user, mechanism }, ca())).toBeUndefined();
    });
    const login = traces.find((trace) => trace.auth.mechanism !== null);
    expect(login?.auth).toEqual({ mechanism, user, database: 'admin', outcome: 'ok' });
  });

  it('the trace of a login tells the stages that each message passed', async () => {
    const [login] = await tracesOf(() =>
      run(
        lab.uri.replace('app_user', 'cr_user'),
        { ...options(), authMechanism: 'MONGODB-CR' },
        { password: LAB_PASSWORD },
      ),
    );
    const local = login.steps.filter(({ layer }) => layer === 'local');
    expect(local[0].message).toBe('Listener::accepted');
    expect(local.at(-1)?.message).toBe('end connection');
    const authenticate = login.steps.findIndex(({ message }) => message === 'authenticate reply');
    // Before the reply that they led to.
    expect(login.steps[authenticate - 1].fields.map(({ name }) => name)).toEqual([
      'PortMessageServer::handleIncomingMsg',
      'Request::process',
      'Strategy::clientCommandOp',
      'Command::runAgainstRegistered',
      'Command::execCommandClientBasic',
      'CmdAuthenticate::run',
      'CmdAuthenticate::_authenticate',
      'audit::logAuthentication',
    ]);
  });

  it.each([
    ['current', loginCurrent, undefined],
    ['3.7', loginVersion3, 'MONGODB-CR'],
  ] as const)('driver %s is refused with a wrong password', async (_driver, login, mechanism) => {
    const user = mechanism ? 'cr_user' : 'app_user';
    const traces = await tracesOf(async () => {
      const error = await login(lab.port, { user, password: 'wrong', mechanism }, ca());
      expect(error?.message).toMatch(/auth/i);
    });
    const failed = traces.filter((trace) => trace.outcome === 'failed');
    expect(failed.length).toBeGreaterThan(0);
    expect(failed[0].error?.code).toBe('18');
  });

  it.each([
    ['SCRAM-SHA-256', 'app_user', {}],
    ['SCRAM-SHA-1', 'sha1_user', {}],
    ['SCRAM-SHA-1', 'app_user', { authMechanism: 'SCRAM-SHA-1' }],
    ['MONGODB-CR', 'cr_user', { authMechanism: 'MONGODB-CR' }],
  ])('Connect Test authenticates by %s as %s', async (mechanism, user, more) => {
    const uri = lab.uri.replace('app_user', user);
    const result = await run(uri, { ...options(), ...more }, { password: LAB_PASSWORD });
    expect(result.outcome).toBe('ready');
    const [trace] = result.traces;
    expect(trace.auth).toEqual({ mechanism, user, database: 'admin', outcome: 'ok' });
    expect(path(trace)).toContain('READY');
    expect(trace.tls !== null).toBe(tls);
    expect(compareTraces(trace, decodeAgain(result.recordings)[0], { times: true, frames: true })).toEqual(
      [],
    );
  });

  it('Connect Test with a wrong password fails with the server’s code', async () => {
    const result = await run(lab.uri, options(), { password: 'wrong' });
    expect(result.outcome).toBe('failed');
    expect(result.error).toMatchObject({ from: 'server', code: '18' });
    expect(result.traces).toHaveLength(1);
    expect(compareTraces(result.traces[0], decodeAgain(result.recordings)[0], { frames: true })).toEqual([]);
  });

  it('many at once share the user cache and all get in', async () => {
    const results = await Promise.all(
      Array.from({ length: 12 }, () => run(lab.uri, options(), { password: LAB_PASSWORD })),
    );
    expect(results.map((result) => result.outcome)).toEqual(Array(12).fill('ready'));
  });

  it('a client that leaves while its user is fetched holds up nobody', async () => {
    const aborter = new AbortController();
    const leaving = run(lab.uri.replace('app_user', 'sha1_user'), options(), {
      password: LAB_PASSWORD,
      signal: aborter.signal,
      onState: (state) => state === 'HANDSHAKE' && aborter.abort(),
    });
    const staying = run(lab.uri, options(), { password: LAB_PASSWORD });
    expect((await leaving).cancelled).toBe(true);
    expect((await staying).outcome).toBe('ready');
    expect((await run(lab.uri, options(), { password: LAB_PASSWORD })).outcome).toBe('ready');
  });
});

it('a client without a ticket is closed upon, and is told what that may mean', async () => {
  const lab = await startMongoLab({ service: { maxIncomingConnections: 0 } });
  try {
    const result = await run(lab.uri, {}, { password: LAB_PASSWORD });
    expect(result.outcome).toBe('failed');
    expect(result.error?.from).toBe('server');
    expect(result.traces[0].diagnosis.code).toBe('MONGO_CLOSED_ON_HELLO');
  } finally {
    await lab.close();
  }
});

it('one client more than there are tickets is refused, in log and trace, until one is given back', async () => {
  const log: string[] = [];
  const lab = await startMongoLab({ onLog: (line) => log.push(line) });
  const traces: Trace[] = [];
  lab.onTrace((trace) => traces.push(trace));
  const sockets = Array.from({ length: LAB_LIMITS.connections }, () => connect(lab.port, '127.0.0.1'));
  try {
    await expect.poll(() => lab.connections).toBe(LAB_LIMITS.connections);
    const refused = await run(lab.uri, {}, { password: LAB_PASSWORD });
    expect(refused.outcome).toBe('failed');
    expect(log).toContainEqual(expect.stringMatching(/refused because too many open connections: 100$/));
    await expect.poll(() => traces.length).toBe(1);
    const note = traces[0].steps.find(({ message }) => message === 'Listener::accepted');
    expect(note?.summary).toBe('none of 100 tickets is free: the connection is closed without a word');
    sockets.pop()?.destroy();
    await expect.poll(() => lab.connections).toBe(LAB_LIMITS.connections - 1);
    expect((await run(lab.uri, {}, { password: LAB_PASSWORD })).outcome).toBe('ready');
  } finally {
    for (const socket of sockets) socket.destroy();
    await lab.close();
  }
});

it('a client that sends no message is closed upon, and the log says so', async () => {
  const log: string[] = [];
  const lab = await startMongoLab({ silentTimeoutMs: 50, onLog: (line) => log.push(line) });
  const hello = { port: lab.port, host: '127.0.0.1' };
  const [silent, partial] = [connect(hello), connect(hello, () => partial.write(Uint8Array.of(40, 0, 0)))];
  try {
    const closed = [silent, partial].map(
      (socket) =>
        new Promise((resolve) =>
          socket
            .resume()
            .on('error', () => {})
            .on('close', resolve),
        ),
    );
    await Promise.all(closed);
    await expect
      .poll(
        () => log.filter((line) => /^NETWORK \[conn\d+\] no first message within 50 ms/.test(line)).length,
      )
      .toBe(2);
    expect((await run(lab.uri, {}, { password: LAB_PASSWORD })).outcome).toBe('ready');
  } finally {
    silent.destroy();
    partial.destroy();
    await lab.close();
  }
});
