/** What poolers, gateways and managed services say, and what is true of each. */
import type { ErrorExtra } from '../../../../src/postgres/messages/error-fields';
import { type CauseStory, cause, told } from './parts';

export type SpokenText = readonly [
  speaker: string | null,
  sqlstate: string,
  text: string,
  code: string,
  extra?: ErrorExtra,
];

export const SPOKEN_TEXTS: readonly SpokenText[] = [
  ['pgbouncer', '08P01', 'client_login_timeout (server down)', 'PG_POOLER_CANNOT_REACH_SERVER'],
  [
    'pgbouncer',
    '08P01',
    'server login has been failing, try again later (server_login_retry)',
    'PG_POOLER_CANNOT_REACH_SERVER',
  ],
  [
    'pgbouncer',
    '08P01',
    'server login has been failing, cached error: connect failed (server_login_retry)',
    'PG_POOLER_CANNOT_REACH_SERVER',
  ],
  ['pgbouncer', '08P01', 'server DNS lookup failed', 'PG_POOLER_CANNOT_REACH_SERVER'],
  ['pgbouncer', '08P01', 'pgbouncer cannot connect to server', 'PG_POOLER_CANNOT_REACH_SERVER'],
  ['pgbouncer', '08P01', 'client_login_timeout', 'PG_POOLER_CLIENT_SLOW'],
  ['pgbouncer', '08P01', 'server login failed: wrong password type', 'PG_POOLER_NO_SECRET'],
  [
    'pgbouncer',
    '08P01',
    'server login failed: FATAL password authentication failed for user "app_user"',
    'PG_POOLER_SERVER_LOGIN_FAILED',
  ],
  ['pgbouncer', '08P01', 'password authentication failed for user "app_user"', 'PG_POOLER_PASSWORD_REFUSED'],
  ['pgbouncer', '08P01', 'SASL authentication failed', 'PG_POOLER_PASSWORD_REFUSED'],
  ['pgbouncer', '28P01', 'SASL authentication failed', 'PG_POOLER_PASSWORD_REFUSED'],
  ['pgbouncer', '08P01', 'auth failed', 'PG_POOLER_PASSWORD_REFUSED'],
  ['pgbouncer', '08P01', 'no such user: app_user', 'PG_POOLER_USER_UNKNOWN'],
  ['pgbouncer', '08P01', '"trust" authentication failed', 'PG_POOLER_USER_UNKNOWN'],
  ['pgbouncer', '08P01', 'no such database: orders', 'PG_POOLER_NO_POOL'],
  ['pgbouncer', '3D000', 'no such database: orders', 'PG_POOLER_NO_POOL'],
  ['pgbouncer', '08P01', 'no more connections allowed (max_client_conn)', 'PG_POOLER_FULL'],
  ['pgbouncer', '53300', 'no more connections allowed (max_client_conn)', 'PG_POOLER_FULL'],
  ['pgbouncer', '08P01', 'client connections exceeded (max_db_client_connections)', 'PG_POOLER_FULL'],
  ['pgbouncer', '08P01', 'query_wait_timeout', 'PG_POOLER_WAITED'],
  ['pgbouncer', '08P01', 'unsupported startup parameter: extra_float_digits', 'PG_POOLER_PARAMETER'],
  ['pgbouncer', '08P01', 'unsupported startup parameter in options: search_path', 'PG_POOLER_PARAMETER'],
  ['pgbouncer', '08P01', 'bouncer config error', 'PG_POOLER_CONFIG'],
  ['pgbouncer', '08P01', 'database "orders" is disabled', 'PG_POOLER_STOPPED'],
  ['pgbouncer', '08P01', 'login rejected', 'PG_POOLER_REJECTS'],
  ['Odyssey', '28000', 'odyssey: c0a1b2: user blocked: app_user', 'PG_POOLER_REJECTS'],
  ['pgpool', '58000', 'frontend authentication failed', 'PG_POOLER_PASSWORD_REFUSED'],
  ['pgpool', '58000', 'failed to authenticate with backend using SCRAM', 'PG_POOLER_SERVER_LOGIN_FAILED'],
  [
    'pgpool',
    '58000',
    'failed to authenticate with backend using SCRAM',
    'PG_POOLER_NO_SECRET',
    { detail: 'valid password not found' },
  ],
  // Several say this: none is named. With PostgreSQL's own SQLSTATE it is PostgreSQL's.
  [null, 'XX000', "password authentication failed for user 'app_user'", 'PG_POOLER_PASSWORD_REFUSED'],
  [null, '28P01', "password authentication failed for user 'app_user'", 'PG_PASSWORD_REFUSED'],
  [
    null,
    'XX000',
    'The endpoint has been disabled. Enable it using the API and retry.',
    'PG_GATEWAY_SUSPENDED',
  ],
  [null, 'XX000', 'Your account has restrictions: planLimitReached.', 'PG_GATEWAY_SUSPENDED'],
  [
    null,
    'XX000',
    '(EADDRNOTALLOWED) address not in tenant allow_list: {198, 51, 100, 7}',
    'PG_GATEWAY_ADDRESS_REFUSED',
  ],
  [
    null,
    '28000',
    'Client from Azure Virtual Networks is not allowed to access the server.',
    'PG_GATEWAY_ADDRESS_REFUSED',
  ],
  [
    null,
    '28000',
    'Cloud SQL IAM service account authentication failed for user "app_user@project.iam"',
    'PG_GATEWAY_TOKEN_REFUSED',
  ],
  ['Aurora DSQL', '08006', 'unable to accept connection, access denied', 'PG_GATEWAY_TOKEN_REFUSED'],
  ['Aurora DSQL', '08006', 'unable to accept connection, sni was not received', 'PG_GATEWAY_NO_SNI'],
  ['CockroachDB', '57P01', 'server is not accepting clients, try another node', 'PG_SHUTTING_DOWN'],
  [null, '57P01', 'terminating connection due to administrator command', 'PG_TERMINATED'],
  ['CockroachDB', '08004', 'unable to reach backend SQL server', 'PG_POOLER_CANNOT_REACH_SERVER'],
  [null, '08004', 'server requires encryption', 'PG_TLS_REQUIRED'],
  // PostgreSQL's own words, passed on.
  ['pgbouncer', '08P01', 'database "orders" does not exist', 'PG_DATABASE_UNKNOWN'],
  ['pgbouncer', '08P01', 'sorry, too many clients already', 'PG_CONNECTION_LIMIT'],
  ['pgbouncer', '08P01', 'the database system is starting up', 'PG_STARTING_UP'],
  ['pgbouncer', '08P01', 'the database system is shutting down', 'PG_SHUTTING_DOWN'],
  ['pgbouncer', '08P01', 'role "app_user" does not exist', 'PG_POOLER_SERVER_LOGIN_FAILED'],
  [
    'pgbouncer',
    '08P01',
    'no pg_hba.conf entry for host "192.0.2.7", user "app_user", database "orders", no encryption',
    'PG_POOLER_SERVER_LOGIN_FAILED',
  ],
  ['pgbouncer', '08P01', 'SSL required', 'PG_TLS_REQUIRED'],
  [
    'pgpool',
    'XX000',
    'authentication failed',
    'PG_POOLER_PASSWORD_REFUSED',
    { detail: 'username "app_user" or password does not exist in backend' },
  ],
  [
    'pgpool',
    'XX000',
    'backend authentication failed',
    'PG_POOLER_SERVER_LOGIN_FAILED',
    { detail: "backend response with kind 'E' when expecting 'R'" },
  ],
  ['pgpool', '53300', 'Sorry, too many clients already', 'PG_POOLER_FULL'],
  [null, '53300', 'sorry, too many clients already', 'PG_CONNECTION_LIMIT'],
  ['pgpool', '58000', 'unable to read message kind', 'PG_POOLER_CANNOT_REACH_SERVER'],
  ['pgpool', 'XX000', 'unable to read data from DB node 0', 'PG_POOLER_CANNOT_REACH_SERVER'],
  [
    'pgpool',
    '57000',
    'pgpool is not accepting any new connections',
    'PG_POOLER_CANNOT_REACH_SERVER',
    { detail: 'all backend nodes are down, pgpool requires at least one valid node' },
  ],
  [
    'pgpool',
    'XX000',
    'SCRAM authentication failed',
    'PG_POOLER_NO_SECRET',
    { detail: 'pool_passwd file does not contain an entry for "app_user"' },
  ],
  [
    'pgpool',
    'XX000',
    'md5 authentication failed',
    'PG_POOLER_PASSWORD_REFUSED',
    { detail: 'password does not match' },
  ],
  [
    'pgpool',
    'XX000',
    'client authentication failed',
    'PG_POOLER_REJECTS',
    { detail: 'no pool_hba.conf entry for host "192.0.2.9", user "app_user", database "orders", SSL off' },
  ],
  ['PgCat', '58000', 'No pool configured for database: "orders", user: "app_user"', 'PG_POOLER_NO_POOL'],
  [
    'PgCat',
    '58000',
    'could not get connection from the pool - AllServersDown',
    'PG_POOLER_CANNOT_REACH_SERVER',
  ],
  ['PgCat', '58000', 'Invalid password', 'PG_POOLER_PASSWORD_REFUSED'],
  ['Odyssey', '08006', "odyssey: c1a2b3: route for 'orders.app_user' is not found", 'PG_POOLER_NO_POOL'],
  ['Odyssey', '28P01', 'odyssey: c1a2b3: incorrect password', 'PG_POOLER_PASSWORD_REFUSED'],
  [
    'Odyssey',
    '08006',
    'odyssey: c1a2b3: failed to connect to remote server s4d5',
    'PG_POOLER_CANNOT_REACH_SERVER',
  ],
  ['Odyssey', '53300', 'odyssey: c1a2b3: too many tcp connections (global client_max 100)', 'PG_POOLER_FULL'],
  [
    'Supavisor',
    'XX000',
    'MaxClientsInSessionMode: max clients reached - in Session mode max clients are limited to pool_size',
    'PG_POOLER_FULL',
  ],
  ['Supavisor', 'XX000', 'Max client connections reached', 'PG_POOLER_FULL'],
  ['Supavisor', 'XX000', 'Tenant or user not found', 'PG_GATEWAY_TENANT_UNKNOWN'],
  ['Supavisor', 'XX000', 'Authentication query failed: connection not available', 'PG_POOLER_CONFIG'],
  ['Supavisor', 'XX000', 'DbHandlerExited', 'PG_POOLER_CANNOT_REACH_SERVER'],
  [
    'Neon',
    'XX000',
    "Endpoint ID is not specified. Either please upgrade the postgres client library (libpq) for SNI support or pass the endpoint ID (first part of the domain name) as a parameter: '?options=endpoint%3D<endpoint-id>'",
    'PG_GATEWAY_NO_SNI',
  ],
  [
    'Neon',
    'XX000',
    "Inconsistent project name inferred from SNI ('a') and project option ('b').",
    'PG_GATEWAY_TENANT_UNKNOWN',
  ],
  [
    'Neon',
    'XX000',
    "The requested endpoint could not be found, or you don't have access to it.",
    'PG_GATEWAY_TENANT_UNKNOWN',
  ],
  [
    null,
    'XX000',
    'Your project has exceeded the compute time quota. Upgrade your plan to increase limits.',
    'PG_GATEWAY_SUSPENDED',
  ],
  [null, 'XX000', 'The endpoint is disabled. Enable it using the API and retry.', 'PG_GATEWAY_SUSPENDED'],
  ['RDS Proxy', '0A000', "RDS Proxy currently doesn't support command-line options.", 'PG_POOLER_PARAMETER'],
  [
    'RDS Proxy',
    '28000',
    'This RDS proxy has no credentials for the role app_user. Check the credentials for this role and try again.',
    'PG_GATEWAY_NO_SECRET',
  ],
  ['RDS Proxy', '28000', 'This RDS Proxy requires TLS connections', 'PG_TLS_REQUIRED'],
  ['RDS Proxy', '53300', 'Timed-out waiting to acquire database connection', 'PG_POOLER_WAITED'],
  [
    'RDS Proxy',
    '28P01',
    'The password that was provided for the role app_user is wrong.',
    'PG_PASSWORD_REFUSED',
  ],
  [
    'Azure',
    '28000',
    'Invalid Username specified. Please check the Username and retry connection. The Username should be in <username@hostname> format.',
    'PG_GATEWAY_USER_FORMAT',
  ],
  [null, '28000', 'SSL connection is required. Please specify SSL options and retry.', 'PG_TLS_REQUIRED'],
  [
    null,
    '28000',
    'Client from IP address 192.0.2.9 is not allowed to connect to this server.',
    'PG_GATEWAY_ADDRESS_REFUSED',
  ],
  [null, '28000', 'Azure AD token is expired', 'PG_GATEWAY_TOKEN_REFUSED'],
  [null, '28000', 'Cloud SQL IAM user authentication failed for user "app_user"', 'PG_GATEWAY_TOKEN_REFUSED'],
  ['CockroachDB', '08P01', 'node is running secure mode, SSL connection required', 'PG_TLS_REQUIRED'],
  [
    'CockroachDB',
    '08004',
    'codeParamsRoutingFailed: missing cluster identifier',
    'PG_GATEWAY_TENANT_UNKNOWN',
  ],
  [null, 'XX000', 'connection is insecure (try using `sslmode=require`)', 'PG_TLS_REQUIRED'],
];

/** PostgreSQL's own words that come near. */
const OWN: Readonly<
  Record<string, readonly [state: string, text: string, code: string, extra?: ErrorExtra]>
> = {
  PG_POOLER_CANNOT_REACH_SERVER: ['57P03', 'the database system is starting up', 'PG_STARTING_UP'],
  PG_POOLER_FULL: ['53300', 'sorry, too many clients already', 'PG_CONNECTION_LIMIT'],
  PG_POOLER_NO_POOL: ['3D000', 'database "orders" does not exist', 'PG_DATABASE_UNKNOWN'],
  PG_POOLER_PARAMETER: ['42704', 'unrecognized configuration parameter "x"', 'PG_PARAMETER_REFUSED'],
  PG_POOLER_USER_UNKNOWN: ['28000', 'role "app_user" does not exist', 'PG_ROLE_UNKNOWN'],
  PG_GATEWAY_ADDRESS_REFUSED: [
    '28000',
    'no pg_hba.conf entry for host "192.0.2.9", user "u", database "d", SSL off',
    'PG_HBA_NO_ENTRY',
  ],
  PG_TLS_REQUIRED: [
    '28000',
    'no pg_hba.conf entry for host "192.0.2.9", user "u", database "d", no encryption',
    'PG_HBA_NO_ENTRY',
  ],
};

const WRONG: readonly [string, string, string, ErrorExtra?] = [
  '28P01',
  'password authentication failed for user "app_user"',
  'PG_PASSWORD_REFUSED',
  { routine: 'auth_failed' },
];
const BROKEN = [
  '08P01',
  'invalid length of startup packet',
  'PG_PROTOCOL_BROKEN',
  { routine: 'ProcessStartupPacket' },
] as const;

export const SPOKEN_STORIES: readonly CauseStory[] = SPOKEN_TEXTS.map(([, state, text, code, extra]) => {
  const [nearState, nearText, nearCode, nearExtra] =
    OWN[code] ?? (code === 'PG_PASSWORD_REFUSED' ? BROKEN : WRONG);
  return cause(code, told(state, text, extra), nearCode, told(nearState, nearText, nearExtra));
}).concat(
  cause(
    'PG_POOLER_ERROR',
    told('08P01', 'a text of tomorrow'),
    'PG_PROTOCOL_BROKEN',
    told(...(BROKEN.slice(0, 2) as [string, string])),
  ),
);
