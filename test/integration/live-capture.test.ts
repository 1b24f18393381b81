/**
 * The same connection live and captured has the same cause: every fault of the PostgreSQL lab and a set of scripted servers are met by a
 * Connect Test, its recordings are written as a capture, and the capture is read.
 */
import type { Socket } from 'node:net';
import { Binary, ObjectId } from 'bson';
import { afterEach, describe, expect, it } from 'vitest';
import { LAB_PASSWORD } from '../../src/lab/accounts';
import { startMongoLab } from '../../src/lab/mongo-lab';
import { startPostgresLab } from '../../src/lab/postgres-lab';
import type { ConnectResult } from '../../src/live/connect';
import type { Document } from '../../src/mongodb/wire/bson';
import { FAULTS } from '../../src/postgres/faults/faults';
import { type AskedCommand, decodeAgain, mongoServer, run, TinyServer } from './support';

/** Causes that only the live side can know, with the reason, and what a capture of the same says instead. */
const FORGIVEN: Readonly<Record<string, string>> = {
  LIVE_NAME_NOT_FOUND: 'a name is looked up before there is a packet',
  LIVE_NO_SOCKET_FILE: 'a Unix socket has no packets',
  LIVE_MECHANISM_NOT_SPOKEN: 'what this client cannot do is not said to the server',
  LIVE_NO_PASSWORD: 'that nobody gave a password shows as a client that leaves',
  LIVE_ROOT_MISSING: 'a file that is missing shows as a client that starts no TLS',
  LIVE_KEPT_WAITING: 'how long the whole attempt may take is not on the wire',
  LIVE_CANCELLED: 'a user who cancels shows as a client that leaves',
  MONGO_SET_NAME: 'replicaSet=… of the connection string is not said to the server',
  PG_SERVER_NOT_PROVED: 'whether the signature of the server is right is known only with the password',
  TCP_NO_ANSWER: 'the repeated SYNs of the operating system do not pass through this program',
};

function codes(traces: ConnectResult['traces']): string[] {
  return traces.map(({ diagnosis }) => diagnosis.code);
}

/** The codes of a run, once they are those of its capture or are forgiven. */
function compared({ traces, recordings, verdict }: ConnectResult): string[] {
  const live = codes(traces);
  // What has no packets is no connection of a capture: a look-up, a Unix socket.
  const wired = traces.filter(
    ({ steps, server }) => server.port > 0 && steps.some(({ layer }) => layer !== 'local'),
  );
  // Connections without a byte of the protocol are listed on its own port only.
  const usual = recordings
    .filter(({ server }) => server.port > 0)
    .map((recording) => ({
      ...recording,
      server: { ...recording.server, port: recording.protocol === 'postgres' ? 5432 : 27_017 },
    }));
  const captured = codes(decodeAgain(usual));
  const expected = codes(wired).map((code, at) => (code in FORGIVEN ? (captured[at] ?? code) : code));
  expect({ codes: captured, verdict }).toEqual({ codes: expected, verdict });
  return live;
}

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0)) await clean();
});

describe('faults of the PostgreSQL lab', () => {
  it.each(FAULTS)('$name', { timeout: 30_000 }, async (fault) => {
    const lab = await startPostgresLab({ fault });
    cleanups.push(() => lab.close());
    const result = await run(
      lab.uri,
      {},
      { password: LAB_PASSWORD, timeoutMs: fault.silent ? 1_500 : 10_000 },
    );
    expect(compared(result)).not.toEqual([]);
  });
});

const HELLO = {
  ismaster: true,
  maxBsonObjectSize: 16_777_216,
  maxMessageSizeBytes: 48_000_000,
  maxWriteBatchSize: 100_000,
  localTime: new Date(0),
  connectionId: 7,
  minWireVersion: 0,
  maxWireVersion: 21,
  readOnly: false,
  ok: 1,
};
const MEMBER = { ...HELLO, setName: 'rs0', hosts: ['127.0.0.1:1'], me: '127.0.0.1:1' };
const REFUSED = { ok: 0, errmsg: 'Authentication failed.', code: 18, codeName: 'AuthenticationFailed' };
const FORBIDDEN = {
  ok: 0,
  errmsg: 'command listDatabases requires authentication',
  code: 13,
  codeName: 'Unauthorized',
};

/** A mongod that answers hello with a document, and other commands as a row says. */
function mongod(hello: Document, other: (name: string) => Document = () => ({ ok: 1 })) {
  return mongoServer(({ name }: AskedCommand) => {
    if (name === 'ping') return { ok: 1 };
    return /^(hello|ismaster)$/i.test(name) ? hello : other(name);
  });
}

interface Scripted {
  readonly name: string;
  readonly server: () => Promise<TinyServer>;
  readonly uri: (port: number) => string;
  /** Of the last trace. */
  readonly code: string;
  readonly outcome?: 'ready' | 'failed';
  readonly verdict: RegExp;
}

const app = (port: number, query = '') => `mongodb://app_user:secret@127.0.0.1:${port}/${query}`;
const tiny = (handle: (socket: Socket) => void) => () => TinyServer.start(handle);
const say = (bytes: string | Uint8Array) => tiny((socket) => socket.once('data', () => socket.end(bytes)));

const MONGO: readonly Scripted[] = [
  {
    name: 'no login given, and the server demands one',
    server: () => mongod(HELLO, (name) => (name === 'listDatabases' ? FORBIDDEN : { ok: 1 })),
    uri: (port) => `mongodb://127.0.0.1:${port}/`,
    code: 'MONGO_AUTHENTICATION_REQUIRED',
    verdict: /requires authentication.*did not log in.*13/,
  },
  {
    name: 'no login given, and none is needed',
    server: () => mongod(HELLO),
    uri: (port) => `mongodb://127.0.0.1:${port}/`,
    code: 'MONGO_OPEN',
    outcome: 'ready',
    verdict: /^Connected/,
  },
  {
    name: 'members with addresses that do not answer',
    server: () => mongod({ ...MEMBER, primary: '127.0.0.1:1' }),
    uri: (port) => `mongodb://127.0.0.1:${port}/`,
    code: 'MONGO_MEMBER_NAMES',
    verdict:
      /^None of the members .* can be reached from here.*127\.0\.0\.1:1, which does not include the address.*directConnection=true/,
  },
  {
    name: 'no primary',
    server: () => mongod({ ...MEMBER, ismaster: false, secondary: true }),
    uri: (port) => `mongodb://127.0.0.1:${port}/?directConnection=true`,
    code: 'MONGO_NO_PRIMARY',
    outcome: 'ready',
    verdict: /has no primary/,
  },
  {
    name: 'no primary, for whoever reads and writes there',
    server: () => mongod({ ...MEMBER, hosts: [], ismaster: false, secondary: true }),
    uri: (port) => `mongodb://127.0.0.1:${port}/`,
    code: 'MONGO_NO_PRIMARY',
    verdict: /^The login worked, but readPreference is primary.*has no primary/,
  },
  {
    name: 'no primary, for whoever reads there',
    server: () => mongod({ ...MEMBER, hosts: [], ismaster: false, secondary: true }),
    uri: (port) => `mongodb://127.0.0.1:${port}/?readPreference=secondaryPreferred`,
    code: 'MONGO_NO_PRIMARY',
    outcome: 'ready',
    verdict: /has no primary(?!.*readPreference is primary)/,
  },
  {
    name: 'members that do not answer, for whoever connects to one alone',
    server: () => mongod({ ...MEMBER, primary: '127.0.0.1:1' }),
    uri: (port) => `mongodb://127.0.0.1:${port}/?directConnection=true`,
    code: 'MONGO_MEMBER_NAMES',
    outcome: 'ready',
    verdict: /^(?!.*None of the members)/,
  },
  {
    name: 'an arbiter',
    server: () => mongod({ ...MEMBER, ismaster: false, arbiterOnly: true }, () => REFUSED),
    uri: (port) => app(port, '?directConnection=true'),
    code: 'MONGO_ARBITER',
    verdict: /is an arbiter of rs0/,
  },
  {
    name: 'a member that is not initiated',
    server: () =>
      mongod(
        { ...HELLO, ismaster: false, isreplicaset: true, info: 'Does not have a valid replica set config' },
        () => REFUSED,
      ),
    uri: (port) => app(port),
    code: 'MONGO_NOT_INITIATED',
    verdict: /never initiated/,
  },
  {
    name: 'a member that recovers',
    server: () => mongod({ ...MEMBER, ismaster: false, secondary: false }, () => REFUSED),
    uri: (port) => app(port, '?directConnection=true'),
    code: 'MONGO_MEMBER_UNAVAILABLE',
    verdict: /rs0/,
  },
  {
    name: 'a hidden member',
    server: () =>
      mongod({ ...MEMBER, ismaster: false, secondary: true, hidden: true, primary: '127.0.0.1:1' }),
    uri: (port) => `mongodb://127.0.0.1:${port}/`,
    code: 'MONGO_MEMBER_NAMES',
    verdict: /is a hidden member/,
  },
  {
    name: 'a server of another age',
    server: () => mongod({ ...HELLO, maxWireVersion: 6 }),
    uri: (port) => `mongodb://127.0.0.1:${port}/`,
    code: 'MONGO_OLD_SERVER',
    outcome: 'ready',
    verdict: /wire versions up to 6 \(server 3\.6\): current drivers refuse/,
  },
  {
    name: 'loadBalanced=true without a service',
    server: () => mongod(HELLO),
    uri: (port) => app(port, '?loadBalanced=true'),
    code: 'MONGO_NO_SERVICE_ID',
    verdict: /loadBalanced=true.*without a serviceId/,
  },
  {
    name: 'loadBalanced=true behind a load balancer',
    server: () => mongod({ ...HELLO, msg: 'isdbgrid', serviceId: new ObjectId('65f000000000000000000001') }),
    uri: (port) => `mongodb://127.0.0.1:${port}/?loadBalanced=true`,
    code: 'MONGO_OPEN',
    outcome: 'ready',
    verdict: /^Connected/,
  },
  {
    name: 'another replica set',
    server: () => mongod(MEMBER),
    uri: (port) => `mongodb://127.0.0.1:${port}/?replicaSet=other`,
    code: 'MONGO_SET_NAME',
    verdict: /replica set.*rs0/,
  },
  {
    name: 'a refused user',
    server: () => mongod({ ...HELLO, saslSupportedMechs: ['SCRAM-SHA-256'] }, () => REFUSED),
    uri: (port) => app(port),
    code: 'MONGO_REFUSED_BEFORE_PROOF',
    verdict: /refused/,
  },
  {
    name: 'Atlas that misses the server name',
    server: () =>
      mongod(HELLO, () => ({ ok: 0, errmsg: 'no SNI name sent', code: 8000, codeName: 'AtlasError' })),
    uri: (port) => app(port),
    code: 'MONGO_ATLAS_NO_SNI',
    verdict: /no SNI name sent/,
  },
  {
    name: 'a mechanism that the server does not have',
    server: () =>
      mongod(HELLO, () => ({ ...REFUSED, errmsg: 'Unsupported authentication mechanism "PLAIN".' })),
    uri: (port) => app(port, '?authMechanism=PLAIN'),
    code: 'MONGO_MECHANISM_NOT_ENABLED',
    verdict: /does not support PLAIN/,
  },
  {
    name: 'a first command that is refused',
    server: () =>
      mongod(HELLO, (name) =>
        name === 'listDatabases'
          ? { ok: 0, errmsg: 'not now', code: 91, codeName: 'ShutdownInProgress' }
          : { ok: 1 },
      ),
    uri: (port) => `mongodb://127.0.0.1:${port}/`,
    code: 'MONGO_SHUTTING_DOWN',
    verdict: /shutting down/,
  },
  {
    name: 'a challenge with another nonce',
    server: () =>
      mongod(HELLO, () => ({
        conversationId: 1,
        done: false,
        payload: new Binary(Buffer.from('r=other,s=c2FsdHNhbHRzYWx0c2FsdA==,i=15000')),
        ok: 1,
      })),
    uri: (port) => app(port),
    code: 'MONGO_NONCE_CHANGED',
    verdict: /nonce/,
  },
  {
    name: 'accepted and closed',
    server: tiny((socket) => socket.end()),
    uri: (port) => app(port),
    code: 'TCP_CLOSED_AT_ONCE',
    verdict: /accepted the .*connection and closed it.*(proxy|tunnel)/s,
  },
  {
    name: 'closed on hello',
    server: tiny((socket) => socket.once('data', () => socket.end())),
    uri: (port) => app(port),
    code: 'MONGO_CLOSED_ON_HELLO',
    verdict: /hello.*tls=true/,
  },
  {
    name: 'no answer to hello',
    server: tiny(() => {}),
    uri: (port) => app(port),
    code: 'TCP_SERVER_SILENT',
    verdict: /did not answer isMaster/,
  },
  {
    name: 'HTTP',
    server: say('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'),
    uri: (port) => app(port),
    code: 'SERVICE_OTHER_ANSWERED',
    verdict: /HTTP/,
  },
  {
    name: 'TLS where there is none',
    server: tiny((socket) => socket.once('data', () => socket.destroy())),
    uri: (port) => app(port, '?tls=true'),
    code: 'TLS_CLOSED_ON_HELLO',
    verdict: /ClientHello|TLS/,
  },
  {
    name: 'nobody listens',
    server: tiny(() => {}),
    uri: () => app(1),
    code: 'TCP_REFUSED',
    verdict: /Connection refused: nothing is listening on 127\.0\.0\.1:1\./,
  },
  {
    name: 'a name that nobody knows',
    server: tiny(() => {}),
    uri: () => 'mongodb://app_user:secret@no-such-host.invalid/',
    code: 'LIVE_NAME_NOT_FOUND',
    verdict: /"no-such-host\.invalid" does not resolve/,
  },
  {
    name: 'a Unix socket that is not there',
    server: tiny(() => {}),
    uri: () => 'mongodb://%2Ftmp%2Fno-such-mongodb-27017.sock/',
    code: 'LIVE_NO_SOCKET_FILE',
    verdict: /no Unix socket at \/tmp\/no-such-mongodb-27017\.sock\. .*net\.unixDomainSocket/,
  },
  {
    name: 'a mechanism that this test does not have',
    server: () => mongod(HELLO),
    uri: (port) => `mongodb://app_user@127.0.0.1:${port}/?authMechanism=GSSAPI`,
    code: 'LIVE_MECHANISM_NOT_SPOKEN',
    verdict: /cannot log in with GSSAPI/,
  },
];

describe('scripted servers of MongoDB', () => {
  it.each(MONGO)('$name', { timeout: 30_000 }, async ({ server, uri, code, outcome = 'failed', verdict }) => {
    const started = await server();
    cleanups.push(() => started.stop());
    const result = await run(uri(started.port), {}, { timeoutMs: 1_500 });
    expect(result.verdict).toMatch(verdict);
    expect(compared(result).at(-1)).toBe(code);
    expect(result.outcome).toBe(outcome);
    expect(result.error === null).toBe(outcome === 'ready');
  });

  it('passes over a secondary that knows no primary, and goes on to the primary', {
    timeout: 30_000,
  }, async () => {
    const secondary = await mongod({ ...MEMBER, hosts: [], ismaster: false, secondary: true });
    const primary = await mongod({ ...MEMBER, hosts: [] });
    cleanups.push(
      () => secondary.stop(),
      () => primary.stop(),
    );
    const hosts = [secondary, primary].map(({ port }) => `127.0.0.1:${port}`);
    const result = await run(`mongodb://${hosts.join(',')}/`, {}, { timeoutMs: 1_500 });
    expect(result.outcome).toBe('ready');
    expect(result.traces).toHaveLength(2);
  });

  it('a wrong password at a real login, in the clear and in TLS', { timeout: 30_000 }, async () => {
    for (const tls of [false, true]) {
      const lab = await startMongoLab({ tls });
      cleanups.push(() => lab.close());
      const query = tls ? '?tls=true&tlsAllowInvalidCertificates=true' : '';
      const result = await run(
        `mongodb://app_user@localhost:${lab.port}/${query}`,
        {},
        { password: 'not it' },
      );
      expect(compared(result).at(-1)).toBe('MONGO_PROOF_REFUSED');
    }
  });
});

const pg = (port: number, query = '') => `postgresql://app_user:secret@127.0.0.1:${port}/orders${query}`;

const POSTGRES: readonly Scripted[] = [
  {
    name: 'accepted and closed',
    server: tiny((socket) => socket.end()),
    uri: (port) => pg(port),
    code: 'PG_SSL_REQUEST_CLOSED',
    verdict: /closed/,
  },
  {
    name: 'no answer',
    server: tiny(() => {}),
    uri: (port) => pg(port, '?sslmode=disable'),
    code: 'TCP_SERVER_SILENT',
    verdict: /127\.0\.0\.1/,
  },
  {
    name: 'SSH',
    server: tiny((socket) => socket.write('SSH-2.0-OpenSSH_9.2\r\n')),
    uri: (port) => pg(port),
    code: 'SERVICE_OTHER_ANSWERED',
    verdict: /SSH/,
  },
  {
    name: 'TLS declined',
    server: say('N'),
    uri: (port) => pg(port, '?sslmode=require'),
    code: 'PG_TLS_DECLINED',
    verdict: /TLS/,
  },
  {
    name: 'nobody listens',
    server: tiny(() => {}),
    uri: () => pg(1),
    code: 'TCP_REFUSED',
    verdict: /Connection refused: nothing is listening on 127\.0\.0\.1:1\./,
  },
  {
    name: 'a root certificate that is missing',
    server: tiny((socket) => socket.once('data', () => socket.write('S'))),
    uri: (port) => pg(port, '?sslmode=verify-ca&sslrootcert=/no/such/root.crt'),
    code: 'LIVE_ROOT_MISSING',
    verdict: /root certificate file "\/no\/such\/root\.crt" does not exist/,
  },
];

describe('scripted servers of PostgreSQL', () => {
  it.each(POSTGRES)('$name', { timeout: 30_000 }, async ({ server, uri, code, verdict }) => {
    const started = await server();
    cleanups.push(() => started.stop());
    const result = await run(uri(started.port), {}, { timeoutMs: 1_500 });
    expect(result.verdict).toMatch(verdict);
    expect(compared(result).at(-1)).toBe(code);
    expect(result.outcome).toBe('failed');
  });
});
