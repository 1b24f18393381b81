/** What a person reads when a Connect Test of MongoDB does not end well: the cause, and the next step, case by case. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createServer, type Server } from 'node:tls';
import { Binary } from 'bson';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LAB_PASSWORD } from '../../src/lab/accounts';
import { type MongoLab, startMongoLab } from '../../src/lab/mongo-lab';
import { decodeAgain, mongoServer, run, TinyServer } from './support';

const folder = mkdtempSync(path.join(os.tmpdir(), 'handshake-verdicts-'));
const file = (name: string) => path.join(folder, name);
let plain: MongoLab;
let secure: MongoLab;
/** A TLS server that insists on a client certificate. */
let strict: Server;

beforeAll(async () => {
  plain = await startMongoLab();
  secure = await startMongoLab({ tls: true });
  const client = await secure.issueClient('app_client');
  writeFileSync(file('ca.pem'), secure.caCertificatePem);
  writeFileSync(file('client.pem'), `${client.certificate}\n${client.key}`);
  writeFileSync(file('mixed.pem'), `${client.certificate}\n${(await secure.issueClient('other')).key}`);
  writeFileSync(file('rubbish.pem'), 'no certificate');
  strict = createServer({
    cert: client.certificate,
    key: client.key,
    ca: secure.caCertificatePem,
    requestCert: true,
    rejectUnauthorized: true,
  });
  strict.on('tlsClientError', () => undefined);
  strict.on('secureConnection', (socket) => socket.on('error', () => undefined));
  await new Promise<void>((resolve) => strict.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  strict?.close();
  await Promise.all([plain?.close(), secure?.close()]);
  rmSync(folder, { recursive: true, force: true });
});

const strictPort = (): number => {
  const address = strict.address();
  return typeof address === 'object' && address ? address.port : 0;
};
const x509 = (name: string) =>
  `tls=true&tlsCAFile=${file('ca.pem')}&authMechanism=MONGODB-X509&tlsCertificateKeyFile=${file(name)}`;
const anyCertificate = 'tls=true&tlsAllowInvalidCertificates=true';

interface Case {
  readonly name: string;
  readonly uri: () => string;
  readonly password?: string;
  readonly code: string | null;
  readonly verdict: RegExp;
  /** The cause of the last trace. */
  readonly cause?: string;
}

const CASES: readonly Case[] = [
  {
    name: 'a wrong password',
    uri: () => `app_user@localhost:${plain.port}/`,
    password: 'not it',
    code: '18',
    verdict: /refused the password of app_user@admin with SCRAM-SHA-256: .* authSource=admin/,
    cause: 'MONGO_PROOF_REFUSED',
  },
  {
    name: 'a host that nobody knows',
    uri: () => 'app_user@no-such-host.invalid:27017/',
    code: 'ENOTFOUND',
    verdict: /"no-such-host\.invalid" does not resolve to an address\. Check the spelling/,
  },
  {
    name: 'TLS required',
    uri: () => `app_user@localhost:${secure.port}/`,
    code: 'MONGO_CLOSED',
    verdict: /without answering hello\. .* set tls=true/,
    cause: 'MONGO_CLOSED_ON_HELLO',
  },
  {
    name: 'TLS where there is none',
    uri: () => `app_user@localhost:${plain.port}/?tls=true`,
    code: 'TLS_CLOSED',
    verdict: /net\.tls\.mode/,
    cause: 'TLS_CLOSED_ON_HELLO',
  },
  {
    name: 'a certificate that is not trusted',
    uri: () => `app_user@localhost:${secure.port}/?tls=true`,
    code: 'SELF_SIGNED_CERT_IN_CHAIN',
    verdict: /does not trust the authority .* tlsCAFile/,
    cause: 'TLS_CERTIFICATE_UNTRUSTED',
  },
  {
    name: 'a client certificate, let in',
    uri: () => `localhost:${secure.port}/?${x509('client.pem')}`,
    code: null,
    verdict: /CN=app_client@\$external is authenticated with MONGODB-X509/,
  },
  {
    name: 'a file without a private key',
    uri: () => `localhost:${secure.port}/?${x509('ca.pem')}`,
    code: 'ERR_OSSL_UNSUPPORTED',
    verdict: /private key file ".*ca\.pem" could not be loaded\. .*tlsCertificateKeyFilePassword/,
  },
  {
    name: 'a certificate and the key of another',
    uri: () => `localhost:${secure.port}/?${x509('mixed.pem')}`,
    code: 'ERR_OSSL_X509_KEY_VALUES_MISMATCH',
    verdict: /do not belong together/,
  },
  {
    name: 'a file that is not PEM',
    uri: () => `localhost:${secure.port}/?${x509('rubbish.pem')}`,
    code: 'ERR_OSSL_PEM_NO_START_LINE',
    verdict: /rubbish\.pem" cannot be read\. .*in PEM/,
  },
  {
    name: 'a file that is not there',
    uri: () => `localhost:${secure.port}/?${x509('missing.pem')}`,
    code: 'CERTIFICATE_FILE',
    verdict: /missing\.pem" cannot be read \(ENOENT\)\. Check its path/,
  },
  {
    name: 'X.509 without TLS',
    uri: () => `localhost:${plain.port}/?authMechanism=MONGODB-X509`,
    code: '17',
    verdict: /Set tls=true and tlsCertificateKeyFile/,
    cause: 'MONGO_X509_WITHOUT_TLS',
  },
  {
    name: 'a server that demands a client certificate, in TLS 1.3 told after the handshake',
    uri: () => `localhost:${strictPort()}/?${anyCertificate}`,
    code: 'TLS_CERTIFICATE_REQUIRED',
    verdict: /tlsCertificateKeyFile/,
    cause: 'TLS_CLIENT_CERTIFICATE_MISSING',
  },
  {
    name: 'two hosts, the first down',
    uri: () => `app_user@127.0.0.1:1,localhost:${plain.port}/`,
    password: LAB_PASSWORD,
    code: null,
    verdict:
      /^Connected to .* Before it, 1 of the 2 hosts could not be used\. Connection refused: nothing is listening on 127\.0\.0\.1:1\./,
  },
  {
    name: 'two hosts, none there',
    uri: () => 'app_user@no-such-host.invalid:1,127.0.0.1:2/?replicaSet=rs0',
    code: 'ENOTFOUND',
    verdict:
      /^None of the 2 hosts can be used\. The name "no-such-host\.invalid" .* nothing is listening on 127\.0\.0\.1:2\. Check the spelling/,
  },
  {
    name: 'a replica set whose members are none',
    uri: () => `app_user@127.0.0.1:1,localhost:${plain.port}/?replicaSet=rs0`,
    password: LAB_PASSWORD,
    code: 'MONGO_REPLICA_SET',
    verdict:
      /^None of the 2 hosts can be used\. .* localhost:\d+: The client expects a replica set .*replicaSet/,
  },
  ...['GSSAPI', 'MONGODB-AWS', 'MONGODB-OIDC'].map((mechanism) => ({
    name: `${mechanism}, which is reported and not performed`,
    uri: () => {
      const user = mechanism === 'GSSAPI' ? 'app_user@' : '';
      const environment = mechanism === 'MONGODB-OIDC' ? '&authMechanismProperties=ENVIRONMENT:test' : '';
      return `${user}localhost:${plain.port}/?authMechanism=${mechanism}${environment}`;
    },
    code: 'MONGO_MECHANISM_UNSUPPORTED',
    verdict: new RegExp(`cannot log in with ${mechanism}; .*Capture the application's own connection`),
  })),
];

describe('the verdict on', () => {
  it.each(CASES)('$name', async ({ uri, password, code, verdict, cause }) => {
    const result = await run(`mongodb://${uri()}`, {}, { password });
    expect(result.error?.code ?? null).toBe(code);
    expect(result.verdict).toMatch(verdict);
    expect(result.traces.length).toBeGreaterThan(0);
    if (cause !== undefined) expect(result.traces.at(-1)?.diagnosis.code).toBe(cause);
  });
});

describe('a server that answers the first bytes with a TLS alert', () => {
  it.each([
    ['internal_error', 80, 'TLS_INTERNAL_ERROR', /Atlas, .* IP access list/],
    ['protocol_version', 70, 'TLS_NO_COMMON_VERSION', /no TLS version in common/],
    ['handshake_failure', 40, 'TLS_NO_COMMON_CIPHER', /no cipher suite/],
  ])(
    '%s: is understood where TLS was asked for, and is no MongoDB where it was not',
    async (name, alert, cause, words) => {
      const server = await TinyServer.start((socket) => {
        socket.once('data', () => socket.end(Uint8Array.of(21, 3, 3, 0, 2, 2, alert)));
      });
      try {
        const secure = await run(`mongodb://127.0.0.1:${server.port}/?tls=true`);
        expect(secure.error?.from).toBe('server');
        expect(secure.verdict).toMatch(words);
        expect(secure.traces[0].error?.code).toBe(`TLS_${name.toUpperCase()}`);
        expect(secure.traces[0].diagnosis.code).toBe(cause);
        const clear = await run(`mongodb://127.0.0.1:${server.port}/`);
        expect(clear.traces[0].diagnosis.code).toBe('SERVICE_TLS_EXPECTED');
      } finally {
        await server.stop();
      }
    },
  );
});

describe('a first command that is refused', () => {
  const hello = { ok: 1, ismaster: true, maxWireVersion: 21 };
  const refusal = { ok: 0, code: 498870, codeName: 'Location498870', errmsg: 'apiVersion is required' };

  it.each([
    ['without a login', '', 'MONGO_API_VERSION'],
    ['after a login', 'authMechanism=PLAIN', 'MONGO_API_VERSION'],
  ])('%s: ends the test with the words of the server', async (_what, options, cause) => {
    const server = await mongoServer(({ name }) => {
      if (name === 'ping' || name === 'listDatabases') return refusal;
      return name === 'saslStart' ? { ok: 1, conversationId: 1, done: true, payload: new Binary() } : hello;
    });
    const user = options === '' ? '' : 'app_user:pencil@';
    try {
      const result = await run(`mongodb://${user}127.0.0.1:${server.port}/?${options}`);
      expect(result.outcome).toBe('failed');
      expect(result.error).toMatchObject({ from: 'server', code: '498870' });
      expect(result.traces[0].diagnosis.code).toBe(cause);
      expect(result.verdict).toMatch(/"apiVersion is required" .* serverApi/);
      if (options === '') expect(result.traces[0]).toMatchObject({ outcome: 'failed', error: result.error });
    } finally {
      await server.stop();
    }
  });

  it('for want of a login is explained as that', async () => {
    const server = await mongoServer(({ name }) =>
      name === 'listDatabases'
        ? { ok: 0, code: 13, errmsg: 'command listDatabases requires authentication' }
        : hello,
    );
    try {
      const result = await run(`mongodb://127.0.0.1:${server.port}/`);
      expect(result.traces[0].diagnosis.code).toBe('MONGO_AUTHENTICATION_REQUIRED');
      expect(result.traces[0].outcome).toBe('failed');
    } finally {
      await server.stop();
    }
  });
});

it('a capture of two clients names the database in which the other found the user', async () => {
  const good = await run(`mongodb://app_user@localhost:${plain.port}/`, {}, { password: LAB_PASSWORD });
  const bad = await run(`mongodb://app_user@localhost:${plain.port}/shop`, {}, { password: LAB_PASSWORD });
  expect([good.outcome, bad.outcome]).toEqual(['ready', 'failed']);
  const traces = decodeAgain([...good.recordings, ...bad.recordings]);
  expect(traces.map(({ diagnosis }) => diagnosis.code)).toEqual(['MONGO_READY', 'MONGO_WRONG_AUTH_SOURCE']);
  expect(traces[1].diagnosis.params).toMatchObject({ found: 'admin', earlier: 't1' });
});

describe('a replica set that names its members', () => {
  /** A member that lets everybody in and names `hosts`. */
  const member = (hosts: () => readonly string[]) =>
    mongoServer(() => ({ ok: 1, ismaster: true, setName: 'rs0', hosts: [...hosts()], maxWireVersion: 21 }));

  it.each([
    [
      'one of which is not known here',
      (me: string) => [me, 'no-such-host.invalid:27017'],
      '',
      /2 members .* 1 cannot be reached .*no-such-host/,
    ],
    [
      'none of which can be reached',
      () => ['127.0.0.1:1', '[::1]:1'],
      '',
      /[Nn]one of the members .* can be reached from here/,
    ],
    ['which are not asked for', () => ['no-such-host.invalid:27017'], 'directConnection=true&', null],
    ['which can all be reached', (me: string) => [me], '', null],
  ] as const)('%s', async (what, hosts, options, told) => {
    let me = '';
    const server = await member(() => hosts(me));
    me = `localhost:${server.port}`;
    try {
      const result = await run(`mongodb://127.0.0.1:${server.port}/?${options}replicaSet=rs0`);
      // With none of them a driver finds no server.
      expect(result.outcome).toBe(what.startsWith('none') ? 'failed' : 'ready');
      if (what.startsWith('none')) {
        expect(result.error?.message).toMatch(/a driver.*finds no server/);
        expect(result.verdict).toMatch(
          /^None of the members .* What this connection showed: Connected to a primary of rs0/,
        );
      } else expect(result.verdict).toMatch(/^Connected to a primary of rs0/);
      if (told) expect(result.verdict).toMatch(told);
      else expect(result.verdict).not.toMatch(/reached from here/);
    } finally {
      await server.stop();
    }
  });
});
