import { describe, expect, it } from 'vitest';
import { concat, utf8Bytes } from '../../../src/base/bytes';
import type { Effect } from '../../../src/base/machine';
import type { PostgresClient } from '../../../src/postgres/client/client';
import { fatal } from '../../../src/postgres/messages/error-fields';
import { buildBackend } from '../../../src/postgres/messages/message-build';
import type { BackendMessage } from '../../../src/postgres/messages/message-types';
import { CHUNKS, pieces } from './feed';
import { derive } from './pair';
import { testClient } from './server';

type Options = Parameters<typeof testClient>[0];

/** Feeds a script of server messages to a client and gives what it did. */
function talk(
  options: Options,
  script: readonly (BackendMessage | Uint8Array)[],
  chunk = Number.POSITIVE_INFINITY,
): PostgresClient {
  const client = testClient(options);
  client.handleConnected();
  drain(client);
  for (const part of script) {
    const bytes = part instanceof Uint8Array ? part : buildBackend(part);
    for (const piece of pieces(bytes, chunk)) {
      client.handleBytes(piece);
      drain(client);
    }
  }
  return client;
}

function drain(client: PostgresClient): Effect[] {
  const effects: Effect[] = [];
  for (let effect = client.pollEffect(); effect; effect = client.pollEffect()) {
    effects.push(effect);
    if (effect.type === 'derive') client.handleDerived(effect.id, derive(effect));
    if (effect.type === 'askPassword') client.handlePassword('');
  }
  return effects;
}

const raw = (...bytes: number[]) => Uint8Array.from(bytes);
const OK: BackendMessage = { name: 'AuthenticationOk' };
const READY: BackendMessage = { name: 'ReadyForQuery', status: 'I' };
const SASL = (mechanisms: string[]): BackendMessage => ({ name: 'AuthenticationSASL', mechanisms });
const MD5: BackendMessage = { name: 'AuthenticationMD5Password', salt: raw(1, 2, 3, 4) };
const CLEAR: BackendMessage = { name: 'AuthenticationCleartextPassword' };

interface Row {
  readonly when: string;
  readonly options?: Options;
  readonly script: readonly (BackendMessage | Uint8Array)[];
  readonly kind: string;
  readonly code: string;
  readonly message: string | RegExp;
}

/** What ends an attempt, in libpq's words, and what libpq would do next. */
const FAILURES: readonly Row[] = [
  {
    when: 'E answers SSLRequest',
    options: { encryption: 'ssl' },
    script: [utf8Bytes('Ecould not fork new process for connection\n\0')],
    kind: 'final',
    code: 'SSL_ERROR_RESPONSE',
    message: 'server sent an error response during SSL exchange',
  },
  {
    when: 'HTTP answers SSLRequest',
    options: { encryption: 'ssl' },
    script: [utf8Bytes('HTTP/1.1 400 Bad Request\r\n')],
    kind: 'final',
    code: 'SSL_BAD_ANSWER',
    message: /received invalid response to SSL negotiation: 'H'/,
  },
  {
    when: 'HTTP answers the startup packet',
    script: [utf8Bytes('HTTP/1.1 400 Bad Request\r\n')],
    kind: 'final',
    code: 'NOT_POSTGRES',
    message: /expected authentication request from server, but received 'H'/,
  },
  {
    when: 'a notice comes before authentication',
    script: [{ name: 'NoticeResponse', fields: [['M', 'hello']] }],
    kind: 'final',
    code: 'NOT_POSTGRES',
    message: /expected authentication request from server, but received 'N'/,
  },
  {
    when: 'the server rejects us',
    script: [fatal('28000', 'no pg_hba.conf entry')],
    kind: 'error-response',
    code: '28000',
    message: 'FATAL: no pg_hba.conf entry',
  },
  {
    when: 'the server is starting up',
    script: [fatal('57P03', 'the database system is starting up')],
    kind: 'cannot-connect-now',
    code: '57P03',
    message: 'FATAL: the database system is starting up',
  },
  {
    when: 'the server rejects us after AuthenticationOk',
    script: [OK, fatal('53300', 'too many connections for role')],
    kind: 'final',
    code: '53300',
    message: 'FATAL: too many connections for role',
  },
  {
    when: 'an authentication request is too long',
    script: [raw(0x52, 0, 0, 0x10, 0, 0, 0, 0, 0)],
    kind: 'final',
    code: 'SYNC_LOST',
    message: 'received invalid authentication request',
  },
  {
    when: 'an error has no length, as before protocol 3.0',
    script: [utf8Bytes('EFATAL:  something\n\0')],
    kind: 'final',
    code: 'NOT_POSTGRES',
    message: /older than protocol 3.0/,
  },
  {
    when: 'the method is unknown',
    script: [{ name: 'AuthenticationUnknown', code: 6, data: raw() }],
    kind: 'final',
    code: 'AUTH_UNSUPPORTED',
    message: 'authentication method 6 not supported',
  },
  {
    when: 'GSSAPI is asked for',
    script: [{ name: 'AuthenticationGSS' }],
    kind: 'final',
    code: 'AUTH_UNSUPPORTED',
    message: 'GSSAPI authentication not supported',
  },
  {
    when: 'no SASL mechanism is known',
    script: [SASL(['OAUTHBEARER'])],
    kind: 'final',
    code: 'AUTH_UNSUPPORTED',
    message: "none of the server's SASL authentication mechanisms are supported",
  },
  {
    when: '-PLUS is offered without TLS',
    script: [SASL(['SCRAM-SHA-256-PLUS', 'SCRAM-SHA-256'])],
    kind: 'final',
    code: 'AUTH_UNSUPPORTED',
    message: 'server offered SCRAM-SHA-256-PLUS authentication over a non-SSL connection',
  },
  {
    when: 'channel binding is required without TLS',
    options: { channelBinding: 'require' },
    script: [SASL(['SCRAM-SHA-256'])],
    kind: 'final',
    code: 'AUTH_UNSUPPORTED',
    message: 'channel binding required, but SSL not in use',
  },
  {
    when: 'channel binding is required and md5 asked for',
    options: { channelBinding: 'require' },
    script: [MD5],
    kind: 'final',
    code: 'CHANNEL_BINDING',
    message: "channel binding required but not supported by server's authentication request",
  },
  {
    when: 'channel binding is required and nothing asked for',
    options: { channelBinding: 'require' },
    script: [OK],
    kind: 'final',
    code: 'CHANNEL_BINDING',
    message: 'channel binding required, but server authenticated client without channel binding',
  },
  {
    when: 'require_auth forbids a clear-text password',
    options: { requireAuth: 'scram-sha-256' },
    script: [CLEAR],
    kind: 'final',
    code: 'REQUIRE_AUTH',
    message:
      'authentication method requirement "scram-sha-256" failed: server requested a cleartext password',
  },
  {
    when: 'require_auth wants SCRAM and nothing is asked for',
    options: { requireAuth: 'scram-sha-256' },
    script: [OK],
    kind: 'final',
    code: 'REQUIRE_AUTH',
    message:
      'authentication method requirement "scram-sha-256" failed: server did not complete authentication',
  },
  {
    when: 'SASL goes on that never began',
    script: [{ name: 'AuthenticationSASLContinue', data: raw() }],
    kind: 'final',
    code: 'PROTOCOL_VIOLATION',
    message: /AuthenticationSASLContinue out of order/,
  },
  {
    when: 'SASL begins twice',
    script: [SASL(['SCRAM-SHA-256']), SASL(['SCRAM-SHA-256'])],
    kind: 'final',
    code: 'PROTOCOL_VIOLATION',
    message: 'duplicate SASL authentication request',
  },
  {
    when: 'there is no password',
    options: { password: '' },
    script: [MD5],
    kind: 'final',
    code: 'NO_PASSWORD',
    message: 'fe_sendauth: no password supplied',
  },
  {
    when: 'the nonce is not ours',
    script: [
      SASL(['SCRAM-SHA-256']),
      { name: 'AuthenticationSASLContinue', data: utf8Bytes('r=other,s=QUJD,i=4096') },
    ],
    kind: 'final',
    code: 'SCRAM_NONCE_MISMATCH',
    message: /nonce/,
  },
  {
    when: 'the server negotiates up',
    script: [{ name: 'NegotiateProtocolVersion', version: { major: 3, minor: 2 }, options: [] }],
    kind: 'final',
    code: 'PROTOCOL_VERSION',
    message: /downgrade to a higher-numbered version/,
  },
  {
    when: 'the server negotiates nothing',
    script: [{ name: 'NegotiateProtocolVersion', version: { major: 3, minor: 0 }, options: [] }],
    kind: 'final',
    code: 'PROTOCOL_VERSION',
    message: /asks for no changes/,
  },
  {
    when: 'the version left is below the minimum',
    options: { minProtocolVersion: { major: 3, minor: 2 }, maxProtocolVersion: { major: 3, minor: 2 } },
    script: [{ name: 'NegotiateProtocolVersion', version: { major: 3, minor: 0 }, options: [] }],
    kind: 'final',
    code: 'PROTOCOL_VERSION',
    message: 'server only supports protocol version 3.0, but "min_protocol_version" was set to 3.2',
  },
  {
    when: 'a cancel key is not four bytes in 3.0',
    script: [OK, { name: 'BackendKeyData', processId: 1, secretKey: raw(1, 2, 3) }],
    kind: 'final',
    code: 'PROTOCOL_VIOLATION',
    message: /cancel key with length 3 not allowed/,
  },
  {
    when: 'a length makes no sense after AuthenticationOk',
    script: [OK, raw(0x53, 0x7f, 0, 0, 0)],
    kind: 'final',
    code: 'SYNC_LOST',
    message: /lost synchronization with server: got message type "S"/,
  },
];

describe('PostgresClient', () => {
  it.each(FAILURES)('stops when $when', ({ options, script, kind, code, message }) => {
    for (const chunk of CHUNKS) {
      const client = talk(options ?? {}, script, chunk);
      expect(client.failure?.kind).toBe(kind);
      expect(client.failure?.error.code).toBe(code);
      if (typeof message === 'string') expect(client.failure?.error.message).toBe(message);
      else expect(client.failure?.error.message).toMatch(message);
      expect(client.state).toBe('CONNECTION_BAD');
    }
  });

  it('says fail and close once, and nothing after', () => {
    const client = testClient();
    client.handleConnected();
    drain(client);
    client.handleBytes(concat(buildBackend(fatal('28P01', 'no')), buildBackend(fatal('28P01', 'no'))));
    expect(drain(client).map((effect) => effect.type)).toEqual(['fail', 'close']);
    client.handleBytes(buildBackend(OK));
    client.handleClosed();
    client.handleDerived(1, new Uint8Array(32));
    client.handlePassword('late');
    expect(drain(client)).toEqual([]);
  });

  it('accepts unfinished SCRAM as libpq does, unless told otherwise', () => {
    const script = [SASL(['SCRAM-SHA-256']), OK, READY];
    expect(talk({}, script).phase).toBe('ready');
    expect(talk({ requireAuth: 'scram-sha-256' }, script).failure?.error.code).toBe('REQUIRE_AUTH');
  });

  it.each([
    ['read-write', 'on', 'off', 'session is read-only'],
    ['read-write', 'off', 'on', 'session is read-only'],
    ['read-only', 'off', 'off', 'session is not read-only'],
    ['primary', 'on', 'off', 'server is in hot standby mode'],
    ['standby', 'off', 'off', 'server is not in hot standby mode'],
    ['any', 'on', 'on', null],
    ['read-write', 'off', 'off', null],
    ['read-only', 'on', 'off', null],
    ['standby', 'on', 'off', null],
    ['primary', 'off', 'on', null],
  ] as const)(
    'wants %s: in_hot_standby %s, default_transaction_read_only %s',
    (target, standby, readOnly, message) => {
      const report = (parameter: string, value: string): BackendMessage => ({
        name: 'ParameterStatus',
        parameter,
        value,
      });
      const script = [
        OK,
        report('in_hot_standby', standby),
        report('default_transaction_read_only', readOnly),
        READY,
      ];
      const client = talk({ targetSessionAttrs: target }, script);
      expect(client.failure?.error.message ?? null).toBe(message);
      expect(client.failure?.kind ?? null).toBe(message === null ? null : 'wrong-target');
      expect(client.state).toBe(message === null ? 'CONNECTION_OK' : 'CONNECTION_BAD');
    },
  );

  it('waits for the key before it reads on', () => {
    const client = testClient();
    client.handleConnected();
    drain(client);
    client.handleBytes(buildBackend(SASL(['SCRAM-SHA-256'])));
    const initial = drain(client).find((effect) => effect.type === 'write');
    const nonce = /r=([^,]+)$/.exec(new TextDecoder().decode(initial?.bytes))?.[1] ?? '';
    expect(nonce).toHaveLength(24);
    const first = buildBackend({
      name: 'AuthenticationSASLContinue',
      data: utf8Bytes(`r=${nonce}x,s=QUJD,i=1`),
    });
    client.handleBytes(concat(first, buildBackend(fatal('28P01', 'no'))));
    expect(client.failure).toBeNull();
    const effect = client.pollEffect();
    expect(effect?.type).toBe('derive');
    client.handleDerived(99, new Uint8Array(32));
    expect(client.failure).toBeNull();
    if (effect?.type === 'derive') client.handleDerived(effect.id, derive(effect));
    expect(client.failure?.error.code).toBe('28P01');
  });

  it('refuses more rounds than anyone needs', () => {
    const client = testClient();
    client.handleConnected();
    drain(client);
    client.handleBytes(buildBackend(SASL(['SCRAM-SHA-256'])));
    const initial = drain(client).find((effect) => effect.type === 'write');
    const nonce = /r=([^,]+)$/.exec(new TextDecoder().decode(initial?.bytes))?.[1] ?? '';
    const data = utf8Bytes(`r=${nonce}x,s=QUJD,i=2147483647`);
    client.handleBytes(buildBackend({ name: 'AuthenticationSASLContinue', data }));
    expect(client.failure?.error.code).toBe('SCRAM_BAD_ITERATIONS');
  });

  it.each([
    ['plain', 'final', 'SERVER_CLOSED'],
    ['ssl', 'final', 'SERVER_CLOSED'],
    ['direct', 'tls', 'TLS_CLOSED'],
  ] as const)('knows who closed: %s', (encryption, kind, code) => {
    const client = testClient({ encryption });
    client.handleConnected();
    drain(client);
    client.handleClosed();
    expect(client.failure).toMatchObject({ kind, error: { from: 'server', code } });
  });

  it('reads the error that came while the password was asked for', () => {
    const client = testClient({ password: undefined });
    client.handleConnected();
    while (client.pollEffect());
    client.handleBytes(buildBackend(MD5));
    expect(client.pollEffect()).toEqual({ type: 'askPassword' });
    client.handleBytes(buildBackend(fatal('57014', 'canceling authentication due to timeout')));
    expect(client.failure).toBeNull();
    client.handleClosed();
    expect(client.failure?.error.code).toBe('57014');
  });

  it('says goodbye only from a session', () => {
    const ready = talk({}, [OK, READY]);
    drain(ready);
    ready.terminate();
    expect(drain(ready).map((effect) => effect.type)).toEqual(['write', 'close']);
    const fresh = testClient();
    fresh.terminate();
    expect(drain(fresh).map((effect) => effect.type)).toEqual(['close']);
  });

  it('tries SSL after GSSAPI was refused, on the same connection', () => {
    const client = testClient({ encryption: 'ssl', requestGss: true });
    client.handleConnected();
    const first = drain(client)[0];
    expect(first).toMatchObject({ type: 'write' });
    expect(client.state).toBe('CONNECTION_GSS_STARTUP');
    client.handleBytes(utf8Bytes('N'));
    expect(client.state).toBe('CONNECTION_SSL_STARTUP');
    client.handleBytes(utf8Bytes('S'));
    expect(drain(client).map((effect) => effect.type)).toEqual(['write', 'startTls']);
  });
});
