import { describe, expect, it } from 'vitest';
import type { ProtocolObserver } from '../../../src/inspect/observer';
import type { DriverOptions } from '../../../src/mongodb/client/client-options';
import type { ServiceOptions } from '../../../src/mongodb/server/service';
import { buildMsg, buildQuery, buildReply } from '../../../src/mongodb/wire/wire-build';
import { shape, Watcher } from './observe';
import { makeLab, runPair } from './support';

const USER = { user: 'app_user', db: 'admin', password: 'correct horse' };
const ALL = { ...USER, mechanisms: ['MONGODB-CR', 'SCRAM-SHA-1', 'SCRAM-SHA-256'] as const };

async function observe(client: Partial<DriverOptions>, server: Partial<ServiceOptions> = {}) {
  const lab = await makeLab([ALL], server);
  const watcher = new Watcher();
  const clientStates: string[][] = [];
  const pair = runPair(lab, client, {
    watch: (event, driver) => {
      watcher.feed(event);
      if (event.kind !== 'open') clientStates.push([...driver.path]);
    },
  });
  return { trace: watcher.finish(), pair, observer: watcher.observer, clientStates };
}

const SECRET_NAME = /^(payload|nonce|key|proof|salt|server signature)/;

describe('the observer of a whole handshake', () => {
  it('fits the interface of the inspection room', () => {
    const observer: ProtocolObserver = new Watcher().observer;
    expect(observer.settled).toBe(false);
  });

  it('names every step of a speculative SCRAM-SHA-256 login', async () => {
    const { trace, observer } = await observe({ user: USER.user, password: USER.password });
    expect(trace.steps.map((step) => [step.message, step.clientState, step.serverState])).toEqual([
      ['SYN', 'CONNECTING', 'LISTENING'],
      ['SYN+ACK', 'CONNECTED', 'RECEIVE_LOOP'],
      ['isMaster', 'HANDSHAKE', 'CmdIsMaster'],
      ['isMaster reply', 'SASL_CHALLENGED', 'SASL_SESSION'],
      ['saslContinue', 'SASL_CONTINUE', 'CmdSaslContinue'],
      ['saslContinue reply', 'AUTHENTICATED', 'AUTHORIZED'],
      ['ping', 'COMMAND', 'runAgainstRegistered'],
      ['ping reply', 'READY', 'AUTHORIZED'],
    ]);
    expect(trace.outcome).toBe('ready');
    expect(trace.auth).toEqual({
      mechanism: 'SCRAM-SHA-256',
      user: 'app_user',
      database: 'admin',
      outcome: 'ok',
    });
    expect(trace.verdict).toBe('Connected to a mongos: app_user@admin is authenticated with SCRAM-SHA-256.');
    expect(trace.findings.map((finding) => finding.code)).toEqual(['MG_CREDENTIALS_WITHOUT_TLS']);
    expect(observer.settled).toBe(true);
  });

  it('names the steps of MONGODB-CR', async () => {
    const { trace } = await observe({ user: USER.user, password: USER.password, mechanism: 'MONGODB-CR' });
    expect(trace.steps.map((step) => step.message)).toEqual([
      'SYN',
      'SYN+ACK',
      'isMaster',
      'isMaster reply',
      'getnonce',
      'getnonce reply',
      'authenticate',
      'authenticate reply',
      'ping',
      'ping reply',
    ]);
    expect(trace.auth.mechanism).toBe('MONGODB-CR');
    expect(trace.findings.map((finding) => finding.code)).toContain('MG_CR');
  });

  const agree: readonly {
    readonly client: Partial<DriverOptions>;
    readonly server?: Partial<ServiceOptions>;
  }[] = [
    { client: {}, server: { authorization: false } },
    { client: { user: USER.user, password: USER.password } },
    { client: { user: USER.user, password: USER.password, speculative: false } },
    { client: { user: USER.user, password: USER.password, mechanism: 'SCRAM-SHA-1' } },
    { client: { user: USER.user, password: USER.password, mechanism: 'MONGODB-CR' } },
    { client: { user: USER.user, password: USER.password }, server: { maxWireVersion: 3 } },
    { client: { user: USER.user, password: USER.password }, server: { maxWireVersion: 2 } },
    { client: { user: USER.user, password: 'wrong' } },
    { client: { user: USER.user, password: 'wrong', mechanism: 'MONGODB-CR' } },
    {
      client: { user: USER.user, password: USER.password, mechanism: 'SCRAM-SHA-256' },
      server: { mechanisms: [] },
    },
  ];

  it.each(agree)(
    'sees the states that the client goes through: $client $server',
    async ({ client, server }) => {
      const { trace, pair } = await observe(client, server);
      const observed = trace.steps.map((step) => step.clientState);
      // The driver also reaches CLOSED or stays; an observer that has settled does not look that far.
      const expected = pair.client.path.slice(0, observed.length);
      expect(observed.slice(0, expected.length)).toEqual(expected);
      expect(trace.outcome).toBe(pair.ready ? 'ready' : 'failed');
      expect(trace.error?.code).toBe(pair.error?.code);
      expect(trace.auth.outcome).toBe(pair.client.mechanism ? (pair.ready ? 'ok' : 'failed') : 'unknown');
    },
  );

  it('reads the same whatever the segments are', async () => {
    const lab = await makeLab([ALL]);
    const { events } = runPair(lab, { user: USER.user, password: USER.password, speculative: false });
    const traces = [Number.POSITIVE_INFINITY, 1, 7, 100].map((chunk) => {
      const watcher = new Watcher();
      for (const event of events) watcher.feed(event, chunk);
      return shape(watcher.finish());
    });
    for (const trace of traces.slice(1)) expect(trace).toEqual(traces[0]);
  });

  it('marks every secret', async () => {
    for (const mechanism of ['MONGODB-CR', 'SCRAM-SHA-1', 'SCRAM-SHA-256'] as const) {
      const { trace } = await observe({ user: USER.user, password: USER.password, mechanism });
      const open: string[] = [];
      const visit = (fields: (typeof trace.steps)[number]['fields'], secret: boolean): void => {
        for (const field of fields) {
          // A SCRAM payload is taken apart: its attributes are what is secret then, and its value is only a length.
          const parted = field.name === 'payload' && (field.fields ?? []).length > 0;
          if (!parted && !secret && !field.secret && SECRET_NAME.test(field.name)) open.push(field.name);
          if (parted) expect(field.value).toMatch(/^SCRAM message of \d+ bytes$/);
          visit(field.fields ?? [], secret || Boolean(field.secret));
        }
      };
      for (const step of trace.steps) visit(step.fields, false);
      expect(open).toEqual([]);
      expect(JSON.stringify(trace.steps.map((step) => step.summary))).not.toMatch(/[A-Za-z0-9+/]{24}/);
    }
  });
});

describe('what an observer concludes', () => {
  it('explains a refusal', async () => {
    const { trace } = await observe({ user: USER.user, password: 'wrong' });
    expect(trace.error).toMatchObject({ from: 'server', code: '18' });
    expect(trace.diagnosis.code).toBe('MONGO_PROOF_REFUSED');
    expect(trace.verdict).toContain('authSource=admin');
  });

  it('tells a mechanism that is not enabled from a wrong password', async () => {
    const { trace } = await observe(
      { user: USER.user, password: 'x', mechanism: 'SCRAM-SHA-256' },
      { mechanisms: [] },
    );
    expect(trace.error?.code).toBe('334');
    expect(trace.diagnosis.code).toBe('MONGO_MECHANISM_NOT_ENABLED');
  });

  it('explains a driver that refuses few iterations', async () => {
    const lab = await makeLab([{ ...USER, iterations: { 'SCRAM-SHA-256': 1000 } }]);
    const watcher = new Watcher();
    const pair = runPair(
      lab,
      { user: USER.user, password: USER.password },
      { watch: (event) => watcher.feed(event) },
    );
    const trace = watcher.finish();
    expect(pair.error?.code).toBe('SCRAM_BAD_ITERATIONS');
    expect(trace.outcome).toBe('failed');
    expect(trace.auth.outcome).toBe('abandoned');
    expect(trace.verdict).toContain('1000');
    expect(trace.diagnosis.code).toBe('MONGO_TOO_FEW_ITERATIONS');
  });

  it('says that authentication is required', () => {
    const watcher = new Watcher();
    for (const from of ['client', 'server'] as const) watcher.feed({ kind: 'open', from });
    watcher.bytes('client', buildQuery(1, 'admin', { isMaster: 1 }));
    watcher.bytes('server', buildReply(1, 1, { ismaster: true, maxWireVersion: 21, ok: 1 }));
    watcher.bytes('client', buildMsg(2, 0, { find: 'orders', $db: 'shop' }));
    watcher.bytes(
      'server',
      buildMsg(2, 2, { ok: 0, code: 13, errmsg: 'command find requires authentication' }),
    );
    const trace = watcher.finish();
    expect(trace.outcome).toBe('failed');
    expect(trace.error?.code).toBe('13');
    expect(trace.auth.mechanism).toBeNull();
  });

  it('takes a connection that only says hello for a monitor', () => {
    const watcher = new Watcher();
    watcher.feed({ kind: 'open', from: 'client' });
    for (const id of [1, 2, 3]) {
      watcher.bytes('client', buildMsg(id, 0, { hello: 1, $db: 'admin' }));
      watcher.bytes('server', buildMsg(id, id, { isWritablePrimary: true, setName: 'rs0', ok: 1 }));
    }
    const trace = watcher.finish();
    expect(trace.outcome).toBe('ready');
    expect(trace.verdict).toContain('primary of rs0');
  });

  it.each([
    { state: 'before hello was answered', answered: false, code: 'MONGO_CLOSED_ON_HELLO' },
    { state: 'after hello', answered: true, code: 'MONGO_CLOSED_AFTER_HELLO' },
  ])('notices a server that closes $state', ({ answered, code }) => {
    const watcher = new Watcher();
    for (const from of ['client', 'server'] as const) watcher.feed({ kind: 'open', from });
    watcher.bytes('client', buildQuery(1, 'admin', { isMaster: 1 }));
    if (answered) watcher.bytes('server', buildReply(1, 1, { ismaster: true, ok: 1 }));
    watcher.feed({ kind: 'close', from: 'server' });
    const trace = watcher.finish();
    expect(trace.outcome).toBe('failed');
    expect(trace.diagnosis.code).toBe(code);
  });

  it('survives a gap and reads on where a segment starts with a message', () => {
    const watcher = new Watcher();
    watcher.feed({ kind: 'open', from: 'client' });
    watcher.bytes('client', buildQuery(1, 'admin', { isMaster: 1 }));
    watcher.bytes('server', buildReply(1, 1, { ismaster: true, ok: 1 }).subarray(0, 20));
    watcher.observer.handleGap('server', 1_000, watcher.mark());
    watcher.bytes('server', new Uint8Array(50).fill(0xee));
    watcher.bytes('server', buildReply(2, 1, { ismaster: true, ok: 1 }));
    const trace = watcher.finish();
    expect(trace.steps.map((step) => step.message)).toEqual(['SYN', 'isMaster', 'isMaster reply']);
    expect(trace.diagnosis.code).toBe('CAPTURE_BYTES_MISSING');
  });
});
