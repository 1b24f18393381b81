import { describe, expect, it } from 'vitest';
import { concat, utf8Bytes } from '../../../src/base/bytes';
import type { PostgresBackend } from '../../../src/postgres/backend/backend';
import type { BackendEffect } from '../../../src/postgres/backend/backend-options';
import { serverError } from '../../../src/postgres/messages/error-fields';
import { frameTyped } from '../../../src/postgres/messages/frame';
import { parseBackend } from '../../../src/postgres/messages/message-backend';
import { buildFrontend } from '../../../src/postgres/messages/message-build';
import type { BackendMessage, FrontendMessage } from '../../../src/postgres/messages/message-types';
import { CHUNKS, pieces } from './feed';
import { derive } from './pair';
import { hba, testBackend, testServer } from './server';

const WIDE = { min: 4, max: 1 << 20 };
const startup = (parameters: readonly (readonly [string, string])[], minor = 0): FrontendMessage => ({
  name: 'StartupMessage',
  version: { major: 3, minor },
  parameters,
});
const APP = [
  ['user', 'app_user'],
  ['database', 'app'],
] as const;
const SSL: FrontendMessage = { name: 'SSLRequest' };
const GSS: FrontendMessage = { name: 'GSSENCRequest' };

interface Said {
  /** Everything written, messages parsed; a lone letter answers a request for encryption. */
  readonly said: readonly (BackendMessage | string)[];
  readonly effects: readonly BackendEffect[];
  readonly backend: PostgresBackend;
}

function say(
  backend: PostgresBackend,
  parts: readonly (FrontendMessage | Uint8Array)[],
  chunk = Number.POSITIVE_INFINITY,
): Said {
  backend.handleConnected();
  const effects: BackendEffect[] = [];
  const drain = (): void => {
    for (let effect = backend.pollEffect(); effect; effect = backend.pollEffect()) {
      effects.push(effect);
      if (effect.type === 'derive') backend.handleDerived(effect.id, derive(effect));
      if (effect.type === 'startTls') {
        backend.handleTls({ ok: true, alpn: 'postgresql', version: 'TLSv1.3', peerCertificate: null });
      }
    }
  };
  for (const part of parts) {
    const bytes = part instanceof Uint8Array ? part : buildFrontend(part);
    for (const piece of pieces(bytes, chunk)) {
      backend.handleBytes(piece);
      drain();
    }
  }
  drain();
  const said: (BackendMessage | string)[] = [];
  for (const effect of effects) {
    if (effect.type !== 'write') continue;
    if (effect.bytes.length === 1) {
      said.push(String.fromCharCode(effect.bytes[0]));
      continue;
    }
    expect(frameTyped(effect.bytes, WIDE)).toEqual({ kind: 'frame', length: effect.bytes.length });
    const { value } = parseBackend(effect.bytes);
    if (value) said.push(value);
  }
  return { said, effects, backend };
}

/** The last error said: SQLSTATE and message. */
function errorOf({ said }: Said): string | null {
  const last = said.at(-1);
  if (typeof last !== 'object' || last.name !== 'ErrorResponse') return null;
  const { code, message } = serverError(last.fields);
  return `${code} ${message}`;
}

const trusting = testServer({ hba: [hba('trust')] });
const names = (run: Said) =>
  run.said.map((message) => (typeof message === 'string' ? message : message.name));

describe('PostgresBackend', () => {
  it('starts a session, however the bytes arrive', () => {
    for (const chunk of CHUNKS) {
      const run = say(testBackend(trusting), [startup(APP), { name: 'Query', sql: 'select 1;' }], chunk);
      expect(names(run).filter((name) => name !== 'ParameterStatus')).toEqual([
        'AuthenticationOk',
        'BackendKeyData',
        'ReadyForQuery',
        'RowDescription',
        'DataRow',
        'CommandComplete',
        'ReadyForQuery',
      ]);
    }
  });

  it.each<[string, readonly (FrontendMessage | Uint8Array)[], string]>([
    [
      'no user',
      [startup([['database', 'app']])],
      '28000 no PostgreSQL user name specified in startup packet',
    ],
    [
      'protocol 4.0',
      [Uint8Array.of(0, 0, 0, 9, 0, 4, 0, 0, 0)],
      '0A000 unsupported frontend protocol 4.0: server supports 3.0 to 3.2',
    ],
    [
      'no terminator',
      [Uint8Array.of(0, 0, 0, 12, 0, 3, 0, 0, 0x75, 0, 0x61, 0x62)],
      '08P01 invalid startup packet layout: expected terminator as last byte',
    ],
    [
      'SSLRequest twice',
      [SSL, SSL],
      '0A000 unsupported frontend protocol 1234.5679: server supports 3.0 to 3.2',
    ],
    [
      'GSSENCRequest twice',
      [GSS, GSS],
      '0A000 unsupported frontend protocol 1234.5680: server supports 3.0 to 3.2',
    ],
    [
      'GSSENCRequest inside TLS',
      [SSL, GSS],
      '0A000 unsupported frontend protocol 1234.5680: server supports 3.0 to 3.2',
    ],
  ])('refuses %s', (_, parts, error) => {
    const run = say(testBackend(trusting), parts);
    expect(errorOf(run)).toBe(error);
    expect(run.effects.at(-1)).toEqual({ type: 'close' });
    expect(run.backend.state).toBe('proc_exit');
  });

  it('tells a client of protocol 2.0 in the words of its time', () => {
    const backend = testBackend(trusting);
    backend.handleConnected();
    backend.handleBytes(Uint8Array.of(0, 0, 0, 9, 0, 2, 0, 0, 0));
    const written = backend.pollEffect();
    const bytes = written?.type === 'write' ? written.bytes : new Uint8Array(0);
    const words = 'unsupported frontend protocol 2.0: server supports 3.0 to 3.2';
    expect(new TextDecoder().decode(bytes)).toBe(`EFATAL:  ${words}\n\0`);
  });

  it.each<[string, Uint8Array]>([
    ['a length of 3', Uint8Array.of(0, 0, 0, 3)],
    ['a length of 7', Uint8Array.of(0, 0, 0, 7, 0, 3, 0)],
    ['a length of 10,005', Uint8Array.of(0, 0, 0x27, 0x15, 0, 3, 0, 0)],
    ['HTTP', utf8Bytes('GET / HTTP/1.1\r\n\r\n')],
    ['a cancel key of no bytes', Uint8Array.of(0, 0, 0, 12, 4, 0xd2, 0x16, 0x2e, 0, 0, 0, 1)],
  ])('closes without a word on %s', (_, bytes) => {
    const run = say(testBackend(trusting), [bytes]);
    expect(run.said).toEqual([]);
    expect(run.effects.at(-1)).toEqual({ type: 'close' });
  });

  it.each([
    [true, 'S'],
    [false, 'N'],
  ])('answers SSLRequest with ssl=%s by %s', (ssl, letter) => {
    const run = say(testBackend({ ...trusting, ssl }), [SSL, startup(APP)]);
    expect(run.said[0]).toBe(letter);
    expect(names(run)).toContain('ReadyForQuery');
  });

  it('lets the other request follow a refusal, in either order', () => {
    const server = { ...trusting, ssl: false };
    expect(say(testBackend(server), [SSL, GSS, startup(APP)]).said.slice(0, 2)).toEqual(['N', 'N']);
    expect(names(say(testBackend(server), [GSS, SSL, startup(APP)]))).toContain('ReadyForQuery');
  });

  it.each([true, false])('keeps nothing that came before TLS (CVE-2021-23214), ssl=%s', (ssl) => {
    const early = concat(buildFrontend(SSL), buildFrontend(startup(APP)));
    const run = say(testBackend({ ...trusting, ssl }), [early]);
    // With TLS the bytes would be the start of its handshake, which they are not: that ends without a word.
    expect(errorOf(run)).toBe(ssl ? null : '08P01 received unencrypted data after SSL request');
    expect(run.effects.at(-1)).toEqual({ type: 'close' });
    expect(names(run)).not.toContain('AuthenticationOk');
  });

  it('takes TLS from the first byte only where TLS is on', () => {
    expect(say(testBackend(trusting), [Uint8Array.of(0x16)]).effects[0]).toEqual({ type: 'startTls' });
    const off = say(testBackend({ ...trusting, ssl: false }), [Uint8Array.of(0x16)]);
    expect(off.said).toEqual([]);
    expect(off.effects.at(-1)).toEqual({ type: 'close' });
  });

  it('closes direct TLS without ALPN', () => {
    const backend = testBackend(trusting);
    backend.handleConnected();
    backend.handleBytes(Uint8Array.of(0x16));
    backend.handleTls({ ok: true, alpn: null, version: 'TLSv1.3', peerCertificate: null });
    expect(backend.state).toBe('proc_exit');
  });

  it.each([
    [
      '28000',
      [hba('reject')],
      'pg_hba.conf rejects connection for host "127.0.0.1", user "app_user", database "app", no encryption',
    ],
    [
      '28000',
      [],
      'no pg_hba.conf entry for host "127.0.0.1", user "app_user", database "app", no encryption',
    ],
    [
      '28000',
      [hba('trust', 'hostssl')],
      'no pg_hba.conf entry for host "127.0.0.1", user "app_user", database "app", no encryption',
    ],
  ] as const)('refuses by pg_hba.conf: %s %#', (code, rules, message) => {
    const run = say(testBackend(testServer({ hba: rules })), [startup(APP)]);
    expect(errorOf(run)).toBe(`${code} ${message}`);
  });

  it.each([
    ['starting-up', '57P03 the database system is starting up'],
    ['shutting-down', '57P03 the database system is shutting down'],
    ['in-recovery', '57P03 the database system is in recovery mode'],
    ['too-many-connections', '53300 sorry, too many clients already'],
  ] as const)('says that it is %s before it authenticates anyone', (condition, error) => {
    const run = say(testBackend({ ...trusting, condition }), [startup(APP)]);
    expect(errorOf(run)).toBe(error);
    expect(names(run)).toEqual(['ErrorResponse']);
  });

  it('takes the first line that matches', () => {
    const rules = [
      { type: 'host', database: ['other'], user: 'all', method: 'reject' },
      { type: 'host', database: 'all', user: ['app_user'], method: 'trust' },
      hba('reject'),
    ] as const;
    expect(names(say(testBackend(testServer({ hba: rules })), [startup(APP)]))).toContain('ReadyForQuery');
    const refused = say(testBackend(testServer({ hba: rules })), [
      startup([
        ['user', 'old_user'],
        ['database', 'app'],
      ]),
    ]);
    expect(errorOf(refused)).toContain('pg_hba.conf rejects');
  });

  it('negotiates down and names the options it does not know', () => {
    const run = say(testBackend(trusting), [startup([...APP, ['_pq_.grease', '1']], 9999)]);
    expect(run.said[0]).toEqual({
      name: 'NegotiateProtocolVersion',
      version: { major: 3, minor: 2 },
      options: ['_pq_.grease'],
    });
    expect(names(run)).toContain('ReadyForQuery');
  });

  it('gives the keys of CancelRequest to its driver and says nothing', () => {
    const run = say(testBackend(trusting), [
      { name: 'CancelRequest', processId: 9, secretKey: Uint8Array.of(1, 2, 3, 4) },
    ]);
    expect(run.said).toEqual([]);
    expect(run.effects[0]).toEqual({ type: 'cancel', processId: 9, secretKey: Uint8Array.of(1, 2, 3, 4) });
    expect(run.effects.at(-1)).toEqual({ type: 'close' });
  });

  it('cuts names to 63 bytes and takes the user for a missing database', () => {
    const run = say(testBackend(trusting), [startup([['user', 'é'.repeat(40)]])]);
    expect(run.backend.user).toBe('é'.repeat(31));
    expect(run.backend.database).toBe(run.backend.user);
  });

  it.each<[string, FrontendMessage | Uint8Array, string]>([
    [
      'an empty password',
      { name: 'PasswordMessage', password: '' },
      '28P01 empty password returned by client',
    ],
    [
      'another message',
      { name: 'Query', sql: 'select 1' },
      '08P01 expected password response, got message type 81',
    ],
  ])('refuses %s', (_, message, error) => {
    const run = say(testBackend(testServer({ hba: [hba('password')] })), [startup(APP), message]);
    expect(errorOf(run)).toBe(error);
  });

  it.each<[string, FrontendMessage, RegExp]>([
    [
      'an unknown mechanism',
      { name: 'SASLInitialResponse', mechanism: 'PLAIN', response: null },
      /invalid SASL/,
    ],
    [
      '-PLUS that was not offered',
      {
        name: 'SASLInitialResponse',
        mechanism: 'SCRAM-SHA-256-PLUS',
        response: utf8Bytes('p=tls-server-end-point,,n=,r=abc'),
      },
      /invalid SASL/,
    ],
    [
      'a broken SCRAM message',
      { name: 'SASLInitialResponse', mechanism: 'SCRAM-SHA-256', response: utf8Bytes('zzz') },
      /malformed/,
    ],
  ])('refuses %s', (_, message, error) => {
    expect(errorOf(say(testBackend(), [startup(APP), message]))).toMatch(error);
  });

  it('refuses what it cannot do and goes on', () => {
    const run = say(testBackend(trusting), [
      startup(APP),
      { name: 'Query', sql: 'create table t ()' },
      { name: 'Query', sql: '' },
    ]);
    expect(names(run).slice(-4)).toEqual([
      'ErrorResponse',
      'ReadyForQuery',
      'EmptyQueryResponse',
      'ReadyForQuery',
    ]);
  });
});
