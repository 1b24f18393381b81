import type { POSTGRES_SERVER_CAUSES } from '../../causes/postgres-server';
import type { CauseWords } from '../words';
import {
  ask,
  capital,
  clientOption,
  databaseName,
  explained,
  identifier,
  serverCommand,
  serverConfig,
  userName,
} from './phrases';

const LOG = () => ask('Read the server log for this moment.');

const LIMITS: Readonly<Record<string, string>> = {
  reserved: 'All connection slots are in use except those reserved for superusers or maintenance.',
  role: 'The connection limit of this role is reached.',
  database: 'The connection limit of this database is reached.',
  walsender: 'All WAL sender slots (max_wal_senders) are in use.',
  server: 'The server has no connection slot left (max_connections).',
};

/** Why a server ended a session, by SQLSTATE. */
const ENDED_BY: Readonly<Record<string, string>> = {
  '57P01': 'An administrator or a shutdown of the server ended the connection.',
  '57P04': 'The server ended the connection because its database was dropped.',
  '57P05': 'The server ended the connection because it was idle for too long (idle_session_timeout).',
};

export const POSTGRES_SERVER_WORDS: Readonly<Record<keyof typeof POSTGRES_SERVER_CAUSES, CauseWords>> = {
  PG_DATABASE_UNKNOWN: {
    what: (params) => explained(`${capital(databaseName(params))} does not exist on this server.`, params),
    next: () => [
      clientOption(
        'dbname',
        '…',
        "Check the database name (it defaults to the user's name), and that this is the right server and port.",
      ),
    ],
    proof: 'SQLSTATE 3D000.',
  },
  PG_OPTION_IN_DATABASE: {
    what: (params) =>
      explained(
        `The client asked for a database named "${params.database}": an option ended up in the database name.`,
        params,
      ),
    next: ({ name }) => [
      clientOption(
        'dbname',
        `${name}`,
        `Separate the options from the name: postgresql://HOST/${name}?sslmode=… in a URI, or dbname=${name} sslmode=… as key=value pairs.`,
      ),
    ],
    proof:
      'The database does not exist, and its name contains what looks like an option of a connection string.',
  },
  PG_DATABASE_CLOSED: {
    what: (params) => explained(`${capital(databaseName(params))} does not accept connections.`, params),
    next: ({ database }) => [
      serverCommand(
        'Allow connections to it, or connect to another database.',
        `ALTER DATABASE ${identifier(database ?? 'orders')} ALLOW_CONNECTIONS true;`,
      ),
    ],
    proof: 'SQLSTATE 55000 with "not currently accepting connections".',
  },
  PG_NO_CONNECT_PRIVILEGE: {
    what: (params) =>
      explained(`${capital(userName(params))} has no CONNECT privilege on ${databaseName(params)}.`, params),
    next: ({ user, database }) => [
      serverCommand(
        'Grant the privilege, or use another role.',
        `GRANT CONNECT ON DATABASE ${identifier(database ?? 'orders')} TO ${identifier(user ?? 'app_user')};`,
      ),
    ],
    proof: 'SQLSTATE 42501 with "permission denied for database".',
  },
  PG_REPLICATION_DENIED: {
    what: (params) => explained(`${capital(userName(params))} lacks the REPLICATION attribute.`, params),
    next: ({ user }) => [
      serverCommand(
        'Give the role this attribute, or use a role that has it.',
        `ALTER ROLE ${identifier(user ?? 'app_user')} REPLICATION;`,
      ),
    ],
    proof:
      'SQLSTATE 42501 with "permission denied to start WAL sender" or "must be superuser or replication role".',
  },
  PG_PERMISSION_DENIED: {
    what: (params) =>
      explained(`${capital(userName(params))} may not do what this connection asks for.`, params),
    next: () => [
      clientOption(
        'options',
        '…',
        "Remove the setting from the client's options, or use a role that may set it.",
      ),
    ],
    proof: 'SQLSTATE 42501.',
  },
  PG_CONNECTION_LIMIT: {
    what: (params) => explained(LIMITS[`${params.limit}`] ?? LIMITS.server, params),
    next: ({ limit, user, database }) => [
      serverCommand(
        'Look in pg_stat_activity to see who holds the connections, and close idle ones.',
        'SELECT usename, datname, client_addr, state, count(*) FROM pg_stat_activity GROUP BY 1, 2, 3, 4;',
      ),
      limit === 'role'
        ? serverCommand(
            'Or raise the limit (-1 removes it).',
            `ALTER ROLE ${identifier(user ?? 'app_user')} CONNECTION LIMIT -1;`,
          )
        : limit === 'database'
          ? serverCommand(
              'Or raise the limit (-1 removes it).',
              `ALTER DATABASE ${identifier(database ?? 'orders')} CONNECTION LIMIT -1;`,
            )
          : serverConfig(
              limit === 'walsender'
                ? 'Or raise max_wal_senders.'
                : 'Use a connection pool with fewer connections, or raise max_connections.',
            ),
    ],
    proof: 'SQLSTATE 53300.',
  },
  PG_OUT_OF_RESOURCES: {
    what: (params) => explained('The server ran out of a resource.', params),
    next: () => [
      ask('Check the memory, the disk space and the configured limits of the server; its log says more.'),
    ],
    proof: 'A SQLSTATE of class 53 other than 53300.',
  },
  PG_STARTING_UP: {
    what: (params) => explained('The server is starting up and accepts no connections yet.', params),
    next: () => [ask('Wait until it has started, then try again; applications should retry.')],
    proof: 'SQLSTATE 57P03 with "starting up" or "not yet accepting connections".',
  },
  PG_SHUTTING_DOWN: {
    what: (params) => explained('The server is shutting down.', params),
    next: () => [ask('Try again when it is up, or connect to another server of the cluster.')],
    proof: 'SQLSTATE 57P03 with "shutting down".',
  },
  PG_RECOVERING: {
    what: (params) => explained('The server is recovering and accepts no connections yet.', params),
    next: () => [
      ask(
        'Wait until recovery has reached a consistent state, then try again; the server log shows the progress.',
      ),
    ],
    proof: 'SQLSTATE 57P03 with "recovery".',
  },
  PG_HOT_STANDBY_OFF: {
    what: (params) => explained('This standby accepts no connections because hot standby is off.', params),
    next: () => [
      clientOption('host', '…', 'Connect to the primary.'),
      serverConfig('Or set hot_standby = on on this standby.', 'hot_standby = on'),
    ],
    proof: 'SQLSTATE 57P03 with DETAIL "Hot standby mode is disabled".',
  },
  PG_TERMINATED: {
    what: (params) => explained(ENDED_BY[`${params.sqlstate}`] ?? ENDED_BY['57P01'], params),
    next: ({ sqlstate }) => [
      sqlstate === '57P05'
        ? ask('Raise idle_session_timeout, or let the pool close idle connections earlier.')
        : sqlstate === '57P04'
          ? ask('Connect to another database, or create this one again.')
          : ask(
              'Try again; if it happens again, find out who restarts the server or calls pg_terminate_backend.',
            ),
    ],
    proof: 'SQLSTATE 57P01, 57P04 or 57P05.',
  },
  PG_CRASHED: {
    what: (params) =>
      explained('Another server process crashed, so the server ended all connections.', params),
    next: () => [ask('Try again: the server restarts by itself. Read its log to find out what crashed.')],
    proof: 'SQLSTATE 57P02.',
  },
  PG_CANCELED: {
    what: (params) => explained("The server cancelled the client's command.", params),
    next: () => [
      ask(
        'Check statement_timeout (also that of the role and the database), and find out who cancels queries (pg_cancel_backend, CancelRequest).',
      ),
    ],
    proof: 'SQLSTATE 57014.',
  },
  PG_PROTOCOL_UNKNOWN: {
    what: (params) =>
      explained(
        Number(params.asked) < 3
          ? `The server no longer supports protocol ${params.asked}, which the client asked for: the client is too old.`
          : `The server does not support protocol ${params.asked ?? '3.2'}, which the client asked for: the client is newer than the server or pooler.`,
        params,
      ),
    next: ({ asked }) =>
      Number(asked) < 3
        ? [ask('Update the client.')]
        : [
            clientOption(
              'max_protocol_version',
              '3.0',
              'Set max_protocol_version=3.0 in the connection string.',
            ),
            ask('Or update the server, or the pooler that answers for it.'),
          ],
    proof: 'The server refused the protocol version of the StartupMessage (0A000, 08P01).',
  },
  PG_PROTOCOL_BROKEN: {
    what: (params) => explained('The server received data that the protocol does not allow.', params),
    next: () => [ask('Check what is between client and server (proxy, pooler), and update the client.')],
    proof: 'SQLSTATE 08P01 with a text of PostgreSQL about a protocol violation.',
  },
  PG_NEGOTIATION_REFUSED: {
    what: ({ message }) =>
      `The client does not accept the protocol version that the server offers${message === undefined ? '' : `: ${message}`}.`,
    why: ({ bad }) =>
      bad === undefined
        ? null
        : 'PostgreSQL itself does not send such an answer; most likely a pooler or proxy answers for it.',
    next: ({ bad }) => [
      bad === undefined
        ? clientOption(
            'min_protocol_version',
            '3.0',
            'Lower min_protocol_version, or update the server or the pooler that answers for it.',
          )
        : ask('Update the pooler or proxy that answers, or connect to the server itself.'),
    ],
    proof: 'The server sent NegotiateProtocolVersion, and the client stopped there.',
  },
  PG_NOT_SUPPORTED: {
    what: (params) => explained('The server does not support what the client asked for.', params),
    next: () => [ask('Remove the option that the error text names from the connection string.')],
    proof: 'SQLSTATE 0A000.',
  },
  PG_PARAMETER_REFUSED: {
    what: (params) =>
      explained(
        `The server refused a startup parameter${params.parameter === undefined ? '' : ` (${params.parameter})`}.`,
        params,
      ),
    next: () => [
      clientOption(
        'options',
        '…',
        'Correct or remove the parameter in the connection string (options, client_encoding, replication, PGOPTIONS).',
      ),
    ],
    proof: 'SQLSTATE 22023, 22021, 42704, 42601, 42602 or 55P02 before the session was ready.',
  },
  PG_STATEMENT_GONE: {
    what: (params) =>
      explained('The server does not know a prepared statement that the client uses.', params),
    why: () =>
      'A pooler in transaction mode may run each transaction on another server connection, where the statement was not prepared.',
    next: () => [
      ask(
        'Let the pooler track prepared statements (max_prepared_statements in PgBouncer 1.21 and later), or switch them off in the driver.',
      ),
    ],
    proof: 'SQLSTATE 26000.',
  },
  PG_CANNOT_START_PROCESS: {
    what: (params) =>
      explained('The server refused the connection before it had started a process for it.', params),
    why: () =>
      'The error has the old form of protocol 2, in which a server reports that it cannot start a process; a pooler or a very old server may also answer in this form.',
    next: () => [ask('Check the memory and the process limit of the server, and read its log.')],
    proof: 'The answer is E, a text and a zero byte, without fields.',
  },
  PG_SERVER_ERROR: {
    what: (params) => {
      const who = params.speaker === undefined ? 'The server' : `${params.speaker}`;
      return explained(`${who} ended the connection with error ${params.sqlstate}.`, params);
    },
    next: () => [LOG()],
    proof: 'An ErrorResponse that has no cause of its own.',
  },
  PG_CLIENT_ERROR: {
    what: ({ message }) => `${message}`,
    next: () => [],
    proof: 'The client itself reported why it stopped.',
  },
};
