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
        `The client asked for a database named "${params.database}": an option was glued into the database name.`,
        params,
      ),
    next: ({ name }) => [
      clientOption(
        'dbname',
        `${name}`,
        `Write the options apart from the name: postgresql://HOST/${name}?sslmode=… in a URI, or dbname=${name} sslmode=… as key=value pairs.`,
      ),
    ],
    proof: 'The database does not exist, and its name holds what reads as an option of a connection string.',
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
        'Give the attribute to the role, or use a role that has it.',
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
        'Look in pg_stat_activity at who holds the connections, and close idle ones.',
        'SELECT usename, datname, client_addr, state, count(*) FROM pg_stat_activity GROUP BY 1, 2, 3, 4;',
      ),
      limit === 'role'
        ? serverCommand(
            'Or raise the limit.',
            `ALTER ROLE ${identifier(user ?? 'app_user')} CONNECTION LIMIT -1;`,
          )
        : limit === 'database'
          ? serverCommand(
              'Or raise the limit.',
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
    next: () => [ask('Check memory, disk space and the configured limits of the server; its log says more.')],
    proof: 'A SQLSTATE of class 53 other than 53300.',
  },
  PG_STARTING_UP: {
    what: (params) => explained('The server is starting up and accepts no connections yet.', params),
    next: () => [ask('Wait until it has started, then try again; let the application retry.')],
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
      ask('Wait until recovery has reached a consistent state, then try again; its log shows the progress.'),
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
    what: (params) => explained('An administrator or a shutdown ended the connection.', params),
    next: () => [
      ask('Try again; if it happens again, look for who calls pg_terminate_backend, and at time-outs.'),
    ],
    proof: 'SQLSTATE 57P01, 57P04 or 57P05.',
  },
  PG_CRASHED: {
    what: (params) => explained('A server process crashed and took all connections with it.', params),
    next: () => [ask('Read the server log for the crash, then try again.')],
    proof: 'SQLSTATE 57P02.',
  },
  PG_CANCELED: {
    what: (params) => explained('The server cancelled what it was doing.', params),
    next: () => [ask('Look for who or which time limit asked for it (statement_timeout, lock_timeout).')],
    proof: 'SQLSTATE 57014.',
  },
  PG_PROTOCOL_UNKNOWN: {
    what: (params) =>
      explained(
        Number(params.asked) < 3
          ? `The server no longer knows protocol ${params.asked} that the client asked for: the client is too old.`
          : `The server does not know protocol ${params.asked ?? '3.2'} that the client asked for: the client is newer than the server or pooler, not too old.`,
        params,
      ),
    next: ({ asked }) => [
      ...(Number(asked) < 3 ? [ask('Update the client.')] : []),
      clientOption('max_protocol_version', '3.0', 'Set max_protocol_version=3.0 in the connection string.'),
      ask('Or update the server, or the pooler that answers for it.'),
    ],
    proof: 'The server refused the protocol version of the StartupMessage (0A000, 08P01).',
  },
  PG_PROTOCOL_BROKEN: {
    what: (params) => explained('The server received what the protocol does not allow.', params),
    next: () => [ask('Look at what is between client and server, and update the client.')],
    proof: 'SQLSTATE 08P01 with the words of PostgreSQL for a broken protocol.',
  },
  PG_NEGOTIATION_REFUSED: {
    what: ({ message }) =>
      `The client does not accept the protocol version that the server offers${message === undefined ? '' : `: ${message}`}.`,
    why: ({ bad }) =>
      bad === undefined
        ? null
        : 'A pooler or proxy that answers for PostgreSQL is the usual cause of an answer that makes no sense.',
    next: ({ bad }) => [
      bad === undefined
        ? clientOption(
            'min_protocol_version',
            '3.0',
            'Lower min_protocol_version, or update the server or the pooler that answers for it.',
          )
        : ask('Update the pooler or proxy that answers, or connect to the server itself.'),
    ],
    proof: "NegotiateProtocolVersion is the server's last message but one, and the client stopped.",
  },
  PG_NOT_SUPPORTED: {
    what: (params) => explained('The server does not support what the client asked for.', params),
    next: () => [ask('Remove the option that the text names from the connection string.')],
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
    why: () => 'A pooler in transaction mode gives each transaction another server connection.',
    next: () => [
      ask(
        'Switch off prepared statements in the driver, or let the pooler keep them (max_prepared_statements).',
      ),
    ],
    proof: 'SQLSTATE 26000.',
  },
  PG_CANNOT_START_PROCESS: {
    what: (params) =>
      explained('The server refused the connection before a process of its own could answer.', params),
    why: () =>
      'The text has the form that was used before protocol 3, in which a server reports that it cannot start a process; a pooler or a very old server answers like this, too.',
    next: () => [ask('Check memory and the limit of processes on the server, and read its log.')],
    proof: 'E, a text and a zero byte, without fields.',
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
