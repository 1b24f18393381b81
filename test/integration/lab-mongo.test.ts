import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LAB_PASSWORD } from '../../src/lab/accounts';
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
    expect(path(trace).at(-1)).toBe('READY');
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
    expect(result.traces[0].findings.map(({ code }) => code)).toContain('MG_CLOSED_BEFORE_HELLO');
  } finally {
    await lab.close();
  }
});
