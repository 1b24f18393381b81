import { describe, expect, it } from 'vitest';
import { hex, utf8Bytes } from '../../../src/base/bytes';
import type { HbaMethod } from '../../../src/postgres/backend/backend-options';
import type { Encryption } from '../../../src/postgres/client/client-options';
import { CHUNKS } from './feed';
import { runPair } from './pair';
import { hba, PASSWORD, scramVerifier, testBackend, testClient, testServer } from './server';

const AFTER_STARTUP = [
  'CONNECTION_AWAITING_RESPONSE',
  'CONNECTION_AUTH_OK',
  'CONNECTION_CHECK_TARGET',
  'CONNECTION_OK',
];
const BEFORE: Record<Encryption, readonly string[]> = {
  plain: ['CONNECTION_NEEDED', 'CONNECTION_STARTED', 'CONNECTION_MADE'],
  ssl: [
    'CONNECTION_NEEDED',
    'CONNECTION_STARTED',
    'CONNECTION_MADE',
    'CONNECTION_SSL_STARTUP',
    'CONNECTION_MADE',
  ],
  direct: [
    'CONNECTION_NEEDED',
    'CONNECTION_STARTED',
    'CONNECTION_MADE',
    'CONNECTION_SSL_STARTUP',
    'CONNECTION_MADE',
  ],
};

const METHODS: readonly (readonly [method: HbaMethod, user: string, mechanism: string])[] = [
  ['trust', 'app_user', 'trust'],
  ['password', 'app_user', 'password'],
  ['password', 'old_user', 'password'],
  ['md5', 'old_user', 'md5'],
  // With a SCRAM verifier, md5 in pg_hba.conf means SCRAM.
  ['md5', 'app_user', 'scram-sha-256'],
  ['scram-sha-256', 'app_user', 'scram-sha-256'],
];

const CASES = METHODS.flatMap(([method, user, mechanism]) =>
  (['plain', 'ssl', 'direct'] as const).map((encryption) => ({ method, user, mechanism, encryption })),
);

describe('client, backend and observer together', () => {
  it.each(CASES)('$method for $user over $encryption', ({ method, user, mechanism, encryption }) => {
    for (const chunk of CHUNKS) {
      const client = testClient({ user, encryption });
      const backend = testBackend(testServer({ hba: [hba(method)] }));
      const { trace, disagreements, clientStates } = runPair(client, backend, { chunk });
      expect(disagreements).toEqual([]);
      expect(client.failure).toBeNull();
      expect(client.phase).toBe('ready');
      expect(backend.phase).toBe('ready');
      expect(client.mechanism).toBe(mechanism);
      expect(trace.auth).toEqual({ mechanism, user, database: 'app', outcome: 'ok' });
      expect(trace.outcome).toBe('ready');
      expect(trace.error).toBeNull();
      expect(trace.diagnosis.code).toBe('PG_READY');
      expect(trace.verdict).toContain(`Connected as ${user} to app`);
      expect(clientStates).toEqual([...BEFORE[encryption], ...AFTER_STARTUP]);
      expect(client.backendKey?.processId).toBe(4711);
      expect(hex(client.backendKey?.secretKey ?? new Uint8Array(0))).toBe(hex(backend.cancelKey));
      expect(client.parameters.get('server_version')).toBe('18.4');
    }
  });

  it('marks the steps that libpq does not show, and only those', () => {
    const { trace } = runPair(testClient(), testBackend());
    const internal = trace.steps.filter((step) => step.internal).map((step) => step.clientState);
    expect(internal).toEqual(['CONNECTION_NEEDED', 'CONNECTION_CHECK_TARGET']);
  });

  it.each([
    ['scram-sha-256', 'app_user'],
    ['password', 'app_user'],
    ['md5', 'old_user'],
    ['scram-sha-256', 'nobody'],
    ['scram-sha-256', 'no_password'],
    ['scram-sha-256', 'old_user'],
  ] as const)('rejects a wrong password: %s for %s', (method, user) => {
    const client = testClient({ user, password: 'wrong' });
    const { trace, disagreements, log } = runPair(client, testBackend(testServer({ hba: [hba(method)] })));
    expect(disagreements).toEqual([]);
    expect(client.failure?.kind).toBe('error-response');
    expect(client.failure?.error).toEqual({
      from: 'server',
      code: '28P01',
      message: `FATAL: password authentication failed for user "${user}"`,
    });
    expect(trace.outcome).toBe('failed');
    expect(trace.auth.outcome).toBe('failed');
    expect(trace.error).toEqual(client.failure?.error);
    expect(trace.verdict).toContain(`rejected the password of user "${user}"`);
    // Only the log tells the cases apart.
    expect(log.some((line) => line.level === 'FATAL' && (line.detail ?? '') !== '')).toBe(true);
  });

  it('lets nobody in whose role does not exist, whatever the password', () => {
    const client = testClient({ user: 'nobody', password: '' });
    runPair(client, testBackend(), { password: '' });
    expect(client.phase).not.toBe('ready');
  });

  it.each([
    ['a role that does not exist', { user: 'nobody' }, '28000', 'role "nobody" does not exist'],
    [
      'a role that may not log in',
      { user: 'no_login' },
      '28000',
      'role "no_login" is not permitted to log in',
    ],
    ['a database that does not exist', { database: 'nowhere' }, '3D000', 'database "nowhere" does not exist'],
  ] as const)('tells authentication apart from %s', (_, options, code, message) => {
    const client = testClient(options);
    const { trace, disagreements } = runPair(client, testBackend(testServer({ hba: [hba('trust')] })));
    expect(disagreements).toEqual([]);
    expect(trace.auth.outcome).toBe('ok');
    expect(trace.outcome).toBe('failed');
    expect(trace.error).toEqual({ from: 'server', code, message: `FATAL: ${message}` });
    // After AuthenticationOk libpq does not try another encryption.
    expect(client.failure?.kind).toBe('final');
  });

  it('goes on in the clear on the same connection when SSL is refused and that is allowed', () => {
    const client = testClient({ encryption: 'ssl', plainAfterRefusal: true });
    const { trace, disagreements, clientStates } = runPair(client, testBackend(testServer({ ssl: false })));
    expect(disagreements).toEqual([]);
    expect(trace.ssl).toEqual({ requested: true, answer: 'N', direct: false });
    expect(trace.outcome).toBe('ready');
    expect(clientStates).toEqual([...BEFORE.ssl, ...AFTER_STARTUP]);
    expect(trace.findings.map((finding) => finding.code)).toContain('PG_SSL_REFUSED');
  });

  it('stops with the words of libpq when SSL is refused and required', () => {
    const client = testClient({ encryption: 'ssl' });
    const { trace } = runPair(client, testBackend(testServer({ ssl: false })));
    expect(client.failure).toEqual({
      kind: 'final',
      error: {
        from: 'client',
        code: 'SSL_REFUSED',
        message: 'server does not support SSL, but SSL was required',
      },
    });
    expect(trace.error?.code).toBe('SSL_REFUSED');
    expect(trace.diagnosis.code).toBe('PG_TLS_DECLINED');
  });

  it('asks for the password when it has none, and gives up when there is none', () => {
    const asked = testClient({ password: undefined });
    expect(runPair(asked, testBackend(), { password: PASSWORD }).trace.outcome).toBe('ready');
    const none = testClient({ password: undefined });
    const { trace } = runPair(none, testBackend());
    expect(none.failure?.error.message).toBe('fe_sendauth: no password supplied');
    expect(trace.auth.outcome).toBe('abandoned');
    expect(trace.error).toMatchObject({ from: 'client', code: 'AUTH_ABANDONED' });
  });

  it('fails by TLS and says so', () => {
    const client = testClient({ encryption: 'ssl' });
    const { trace } = runPair(client, testBackend(), { tls: false });
    expect(client.failure?.kind).toBe('tls');
    expect(trace.error).toMatchObject({ from: 'client', code: 'TLS_UNKNOWN_CA' });
    expect(trace.diagnosis.code).toBe('TLS_CERTIFICATE_UNTRUSTED');
  });

  it.each([
    ['direct', null, 'direct SSL connection was established without ALPN protocol negotiation extension'],
    ['ssl', 'h2', 'SSL connection was established with unexpected ALPN protocol'],
  ] as const)('refuses TLS over %s with ALPN %s', (encryption, alpn, message) => {
    const client = testClient({ encryption });
    runPair(client, testBackend(), { alpn });
    expect(client.failure).toMatchObject({ kind: 'tls', error: { code: 'TLS_ALPN', message } });
  });

  it('takes TLS after SSLRequest without ALPN: older servers have none', () => {
    const client = testClient({ encryption: 'ssl' });
    expect(runPair(client, testBackend(), { alpn: null }).trace.outcome).toBe('ready');
  });

  it('stops at unencrypted bytes behind S (CVE-2021-23222)', () => {
    const client = testClient({ encryption: 'ssl' });
    const tamper = (from: string, bytes: Uint8Array) =>
      from === 'server' && bytes[0] === 0x53 && bytes.length === 1 ? utf8Bytes('SE') : bytes;
    const { trace } = runPair(client, testBackend(), { tamper });
    expect(client.failure?.error).toMatchObject({
      code: 'SSL_SURPLUS',
      message: 'received unencrypted data after SSL response',
    });
    expect(trace.findings.map((finding) => finding.code)).toContain('PG_SURPLUS_AFTER_SSL_RESPONSE');
    expect(trace.error?.code).toBe('SSL_SURPLUS');
    expect(trace.verdict).toContain('CVE-2021-23222');
  });

  it('asks a server that speaks an older protocol for less, and notes it', () => {
    const max = { major: 3, minor: 2 };
    const client = testClient({ maxProtocolVersion: max });
    const server = testServer({ maxProtocolVersion: { major: 3, minor: 0 } });
    const { trace, disagreements } = runPair(client, testBackend(server));
    expect(disagreements).toEqual([]);
    expect(client.protocolVersion).toEqual({ major: 3, minor: 0 });
    expect(client.backendKey?.secretKey).toHaveLength(4);
    expect(trace.findings.map((finding) => finding.code)).toContain('PG_PROTOCOL_NEGOTIATED');
    const newer = testClient({ maxProtocolVersion: max });
    runPair(newer, testBackend());
    expect(newer.protocolVersion).toEqual(max);
    expect(newer.backendKey?.secretKey).toHaveLength(32);
  });

  it('sends a CancelRequest and is content with the silence', () => {
    const client = testClient({ cancel: { processId: 4711, secretKey: Uint8Array.of(1, 2, 3, 4) } });
    const { trace } = runPair(client, testBackend());
    expect(trace.outcome).toBe('cancel');
    expect(client.failure).toBeNull();
    expect(client.state).toBe('CONNECTION_OK');
  });

  it('finds a password that crossed in the clear, and masks it', () => {
    const { trace } = runPair(testClient(), testBackend(testServer({ hba: [hba('password')] })));
    expect(trace.findings.map((finding) => finding.code)).toContain('PG_CLEARTEXT_PASSWORD');
    const step = trace.steps.find((known) => known.message === 'PasswordMessage');
    expect(step?.fields.find((field) => field.name === 'password')).toMatchObject({
      value: PASSWORD,
      secret: true,
    });
    expect(JSON.stringify(trace.steps.map((known) => known.summary))).not.toContain(PASSWORD);
  });

  it('refuses a SCRAM server that does not know the password', () => {
    const client = testClient();
    // A server with the same salt and rounds, another password, and the proof accepted all the same.
    const other = scramVerifier('another password');
    const server = testServer({ roles: [{ name: 'app_user', password: other }] });
    const signature = 'v=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=';
    const final = utf8Bytes(signature);
    const tamper = (from: string, bytes: Uint8Array) => {
      if (from !== 'server' || bytes[0] !== 0x45) return bytes;
      return Uint8Array.of(0x52, 0, 0, 0, final.length + 8, 0, 0, 0, 12, ...final);
    };
    runPair(client, testBackend(server), { tamper });
    expect(client.failure?.error).toMatchObject({ from: 'client', code: 'SCRAM_BAD_SIGNATURE' });
  });
});
