/** For every cause of PostgreSQL a story, and a near miss. */

import { utf8Bytes } from '../../../../src/base/bytes';
import { fatal } from '../../../../src/postgres/messages/error-fields';
import { buildBackend } from '../../../../src/postgres/messages/message-build';
import {
  type CauseStory,
  CLEAR,
  cause,
  closes,
  direct,
  error,
  GSS,
  INITIAL,
  inside,
  local,
  MD5,
  OK,
  PLUS,
  password,
  QUERY,
  READY,
  SASL,
  SSL,
  STANDBY,
  START,
  startup,
  story,
  TERMINATE,
  TLS,
  told,
} from './parts';

const GREASED = startup({ '_pq_.test': '' }, { major: 3, minor: 9999 });
const NEGOTIATED = {
  server: { name: 'NegotiateProtocolVersion', version: { major: 3, minor: 0 }, options: [] },
} as const;
/** A greeting whose first letter was taken for the answer to SSLRequest. */
const SSH = { notTls: utf8Bytes('SH-2.0-OpenSSH_9.2\r\n') } as const;
const OAUTH = { server: { name: 'AuthenticationSASL', mechanisms: ['OAUTHBEARER'] } } as const;
const bearer = (token: string) =>
  ({
    client: {
      name: 'SASLInitialResponse',
      mechanism: 'OAUTHBEARER',
      response: utf8Bytes(`n,,\x01auth=${token}\x01\x01`),
    },
  }) as const;
const INVALID = {
  server: {
    name: 'AuthenticationSASLContinue',
    data: utf8Bytes(
      '{"status":"invalid_token","openid-configuration":"https://issuer.example/.well-known/openid-configuration","scope":"openid db"}',
    ),
  },
} as const;
const GO_ON = { client: { name: 'SASLResponse', data: Uint8Array.of(1) } } as const;
const OAUTH_FAILED = 'OAuth bearer authentication failed for user "app_user"';
const CHALLENGE = {
  server: { name: 'AuthenticationSASLContinue', data: utf8Bytes('r=abcdef,s=QUJD,i=4096') },
} as const;
const GOODBYE = { alert: 'close_notify', level: 'warning', from: 'client' } as const;
const WAIT = { wait: 3000 } as const;
const OFFERED = { alpn: { offered: ['postgresql'] } } as const;
const NOT_OFFERED = { alpn: { offered: [] } } as const;
const WRONG = 'password authentication failed for user "app_user"';

/** The server's words with a name in them that reads like another reason, and the reason in words of its own. */
const NAMED: readonly CauseStory[] = (
  [
    [
      'PG_ROLE_UNKNOWN',
      '28000',
      'role "billing" does not exist',
      'PG_GATEWAY_SUSPENDED',
      'role is off: billing',
    ],
    [
      'PG_DATABASE_UNKNOWN',
      '3D000',
      'database "project" does not exist',
      'PG_GATEWAY_TENANT_UNKNOWN',
      'project does not exist',
    ],
    [
      'PG_CONNECTION_LIMIT',
      '53300',
      'too many connections for role "compute_quota"',
      'PG_GATEWAY_SUSPENDED',
      'compute quota exceeded',
    ],
    [
      'PG_NO_CONNECT_PRIVILEGE',
      '42501',
      'permission denied for database "replication"',
      'PG_REPLICATION_DENIED',
      'permission denied to start WAL sender',
    ],
    [
      'PG_HBA_NO_ENTRY',
      '28000',
      'no pg_hba.conf entry for host "192.0.2.1", user "rejects", database "orders", no encryption',
      'PG_HBA_REJECTS',
      'pg_hba.conf rejects connection for host "192.0.2.1", user "app_user", database "orders"',
    ],
    [
      'PG_ROLE_CANNOT_LOGIN',
      '28000',
      'la connexion de « channel binding » : role "channel binding" is not permitted to log in',
      'PG_CHANNEL_BINDING_FAILED',
      'channel binding check failed',
    ],
  ] as const
).map(([code, state, text, otherCode, other]) =>
  cause(code, told(state, text), otherCode, told(state, other)),
);

const SESSION: readonly CauseStory[] = [
  cause(
    'PG_READY',
    story(START, OK, READY, QUERY),
    'PG_CLOSED_AFTER_LOGIN',
    story(START, OK, closes('server')),
  ),
  cause(
    'PG_WRONG_TARGET',
    story(START, OK, STANDBY, READY, TERMINATE),
    'PG_READY',
    story(START, OK, STANDBY, READY, QUERY),
  ),
  cause(
    'PG_WRONG_TARGET',
    story(START, OK, STANDBY, READY, TERMINATE),
    'PG_READY',
    story(START, OK, READY, TERMINATE),
  ),
  cause(
    'PG_WRONG_TARGET',
    story(START, OK, READY, local('WRONG_TARGET', 'session is read-only')),
    'PG_READY',
    story(START, OK, STANDBY, READY, WAIT, TERMINATE),
  ),
  cause(
    'PG_NEGOTIATION_IGNORED',
    story(GREASED, OK, READY, closes('client')),
    'PG_READY',
    story(GREASED, NEGOTIATED, OK, READY, closes('client')),
  ),
  cause(
    'PG_NEGOTIATION_IGNORED',
    story(GREASED, SASL, closes('client')),
    'PG_READY',
    story(GREASED, OK, READY, QUERY),
  ),
  cause(
    'PG_CANCEL',
    story(
      { client: { name: 'CancelRequest', processId: 1, secretKey: Uint8Array.of(1, 2, 3, 4) } },
      closes('server'),
    ),
    'PG_PLAIN_START_CLOSED',
    story(START, closes('server')),
  ),
  cause(
    'PG_SESSION_OPEN',
    { happenings: [QUERY, closes('server')] },
    'CAPTURE_BYTES_MISSING',
    story({ gap: 'client', length: 40 }, QUERY, closes('server')),
  ),
  cause(
    'PG_ENCRYPTED',
    {
      ...inside({ sealed: 'client' }, { sealed: 'server' }, { sealed: 'client' }, { sealed: 'server' }),
      options: { keys: false },
    },
    'PG_PASSWORD_REFUSED',
    inside(START, SASL, INITIAL, error('28P01', WRONG)),
  ),
];

const ENCRYPTION: readonly CauseStory[] = [
  cause(
    'PG_TLS_DECLINED',
    story(SSL, { server: 'N' }, closes('client')),
    'PG_CLOSED_AT_STARTUP',
    story(SSL, { server: 'N' }, START, closes('server')),
  ),
  ...(
    [
      ['PG_TLS_DECLINED', SSL, 'N'],
      ['PG_TLS_NOT_STARTED', SSL, 'S'],
      ['PG_GSS_DECLINED', GSS, 'N'],
      ['PG_GSS_ABANDONED', GSS, 'G'],
    ] as const
  ).flatMap(([ofClient, request, answer]) => [
    cause(
      'PG_CLOSED_AT_ENCRYPTION',
      story(request, { server: answer }, closes('server')),
      ofClient,
      story(request, { server: answer }, closes('client'), closes('server')),
    ),
  ]),
  cause(
    'PG_CLOSED_AT_ENCRYPTION',
    story(SSL, { server: 'S' }, { wait: 60_000 }, closes('server'), closes('client')),
    'TLS_CLOSED_ON_HELLO',
    story(SSL, { server: 'S' }, { tls: 'ClientHello' }, closes('server')),
  ),
  cause(
    'PG_TLS_DECLINED',
    story(SSL, { server: 'N' }, local('SSL_REFUSED', 'no SSL')),
    'CAPTURE_ENDS',
    story(SSL, { server: 'N' }),
  ),
  cause(
    'PG_TLS_NOT_STARTED',
    story(SSL, { server: 'S' }, closes('client')),
    'TLS_CLOSED_ON_HELLO',
    story(SSL, { server: 'S' }, { tls: 'ClientHello' }, closes('server')),
  ),
  cause(
    'PG_SSL_REQUEST_CLOSED',
    story(SSL, closes('server', 'rst')),
    'TCP_CLOSED_AT_ONCE',
    story(closes('server')),
  ),
  cause(
    'PG_SSL_ERROR',
    story(SSL, { server: 'Ecould not fork\n\0' }, closes('server')),
    'SERVICE_OTHER_ANSWERED',
    story(SSL, { server: 'HTTP/1.1 400 Bad Request\r\n\r\n' }, closes('server')),
  ),
  cause(
    'PG_GSS_CLOSED',
    story(GSS, closes('server')),
    'TCP_SERVER_SILENT',
    story(GSS, WAIT, closes('client')),
  ),
  cause(
    'PG_GSS_DECLINED',
    story(GSS, { server: 'N' }, closes('client')),
    'PG_TLS_DECLINED',
    story(GSS, { server: 'N' }, SSL, { server: 'N' }, closes('client')),
  ),
  cause(
    'PG_GSS_ERROR',
    story(GSS, { server: 'Eunsupported frontend protocol 1234.5680\0' }, closes('server')),
    'PG_GSS_CLOSED',
    story(GSS, closes('server', 'rst')),
  ),
  cause(
    'PG_GSS_ABANDONED',
    story(GSS, { server: 'G' }, closes('client')),
    'PG_GSS_ENCRYPTED',
    story(GSS, { server: 'G' }, { client: Uint8Array.of(0, 0, 0, 1, 9) }, closes('client')),
  ),
  cause(
    'PG_GSS_ENCRYPTED',
    story(GSS, { server: 'G' }, { client: Uint8Array.of(0, 0, 0, 1, 9) }),
    'PG_GSS_ABANDONED',
    story(GSS, { server: 'G' }, closes('client', 'rst')),
  ),
  cause(
    'PG_SURPLUS_BEFORE_TLS',
    {
      ...story(SSL, { server: Uint8Array.of(0x53, 0x52, 0, 0, 0, 8, 0, 0, 0, 0) }, closes('client')),
      options: { chunk: Number.POSITIVE_INFINITY },
    },
    'SERVICE_OTHER_ANSWERED',
    story(SSL, { server: 'SSH-2.0-OpenSSH_9.9\r\n' }, closes('client')),
  ),
  cause(
    'PG_PLAIN_START_CLOSED',
    story(START, closes('server', 'rst')),
    'PG_CLOSED_AT_STARTUP',
    story(SSL, { server: 'N' }, START, closes('server', 'rst')),
  ),
  cause(
    'PG_DIRECT_TLS_IN_CLEAR',
    direct(
      { tls: 'ClientHello' },
      { notTls: buildBackend(fatal('08P01', 'bad startup packet')) },
      closes('client'),
    ),
    'TLS_CLOSED_ON_HELLO',
    direct({ tls: 'ClientHello' }, closes('server')),
  ),
  // What comes behind missing bytes of the server need not be its answer, whoever else lacks some.
  cause(
    'SERVICE_OTHER_ANSWERED',
    story(SSL, { server: 'S' }, { tls: 'ClientHello' }, { gap: 'client', length: 20 }, SSH, closes('server')),
    'CAPTURE_BYTES_MISSING',
    story(
      SSL,
      { server: 'S' },
      { tls: 'ClientHello' },
      { gap: 'client', length: 20 },
      { gap: 'server', length: 300 },
      SSH,
      closes('server'),
    ),
  ),
  cause(
    'PG_ALPN_NOT_OFFERED',
    direct(...TLS, NOT_OFFERED, closes('server')),
    'PG_CLOSED_INSIDE_TLS',
    direct(...TLS, OFFERED, closes('server')),
  ),
  // Begun in the middle: SSLRequest may have come before.
  cause('PG_ALPN_NOT_OFFERED', direct(...TLS, NOT_OFFERED, closes('server')), 'CAPTURE_STARTS_LATE', {
    happenings: [...TLS, NOT_OFFERED, closes('server')],
    options: { direct: true },
  }),
  cause(
    'PG_ALPN_NOT_CHOSEN',
    direct(...TLS, OFFERED, closes('client')),
    'PG_STOPPED_WITHOUT_START',
    direct(
      ...TLS,
      { alpn: { offered: ['postgresql'], chosen: 'postgresql' } },
      { alert: 'close_notify', level: 'warning', from: 'client' },
      closes('client'),
    ),
  ),
  cause(
    'PG_NOT_POSTGRES',
    story(
      START,
      { server: Uint8Array.of(0xff, 0xee, 0xdd, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14) },
      closes('client'),
    ),
    'PG_CANNOT_START_PROCESS',
    story(START, { server: 'Eout of memory\n\0' }, closes('server')),
  ),
  cause(
    'PG_BAD_STARTUP',
    story({ client: Uint8Array.of(0, 0, 0, 3) }, closes('server')),
    'CAPTURE_STARTS_LATE',
    { happenings: [{ client: Uint8Array.of(0, 0, 0, 3) }, closes('server')] },
  ),
];

const LOGIN: readonly CauseStory[] = [
  cause(
    'PG_PASSWORD_REFUSED',
    story(START, SASL, INITIAL, error('28P01', WRONG)),
    'PG_PASSWORD_EMPTY',
    story(START, CLEAR, password(''), error('28P01', WRONG)),
  ),
  // Before 9.0, and translated: the routine says it.
  cause(
    'PG_PASSWORD_REFUSED',
    story(START, MD5, password('md5…'), error('28000', WRONG, { routine: 'auth_failed' })),
    'PG_EXTERNAL_REFUSED',
    story(
      START,
      CLEAR,
      password('x'),
      error('28000', 'LDAP authentication failed for user "app_user"', { routine: 'auth_failed' }),
    ),
  ),
  cause(
    'PG_PASSWORD_REFUSED',
    story(
      START,
      MD5,
      password('md5…'),
      error('28000', 'Passwort-Authentifizierung für Benutzer »app_user« fehlgeschlagen', {
        routine: 'auth_failed',
      }),
    ),
    'PG_LOGIN_REFUSED',
    story(START, error('28000', 'Authentifizierung fehlgeschlagen', { routine: 'auth_failed' })),
  ),
  cause(
    'PG_PASSWORD_EMPTY',
    story(START, CLEAR, password(''), error('28P01', WRONG)),
    'PG_PASSWORD_REFUSED',
    story(START, CLEAR, password(' '), error('28P01', WRONG)),
  ),
  cause(
    'PG_PASSWORD_NOT_GIVEN',
    story(START, MD5, closes('client')),
    'PG_CLOSED_AT_REQUEST',
    story(START, MD5, closes('server')),
  ),
  cause(
    'PG_PASSWORD_NOT_GIVEN',
    story(START, MD5, local('NO_PASSWORD', 'fe_sendauth: no password supplied')),
    'CAPTURE_ENDS',
    story(START, MD5),
  ),
  // A number that the server acknowledges as it closes, and no packet has: the client's FIN.
  cause(
    'PG_PASSWORD_NOT_GIVEN',
    story(START, MD5, { gap: 'client', length: 1 }, closes('server')),
    'CAPTURE_BYTES_MISSING',
    story(START, MD5, WAIT, closes('server'), { gap: 'client', length: 1 }),
  ),
  // Behind the server's FIN it is that of a client that was left.
  cause(
    'PG_PASSWORD_NOT_GIVEN',
    story(START, MD5, closes('server'), { gap: 'client', length: 1 }),
    'CAPTURE_BYTES_MISSING',
    story(SSL, closes('server'), { gap: 'client', length: 1 }),
  ),
  // A goodbye that only answers the server's leave, and one that does not.
  cause(
    'PG_CLOSED_AT_REQUEST',
    inside(START, CLEAR, closes('server'), GOODBYE, closes('client')),
    'PG_PASSWORD_NOT_GIVEN',
    inside(START, CLEAR, GOODBYE, closes('server')),
  ),
  // The same under the rules that both protocols share.
  cause(
    'TCP_CLIENT_CANCELLED',
    story(SSL, { server: 'S' }, { tls: 'ClientHello' }, { gap: 'client', length: 1 }, closes('server')),
    'TLS_CLOSED_ON_HELLO',
    story(SSL, { server: 'S' }, { tls: 'ClientHello' }, closes('server')),
  ),
  cause(
    'PG_CHANNEL_BINDING_MISSING',
    inside(START, SASL, closes('client')),
    'PG_PASSWORD_NOT_GIVEN',
    inside(START, PLUS, closes('client')),
  ),
  cause(
    'PG_CHANNEL_BINDING_MISSING',
    inside(START, SASL, closes('client')),
    'PG_PASSWORD_NOT_GIVEN',
    story(START, SASL, closes('client')),
  ),
  cause(
    'PG_CHANNEL_BINDING_FAILED',
    inside(START, PLUS, INITIAL, error('28000', 'SCRAM channel binding check failed')),
    'PG_PASSWORD_REFUSED',
    inside(START, PLUS, INITIAL, error('28P01', WRONG)),
  ),
  cause(
    'PG_PLUS_WITHOUT_TLS',
    story(START, PLUS, closes('client')),
    'PG_PASSWORD_REFUSED',
    story(START, PLUS, INITIAL, error('28P01', WRONG)),
  ),
  cause(
    'PG_METHOD_UNSUPPORTED',
    story(START, { server: { name: 'AuthenticationGSS' } }, closes('client')),
    'PG_PASSWORD_NOT_GIVEN',
    story(START, CLEAR, closes('client')),
  ),
  cause(
    'PG_METHOD_FORBIDDEN',
    story(START, MD5, local('REQUIRE_AUTH', 'auth method "scram-sha-256" requirement failed')),
    'PG_PASSWORD_NOT_GIVEN',
    story(START, MD5, closes('client')),
  ),
  cause(
    'PG_SCRAM_BROKEN',
    story(START, SASL, INITIAL, local('SCRAM_NONCE_MISMATCH', 'invalid SCRAM response')),
    'TCP_CLIENT_CANCELLED',
    story(START, SASL, INITIAL, closes('client')),
  ),
  cause(
    'PG_SERVER_NOT_PROVED',
    story(START, SASL, INITIAL, local('SCRAM_BAD_SIGNATURE', 'incorrect server signature')),
    'CAPTURE_ENDS',
    story(START, SASL, INITIAL),
  ),
  cause(
    'PG_HBA_NO_ENTRY',
    told(
      '28000',
      'no pg_hba.conf entry for host "192.0.2.9", user "app_user", database "orders", no encryption',
    ),
    'PG_HBA_REJECTS',
    told(
      '28000',
      'pg_hba.conf rejects connection for host "192.0.2.9", user "app_user", database "orders", no encryption',
    ),
  ),
  cause(
    'PG_HBA_NO_ENTRY',
    told('28000', 'kein pg_hba.conf-Eintrag für Host »192.0.2.9«', { routine: 'ClientAuthentication' }),
    'PG_LOGIN_REFUSED',
    told('28000', 'not today'),
  ),
  cause(
    'PG_HBA_REJECTS',
    told('28000', 'pg_hba.conf lehnt Verbindung ab für Host »192.0.2.9«'),
    'PG_HBA_NO_ENTRY',
    told('28000', 'no pg_hba.conf entry for host "192.0.2.9"'),
  ),
  cause(
    'PG_CERTIFICATE_NOT_MAPPED',
    inside(
      { certificates: ['CN=app_user,O=Example'] },
      startup({ user: 'cert_user' }),
      error('28000', 'certificate authentication failed for user "cert_user"'),
    ),
    'PG_CLIENT_CERTIFICATE_WANTED',
    inside(
      { certificates: [] },
      startup({ user: 'cert_user' }),
      error('28000', 'certificate authentication failed for user "cert_user"'),
    ),
  ),
  cause(
    'PG_CLIENT_CERTIFICATE_WANTED',
    inside(START, error('28000', 'connection requires a valid client certificate')),
    'PG_LOGIN_REFUSED',
    inside(START, error('28000', 'no')),
  ),
  cause(
    'PG_IDENTITY_REFUSED',
    told('28000', 'Peer authentication failed for user "app_user"'),
    'PG_EXTERNAL_REFUSED',
    told('28000', 'PAM authentication failed for user "app_user"'),
  ),
  cause(
    'PG_EXTERNAL_REFUSED',
    story(START, CLEAR, password('x'), error('28000', 'RADIUS authentication failed for user "app_user"')),
    'PG_PASSWORD_REFUSED',
    story(START, CLEAR, password('x'), error('28P01', WRONG)),
  ),
  cause(
    'PG_ROLE_UNKNOWN',
    story(START, OK, error('28000', 'role "app_user" does not exist')),
    'PG_ROLE_CANNOT_LOGIN',
    story(START, OK, error('28000', 'role "app_user" is not permitted to log in')),
  ),
  cause(
    'PG_ROLE_CANNOT_LOGIN',
    told('28000', 'role "app_user" is not permitted to log in'),
    'PG_ROLE_UNKNOWN',
    told('28000', 'role "app_user" does not exist'),
  ),
  cause(
    'PG_USER_NAME_MISSING',
    told('28000', 'no PostgreSQL user name specified in startup packet'),
    'PG_LOGIN_REFUSED',
    told('28000', 'no'),
  ),
  cause(
    'PG_LOGIN_REFUSED',
    told('28000', 'we know you not'),
    'PG_TLS_REQUIRED',
    told('28000', 'SSL connection is required. Please specify SSL options and retry.'),
  ),
  cause(
    'PG_AUTHENTICATION_TIMEOUT',
    story(START, SASL, { wait: 60_000 }, closes('server')),
    'PG_CLOSED_AT_REQUEST',
    story(START, SASL, { wait: 20 }, closes('server')),
  ),
  cause(
    'PG_AUTHENTICATION_TIMEOUT',
    story(START, SASL, error('57014', 'canceling authentication due to timeout')),
    'PG_CANCELED',
    story(START, OK, error('57014', 'canceling statement due to statement timeout')),
  ),
  cause(
    'PG_TLS_REQUIRED',
    told('28000', 'This RDS Proxy requires TLS connections'),
    'PG_HBA_NO_ENTRY',
    told('28000', 'no pg_hba.conf entry for host "192.0.2.9", user "u", database "d", SSL off'),
  ),
];

const SERVER: readonly CauseStory[] = [
  cause(
    'PG_DATABASE_UNKNOWN',
    told('3D000', 'database "orders" does not exist'),
    'PG_OPTION_IN_DATABASE',
    story(startup({ database: 'orders?sslmode=disable' }), error('3D000', 'database does not exist')),
  ),
  cause(
    'PG_OPTION_IN_DATABASE',
    story(startup({ database: 'orders sslmode=disable' }), error('3D000', 'database does not exist')),
    'PG_DATABASE_UNKNOWN',
    story(startup({ database: 'orders of today' }), error('3D000', 'database does not exist')),
  ),
  cause(
    'PG_DATABASE_CLOSED',
    told('55000', 'database "orders" is not currently accepting connections'),
    'PG_SERVER_ERROR',
    told('55000', 'something else'),
  ),
  cause(
    'PG_NO_CONNECT_PRIVILEGE',
    told('42501', 'permission denied for database "orders"', {
      detail: 'User does not have CONNECT privilege.',
    }),
    'PG_REPLICATION_DENIED',
    told('42501', 'permission denied to start WAL sender', {
      detail: 'Only roles with the REPLICATION attribute may start a WAL sender process.',
    }),
  ),
  cause(
    'PG_REPLICATION_DENIED',
    told('42501', 'must be superuser or replication role to start walsender'),
    'PG_PERMISSION_DENIED',
    told('42501', 'permission denied to set parameter "session_preload_libraries"'),
  ),
  cause(
    'PG_PERMISSION_DENIED',
    told('42501', 'permission denied to set role "other"'),
    'PG_NO_CONNECT_PRIVILEGE',
    told('42501', 'permission denied for database "orders"'),
  ),
  cause(
    'PG_CONNECTION_LIMIT',
    told('53300', 'sorry, too many clients already'),
    'PG_OUT_OF_RESOURCES',
    told('53200', 'out of memory'),
  ),
  cause(
    'PG_OUT_OF_RESOURCES',
    told('53400', 'configuration limit exceeded'),
    'PG_CONNECTION_LIMIT',
    told('53300', 'too many connections for role "app_user"'),
  ),
  cause(
    'PG_STARTING_UP',
    told('57P03', 'the database system is starting up'),
    'PG_SHUTTING_DOWN',
    told('57P03', 'the database system is shutting down'),
  ),
  cause(
    'PG_SHUTTING_DOWN',
    told('57P03', 'the database system is shutting down'),
    'PG_STARTING_UP',
    told('57P03', 'the database system is starting up'),
  ),
  cause(
    'PG_RECOVERING',
    told('57P03', 'the database system is in recovery mode'),
    'PG_STARTING_UP',
    told('57P03', 'the database system is starting up'),
  ),
  cause(
    'PG_HOT_STANDBY_OFF',
    told('57P03', 'the database system is not accepting connections', {
      detail: 'Hot standby mode is disabled.',
    }),
    'PG_RECOVERING',
    told('57P03', 'the database system is not yet accepting connections', {
      detail: 'Consistent recovery state has not been yet reached.',
    }),
  ),
  cause(
    'PG_TERMINATED',
    told('57P01', 'terminating connection due to administrator command'),
    'PG_CRASHED',
    told('57P02', 'terminating connection because of crash of another server process'),
  ),
  cause(
    'PG_CRASHED',
    told('57P02', 'terminating connection because of crash of another server process'),
    'PG_TERMINATED',
    told('57P05', 'terminating connection due to idle-session timeout'),
  ),
  cause(
    'PG_CANCELED',
    told('57014', 'canceling statement due to statement timeout'),
    'PG_AUTHENTICATION_TIMEOUT',
    told('57014', 'canceling authentication due to timeout'),
  ),
  cause(
    'PG_PROTOCOL_UNKNOWN',
    told('0A000', 'unsupported frontend protocol 3.2: server supports 3.0 to 3.0'),
    'PG_NOT_SUPPORTED',
    told('0A000', 'conversion between SQL_ASCII and MULE_INTERNAL is not supported'),
  ),
  cause(
    'PG_PROTOCOL_BROKEN',
    told('08P01', 'invalid length of startup packet'),
    'PG_POOLER_ERROR',
    told('08P01', 'something that no version said before'),
  ),
  cause(
    'PG_NEGOTIATION_REFUSED',
    story(GREASED, NEGOTIATED, closes('client')),
    'PG_PASSWORD_NOT_GIVEN',
    story(GREASED, NEGOTIATED, SASL, closes('client')),
  ),
  cause(
    'PG_OAUTH_REFUSED',
    story(START, OAUTH, bearer('Bearer secret-token'), INVALID, GO_ON, error('28000', OAUTH_FAILED)),
    'PG_OAUTH_DISCOVERY',
    story(START, OAUTH, bearer(''), INVALID, GO_ON, error('28000', OAUTH_FAILED)),
  ),
  cause(
    'PG_OAUTH_DISCOVERY',
    story(START, OAUTH, bearer(''), INVALID, closes('client')),
    'PG_OAUTH_REFUSED',
    story(START, OAUTH, bearer('Bearer secret-token'), INVALID, closes('client')),
  ),
  cause(
    'PG_OAUTH_VALIDATOR',
    story(
      START,
      OAUTH,
      bearer('Bearer secret-token'),
      error('XX000', 'OAuth validator module "v" must define the symbol f'),
    ),
    'PG_SERVER_ERROR',
    story(
      START,
      OAUTH,
      bearer('Bearer secret-token'),
      error('XX000', 'could not load library "OAuth validator"'),
    ),
  ),
  cause(
    'PG_METHOD_UNSUPPORTED',
    story(START, OAUTH, closes('client')),
    'PG_PASSWORD_NOT_GIVEN',
    story(START, SASL, closes('client')),
  ),
  // Causes whose alternatives say more than they do themselves.
  cause(
    'PG_NEGOTIATION_REFUSED',
    story(startup({}, { major: 3, minor: 2 }), NEGOTIATED, SASL, closes('client')),
    'PG_PASSWORD_NOT_GIVEN',
    story(START, SASL, closes('client')),
  ),
  cause(
    'PG_SCRAM_BROKEN',
    story(START, SASL, INITIAL, CHALLENGE, closes('client')),
    'PG_CLOSED_AT_ANSWER',
    story(START, SASL, INITIAL, CHALLENGE, closes('server')),
  ),
  cause(
    'PG_SERVER_NOT_PROVED',
    story(START, SASL, INITIAL, OK, closes('client')),
    'PG_CLOSED_AFTER_LOGIN',
    story(START, SASL, INITIAL, OK, closes('server')),
  ),
  cause(
    'PG_NOT_SUPPORTED',
    told('0A000', 'no such feature'),
    'PG_PROTOCOL_UNKNOWN',
    told('08P01', 'unknown protocol version 196610'),
  ),
  cause(
    'PG_PARAMETER_REFUSED',
    told('22023', 'invalid value for parameter "client_encoding": "KLINGON"'),
    'PG_PERMISSION_DENIED',
    told('42501', 'permission denied to set parameter "x"'),
  ),
  cause(
    'PG_STATEMENT_GONE',
    told('26000', 'prepared statement "s1" does not exist'),
    'PG_SERVER_ERROR',
    told('25P02', 'current transaction is aborted'),
  ),
  cause(
    'PG_CANNOT_START_PROCESS',
    story(START, { server: 'Ecould not fork new process\n\0' }, closes('server')),
    'PG_SSL_ERROR',
    story(SSL, { server: 'Ecould not fork new process\n\0' }, closes('server')),
  ),
  cause(
    'PG_SERVER_ERROR',
    told('XX000', 'surprise'),
    'PG_POOLER_CANNOT_REACH_SERVER',
    told('58000', 'unable to read message kind'),
  ),
  cause(
    'PG_CLIENT_ERROR',
    story(SSL, local('TIMEOUT', 'No reply within 10 s.')),
    'PG_TLS_DECLINED',
    story(SSL, { server: 'N' }, local('SSL_REFUSED', 'no')),
  ),
];

const CLOSE: readonly CauseStory[] = [
  cause(
    'PG_SERVER_STALLED',
    story(START, OK, WAIT, closes('client')),
    'PG_CLIENT_LEFT',
    story(START, OK, closes('client')),
  ),

  cause(
    'PG_CLIENT_LEFT',
    story(START, OK, closes('client')),
    'PG_CLOSED_AFTER_LOGIN',
    story(START, OK, closes('server')),
  ),
  cause(
    'PG_MESSAGE_CUT',
    story(START, { server: Uint8Array.of(0x52, 0, 0, 0, 12, 0, 0) }, closes('server')),
    'PG_CLIENT_LEFT',
    story(START, { server: Uint8Array.of(0x52, 0, 0, 0, 12, 0, 0) }, closes('client')),
  ),
  cause(
    'PG_CLOSED_AT_STARTUP',
    story(SSL, { server: 'N' }, START, closes('server')),
    'PG_PLAIN_START_CLOSED',
    story(START, closes('server')),
  ),
  cause(
    'PG_CLOSED_INSIDE_TLS',
    inside(START, closes('server')),
    'PG_CLOSED_AT_REQUEST',
    inside(START, SASL, closes('server')),
  ),
  cause(
    'PG_CLOSED_AT_REQUEST',
    story(START, MD5, closes('server')),
    'PG_CLOSED_AT_ANSWER',
    story(START, MD5, password('md5…'), closes('server')),
  ),
  cause(
    'PG_CLOSED_AT_ANSWER',
    story(START, MD5, password('md5…'), closes('server')),
    'TCP_SERVER_SILENT',
    story(START, MD5, password('md5…'), WAIT, closes('client')),
  ),
  cause(
    'PG_CLOSED_AFTER_LOGIN',
    story(START, OK, closes('server', 'rst')),
    'PG_READY',
    story(START, OK, READY, closes('server', 'rst')),
  ),
  cause(
    'PG_STOPPED_WITHOUT_START',
    inside({ alert: 'close_notify', level: 'warning', from: 'client' }, closes('client')),
    'PG_CLOSED_INSIDE_TLS',
    inside(closes('server')),
  ),
];

/** pgbouncer's, pgpool's and the gateways' words are a table of their own, see `spoken.test.ts`. */
export const STORIES: readonly CauseStory[] = [
  ...NAMED,
  ...SESSION,
  ...ENCRYPTION,
  ...LOGIN,
  ...SERVER,
  ...CLOSE,
];
