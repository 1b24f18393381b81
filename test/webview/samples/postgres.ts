import { cause } from '../../../src/diagnosis/cause';
import { applyCause } from '../../../src/diagnosis/render';
import type { TraceBuilder } from '../../../src/trace/builder';
import type { Field, Source, Trace } from '../../../src/trace/model';
import { type Line, sample, step } from './build';

const C = (name: string) => `CONNECTION_${name}`;

const CERTIFICATES = [
  {
    subject: 'CN=db.internal.example, O=Example Works',
    issuer: 'CN=Example Works Issuing CA 2',
    names: ['db.internal.example', 'db-replica.internal.example', '10.20.0.7'],
    notBefore: '2026-01-04T00:00:00.000Z',
    notAfter: '2026-06-12T23:59:59.000Z',
    fingerprint256: 'AB:90:11:5E:77:02:CD:13',
    selfSigned: false,
  },
  {
    subject: 'CN=Example Works Issuing CA 2',
    issuer: 'CN=Example Works Root',
    names: [],
    notBefore: '2020-01-01T00:00:00.000Z',
    notAfter: '2034-01-01T00:00:00.000Z',
    fingerprint256: '15:0C:44:90:AA:BE:02:7F',
    selfSigned: false,
  },
];

/** SASLInitialResponse: type, length, mechanism, length, `n,,n=,r=` and a nonce of 24 bytes. */
const INITIAL =
  '70000000' +
  `36${hexOf('SCRAM-SHA-256')}0000000020${hexOf('n,,n=,r=')}${hexOf('fyko+d2lbbFgONRv9qkxdawL')}`;

function hexOf(text: string): string {
  return [...text].map((character) => character.charCodeAt(0).toString(16).padStart(2, '0')).join('');
}

export const SASL_BYTES = INITIAL;

const saslInitialFields: Field[] = [
  { name: 'type', value: 'p', offset: 0, length: 1 },
  { name: 'length', value: '54', offset: 1, length: 4 },
  { name: 'mechanism', value: 'SCRAM-SHA-256', offset: 5, length: 14 },
  {
    name: 'client-first-message',
    value: 'n,,n=,r=…',
    offset: 23,
    length: 32,
    fields: [
      { name: 'gs2-header', value: 'n,,', offset: 23, length: 3 },
      { name: 'user', value: '(empty: the startup packet names it)', offset: 26, length: 2 },
      { name: 'nonce', value: 'fyko+d2lbbFgONRv9qkxdawL', offset: 31, length: 24, secret: true },
    ],
  },
];

function tlsOpening(): Line[] {
  return [
    step(0, 'local', 'local', 'Resolve name', 'db.internal.example is 10.20.0.7', C('NEEDED'), 'ServerLoop', {
      internal: true,
      bytes: 0,
    }),
    step(0.4, 'client', 'tcp', 'SYN', 'Asks for a connection to port 5432', C('STARTED'), 'ServerLoop', {
      bytes: 0,
    }),
    step(0.9, 'server', 'tcp', 'SYN+ACK', 'Accepted', C('MADE'), 'ProcessSSLStartup', { bytes: 0 }),
    step(
      1.1,
      'client',
      'postgres',
      'SSLRequest',
      'Asks for TLS (code 80877103)',
      C('SSL_STARTUP'),
      'ProcessStartupPacket',
      {
        fields: [
          { name: 'length', value: '8', offset: 0, length: 4 },
          { name: 'code', value: '80877103 (SSLRequest)', offset: 4, length: 4 },
        ],
      },
    ),
  ];
}

function tlsHandshake(): Line[] {
  const ssl = C('SSL_STARTUP');
  return [
    step(1.9, 'server', 'postgres', 'S', 'Willing to do TLS', ssl, 'secure_open_server', { bytes: 1 }),
    step(
      2.6,
      'client',
      'tls',
      'ClientHello',
      'TLSv1.3, 3 suites, SNI db.internal.example',
      ssl,
      'secure_open_server',
      {
        bytes: 517,
      },
    ),
    step(5.2, 'server', 'tls', 'ServerHello', 'TLSv1.3, TLS_AES_256_GCM_SHA384', ssl, 'secure_open_server', {
      bytes: 122,
    }),
    step(
      6.8,
      'client',
      'tls',
      'Finished',
      'TLS is up; the chain ends at a known root',
      C('MADE'),
      'ProcessStartupPacket',
      {
        bytes: 80,
      },
    ),
  ];
}

function scram(at: number, encrypted: boolean): Line[] {
  const wait = C('AWAITING_RESPONSE');
  const auth = 'CheckSASLAuth';
  return [
    step(
      at,
      'client',
      'postgres',
      'StartupMessage',
      'user app_user, database orders, protocol 3.0',
      wait,
      'ClientAuthentication',
      {
        encrypted,
        bytes: 41,
        fields: [
          { name: 'length', value: '41', offset: 0, length: 4 },
          { name: 'protocol', value: '3.0', offset: 4, length: 4 },
          {
            name: 'parameters',
            value: '3',
            fields: [
              { name: 'user', value: 'app_user', offset: 8, length: 14 },
              { name: 'database', value: 'orders', offset: 22, length: 16 },
            ],
          },
        ],
      },
    ),
    step(
      at + 2.1,
      'server',
      'postgres',
      'AuthenticationSASL',
      'Offers SCRAM-SHA-256-PLUS, SCRAM-SHA-256',
      wait,
      auth,
      {
        encrypted,
        bytes: 42,
      },
    ),
    step(
      at + 2.6,
      'client',
      'postgres',
      'SASLInitialResponse',
      'Chooses SCRAM-SHA-256 without channel binding',
      wait,
      auth,
      {
        encrypted,
        bytes: 55,
        fields: saslInitialFields,
      },
    ),
    step(at + 3.4, 'server', 'postgres', 'AuthenticationSASLContinue', '4,096 iterations', wait, auth, {
      encrypted,
      bytes: 92,
      fields: [
        { name: 'salt', value: 'W22ZaJ0SNY7soEsUEjb6gQ==', offset: 50, length: 24, secret: true },
        { name: 'iterations', value: '4096', offset: 77, length: 4 },
      ],
    }),
    step(at + 9.8, 'client', 'postgres', 'SASLResponse', 'Proof of the password', wait, auth, {
      encrypted,
      bytes: 108,
      fields: [
        {
          name: 'proof',
          value: 'dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
          offset: 60,
          length: 44,
          secret: true,
        },
      ],
    }),
  ];
}

function ready(at: number, encrypted: boolean): Line[] {
  const ok = C('AUTH_OK');
  return [
    step(
      at,
      'server',
      'postgres',
      'AuthenticationSASLFinal',
      "The server's signature fits",
      C('AWAITING_RESPONSE'),
      'ClientAuthentication',
      { encrypted, bytes: 55 },
    ),
    step(at + 0.1, 'server', 'postgres', 'AuthenticationOk', 'Authenticated', ok, 'InitPostgres', {
      encrypted,
      bytes: 9,
    }),
    step(
      at + 2.9,
      'server',
      'postgres',
      'ParameterStatus',
      'server_version 18.4, and 13 more',
      ok,
      'PostgresMain',
      { encrypted, bytes: 402 },
    ),
    step(at + 2.9, 'server', 'postgres', 'BackendKeyData', 'Process 4711', ok, 'PostgresMain', {
      encrypted,
      bytes: 13,
    }),
    step(at + 3, 'server', 'postgres', 'ReadyForQuery', 'Idle', C('CHECK_TARGET'), 'PostgresMain', {
      encrypted,
      internal: true,
      bytes: 6,
    }),
    step(at + 3.1, 'local', 'local', 'Check target', 'Any server will do', C('OK'), 'PostgresMain', {
      bytes: 0,
    }),
  ];
}

function withTls(builder: TraceBuilder): void {
  Object.assign(builder.ssl, { requested: true, answer: 'S' });
  Object.assign(builder.ensureTls(), {
    version: 'TLSv1.3',
    cipher: 'TLS_AES_256_GCM_SHA384',
    sni: 'db.internal.example',
    certificates: CERTIFICATES,
    decrypted: true,
  });
}

/** Parameters of the causes. */
const LOGIN = { user: 'app_user', database: 'orders', mechanism: 'SCRAM-SHA-256' };
const WHO = { mechanism: 'scram-sha-256', user: 'app_user', database: 'orders' };

export function postgresOk(source: Source = 'live', id = 't1'): Trace {
  return sample(
    id,
    source,
    'postgres',
    [...tlsOpening(), ...tlsHandshake(), ...scram(7.1, true), ...ready(18, true)],
    (builder) => {
      withTls(builder);
      Object.assign(builder.auth, WHO, { outcome: 'ok' });
      applyCause(builder, cause('PG_READY', 'ready', { ...LOGIN, encryption: 'TLS 1.3' }));
      builder.finding({
        code: 'TLS104',
        severity: 'info',
        message: 'The server certificate expires in 14 days.',
        frames: source === 'capture' ? [9] : [],
        help: 'Renew the certificate of db.internal.example before 2026-06-12.',
      });
    },
  );
}

function refused(at: number, encrypted: boolean): Line {
  return step(
    at,
    'server',
    'postgres',
    'ErrorResponse',
    'FATAL 28P01: password authentication failed for user "app_user"',
    C('BAD'),
    'proc_exit',
    {
      encrypted,
      bytes: 104,
      fields: [
        { name: 'severity', value: 'FATAL', offset: 6, length: 5 },
        { name: 'code', value: '28P01', offset: 20, length: 5 },
        {
          name: 'message',
          value: 'password authentication failed for user "app_user"',
          offset: 27,
          length: 50,
        },
      ],
    },
  );
}

function fail(builder: TraceBuilder, help: string): void {
  Object.assign(builder.auth, WHO, { outcome: 'failed' });
  const text = 'password authentication failed for user "app_user"';
  const error = { from: 'server', code: '28P01', message: text } as const;
  applyCause(
    builder,
    cause('PG_PASSWORD_REFUSED', 'failed', { ...LOGIN, text, sqlstate: '28P01' }, { error }),
  );
  builder.finding({
    code: 'PG201',
    severity: 'error',
    message: 'The server refused the password of app_user.',
    frames: builder.source === 'capture' ? [17] : [],
    help,
  });
}

/** libpq under sslmode=prefer with a wrong password: over TLS, then in plain. */
export function wrongPassword(source: Source = 'live'): Trace[] {
  const first = sample(
    't1',
    source,
    'postgres',
    [...tlsOpening(), ...tlsHandshake(), ...scram(7.1, true), refused(18.2, true)],
    (builder) => {
      withTls(builder);
      fail(
        builder,
        'Check the password that the application uses; the user exists or the server hides that it does not.',
      );
    },
  );
  const [name, syn, ack] = tlsOpening();
  const second = sample(
    't2',
    source,
    'postgres',
    [name, syn, ack, ...scram(1.3, false), refused(12.9, false)],
    (builder) => {
      fail(
        builder,
        'One wrong password under sslmode=prefer is two failed logins; use sslmode=require to have one.',
      );
      builder.finding({
        code: 'PG310',
        severity: 'warning',
        message: 'This login repeats the failed one without encryption.',
        frames: [],
        help: 'Set sslmode=require so that no second, unprotected login is tried.',
      });
    },
    50_313,
  );
  return [first, { ...second, retryOf: 't1' }];
}

/** SSL off on the server: `N`, and on in plain on the same connection. */
export function sslRefused(): Trace {
  const made = step(
    1.9,
    'server',
    'postgres',
    'N',
    'Not willing to do TLS',
    C('MADE'),
    'ProcessStartupPacket',
    { bytes: 1 },
  );
  return sample(
    't3',
    'capture',
    'postgres',
    [...tlsOpening().slice(1), made, ...scram(2.4, false), ...ready(13, false)],
    (builder) => {
      Object.assign(builder.ssl, { requested: true, answer: 'N' });
      Object.assign(builder.auth, WHO, { outcome: 'ok' });
      applyCause(builder, cause('PG_READY', 'ready', LOGIN));
      builder.finding({
        code: 'PG110',
        severity: 'warning',
        message: 'The server refused TLS.',
        frames: [6],
        help: 'Set ssl=on in postgresql.conf, or sslmode=disable if plain text is meant.',
      });
    },
  );
}
