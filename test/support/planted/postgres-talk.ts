/** PostgreSQL conversations with a value in every place that can hold one. */
import { ascii, concat, number, type Planter, type Talk, utf8Bytes } from './planter';

const zero = (...texts: string[]) => utf8Bytes(texts.map((text) => `${text}\0`).join(''));
const typed = (type: string, ...body: Uint8Array[]) => {
  const all = concat(...body);
  return concat(ascii(type), number(4, all.length + 4), all);
};
const untyped = (...body: Uint8Array[]) => {
  const all = concat(...body);
  return concat(number(4, all.length + 4), all);
};
const authentication = (code: number, ...rest: Uint8Array[]) => typed('R', number(4, code), ...rest);
const ready = typed('Z', ascii('I'));

/** Settings that clients and servers tell each other, and one that nobody knows. */
const PARAMETERS = [
  'application_name',
  'options',
  'search_path',
  'TimeZone',
  'DateStyle',
  'client_encoding',
  'fallback_application_name',
  'server_version',
  'IntervalStyle',
  'session_authorization',
  'statement_timeout',
  'scram_iterations',
];

/** Texts of errors around a name: languages, quotes, none, the end of another word. */
const AROUND: readonly (readonly [before: string, after: string])[] = [
  ['password authentication failed for user "', '"'],
  ['Passwort-Authentifizierung für Benutzer »', '« fehlgeschlagen'],
  ['authentification par mot de passe échouée pour l’utilisateur « ', ' »'],
  ['la autentificación password falló para el usuario «', '»'],
  ['ユーザー"', '"のパスワード認証に失敗しました'],
  ['пользователь „', '“ не прошёл проверку подлинности'],
  ['用户「', '」密码认证失败'],
  ['login failed for ', ''],
  ["role '", "' does not exist"],
  ['database `', '` is gone, ask [', '],'] as unknown as [string, string],
  ['no pg_hba.conf entry for host "192.0.2.1", user "', '", database "x", no encryption'],
  ['pooler error: ', '_2 is unknown'],
  ['No pool configured for database: "', '", user: "x"'],
  ['prefix_', ''],
  ['postgres://app:', '@db.example/x'],
];

const FIELDS = 'SVCMDHPpqWstcdnFLRZy';

function startup(p: Planter, user: string, database: string): Uint8Array {
  const parameters = PARAMETERS.flatMap((name) => [name, p.text(`startup ${name}`)]);
  const unknown = [p.text('startup parameter name'), p.text('value of an unknown startup parameter')];
  const extension = [`_pq_.${p.text('protocol extension name')}`, p.text('protocol extension value')];
  return untyped(
    number(4, 0x30000),
    zero('user', user, 'database', database, ...parameters, ...unknown, ...extension, ''),
  );
}

/** Upper case, lower case, or with something behind it: a name as a server repeats it. */
function variant(p: Planter, name: string): string {
  return p.one([name, name.toUpperCase(), `${name}_copy`, `x${name}`, `"${name}"`]);
}

function errorFields(p: Planter, user: string): Uint8Array {
  const fields = [...FIELDS].map((code) => {
    const [before, after] = p.one(AROUND);
    if (code === 'C') return 'C28P01';
    if (code === 'M') return `M${before}${variant(p, user)}${after}`;
    if ('DHW'.includes(code)) return `${code}${before}${p.text(`error field ${code}`)}${after}`;
    return `${code}${p.text(`error field ${code}`)}`;
  });
  return zero(...fields, '');
}

/** What a server sends when a login is over, and behind it. */
function session(p: Planter): Uint8Array {
  const reported = PARAMETERS.map((name) => typed('S', zero(name, p.text(`reported ${name}`))));
  const version = typed('S', zero('server_version', `18.1 (${p.text('builder of the server')})`));
  const unknown = typed(
    'S',
    zero(p.text('reported parameter name'), p.text('value of an unknown reported parameter')),
  );
  const key = typed('K', number(4, 4711), p.bytes('cancel key', 16));
  const notice = typed('N', errorFields(p, p.text('name in a notice')));
  const behind = concat(
    typed('T', number(2, 1), zero(p.text('column behind ReadyForQuery')), new Uint8Array(18)),
    typed('D', number(2, 1), number(4, 12), p.bytes('row behind ReadyForQuery')),
    typed('C', zero(p.text('tag behind ReadyForQuery'))),
  );
  return concat(authentication(0), ...reported, version, unknown, key, notice, ready, behind);
}

function nonce(p: Planter, place: string): string {
  return p.text(place, 24);
}

/** How a client proves who it is. */
const METHODS: Readonly<Record<string, (p: Planter, user: string) => Talk>> = {
  password: (p) => [
    ['server', authentication(3)],
    [
      'client',
      concat(
        typed('p', zero(p.text('password'))),
        typed('Q', zero(`SELECT '${p.text('query sent early')}'`)),
      ),
    ],
  ],
  md5: () => [
    ['server', authentication(5, number(4, 0x1020304))],
    ['client', typed('p', zero(`md5${'0123456789abcdef'.repeat(2)}`))],
  ],
  'md5 that is none': (p) => [
    ['server', authentication(5, number(4, 0x1020304), p.bytes('bytes behind a salt'))],
    ['client', typed('p', zero(`md5${p.text('md5 that is none', 32)}`), p.bytes('bytes behind a password'))],
  ],
  scram: (p, user) => {
    const first = nonce(p, 'client nonce');
    const both = first + nonce(p, 'server nonce');
    const binding = `p=tls-server-end-point,a=${p.text('authzid in c=')},${p.text('channel binding data')}`;
    return [
      [
        'server',
        authentication(10, zero('SCRAM-SHA-256-PLUS', 'SCRAM-SHA-256', p.text('unknown SASL mechanism'), '')),
      ],
      [
        'client',
        (() => {
          const text = `n,a=${p.text('authzid')},n=${user},r=${first},x=${p.text('unknown SCRAM attribute')}`;
          return typed('p', zero('SCRAM-SHA-256'), number(4, text.length), utf8Bytes(text));
        })(),
      ],
      [
        'server',
        authentication(
          11,
          utf8Bytes(`r=${both},s=${p.text('salt', 24)},i=4096,z=${p.text('unknown server attribute')}`),
        ),
      ],
      [
        'client',
        typed(
          'p',
          utf8Bytes(`c=${Buffer.from(binding).toString('base64')},r=${both},p=${p.text('proof', 44)}`),
        ),
      ],
      [
        'server',
        authentication(12, utf8Bytes(p.one([`e=${p.text('SCRAM error')}`, `v=${p.text('verifier', 44)}`]))),
      ],
    ];
  },
  gss: (p) => [
    ['server', authentication(7)],
    ['client', typed('p', p.bytes('GSS token of the client', 30))],
    ['server', authentication(8, p.bytes('GSS token of the server', 30))],
    ['client', typed('p', p.bytes('second GSS token', 30))],
  ],
  oauth: (p) => {
    const text = `n,a=${p.text('OAuth authzid')},\x01host=${p.text('OAuth host')}\x01auth=Bearer ${p.text('bearer token', 30)}\x01\x01`;
    return [
      ['server', authentication(10, zero('OAUTHBEARER', ''))],
      ['client', typed('p', zero('OAUTHBEARER'), number(4, text.length), utf8Bytes(text))],
      [
        'server',
        authentication(11, utf8Bytes(`{"status":"invalid_token","scope":"${p.text('OAuth scope')}"}`)),
      ],
      ['client', typed('p', ascii('\x01'))],
    ];
  },
  unknown: (p) => [
    ['server', authentication(99, p.bytes('data of an unknown authentication'))],
    ['client', typed('p', p.bytes('answer to an unknown authentication'))],
  ],
  none: () => [],
};

/** How a login ends. */
const ENDS: Readonly<Record<string, (p: Planter, user: string) => Uint8Array>> = {
  ready: (p) => session(p),
  error: (p, user) => concat(typed('E', errorFields(p, user)), p.bytes('bytes behind an error')),
  'error with bytes behind its fields': (p, user) =>
    typed('E', errorFields(p, user), p.bytes('behind the last field')),
  'error of protocol 2': (p, user) => {
    const [before, after] = p.one(AROUND);
    return zero(`EFATAL:  ${before}${variant(p, user)}${after}, ${p.text('old error')}`);
  },
  'negotiation and error': (p, user) =>
    concat(
      typed(
        'v',
        number(4, 0x30000),
        number(4, 2),
        zero(`_pq_.${p.text('option refused')}`, p.text('other option refused')),
      ),
      typed('E', errorFields(p, user)),
    ),
};

export const POSTGRES_METHODS = Object.keys(METHODS);
export const POSTGRES_ENDS = Object.keys(ENDS);

/** A login, with or without a request for encryption before it. */
export function postgresLogin(p: Planter, method: string, end: string): Talk {
  const user = p.text('user');
  const asked: Talk = p.one([
    [],
    [
      ['client', untyped(number(4, 80877103))],
      ['server', ascii('N')],
    ],
  ]);
  return [
    ...asked,
    ['client', startup(p, user, p.text('database'))],
    ...METHODS[method](p, user),
    ['server', ENDS[end](p, user)],
    ['client', concat(typed('Q', zero(p.text('query after the login'))), typed('X'))],
  ];
}

/** What else comes where a login is expected. */
export const POSTGRES_ODD: Readonly<Record<string, (p: Planter) => Talk>> = {
  cancel: (p) => [
    ['client', untyped(number(4, 80877102), number(4, 815), p.bytes('cancel key of a request', 32))],
  ],
  'a web server': (p) => [
    ['client', untyped(number(4, 80877103))],
    [
      'server',
      utf8Bytes(
        `HTTP/1.1 400 Bad Request\r\nServer: ${p.text('HTTP server')}\r\nSet-Cookie: ${p.text('cookie')}\r\n\r\n`,
      ),
    ],
  ],
  'an SSH server': (p) => [
    ['client', startup(p, p.text('user'), p.text('database'))],
    ['server', utf8Bytes(`SSH-2.0-${p.text('SSH server')}\r\n`)],
  ],
  'a MySQL server': (p) => [
    ['client', startup(p, p.text('user'), p.text('database'))],
    [
      'server',
      concat(
        Uint8Array.of(74, 0, 0, 0, 10),
        zero(`8.0.${p.text('MySQL version')}`),
        p.bytes('MySQL salt', 60),
      ),
    ],
  ],
  'an error that answers SSLRequest': (p) => [
    ['client', untyped(number(4, 80877103))],
    ['server', zero(`Ecould not fork: ${p.text('error before TLS')}`)],
  ],
  'a start-up packet without an end': (p) => [
    ['client', untyped(number(4, 0x30000), utf8Bytes(`user\0${p.text('user without an end')}`))],
    ['server', typed('E', errorFields(p, p.text('user of an error')))],
  ],
  'half a message': (p) => [
    ['client', startup(p, p.text('user'), p.text('database'))],
    ['server', concat(ascii('E'), number(4, 4000), zero('SFATAL', `M${p.text('message that is cut')}`))],
  ],
};
