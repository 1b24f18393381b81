import type { POSTGRES_GATEWAY_CAUSES } from '../../causes/postgres-gateway';
import type { CauseWords } from '../words';
import { ask, clientOption, databaseName, explained, serverConfig, type speaker, userName } from './phrases';

const who = (params: Parameters<typeof speaker>[0]) =>
  params.speaker === undefined ? 'the pooler' : `${params.speaker}`;
const Who = (params: Parameters<typeof speaker>[0]) =>
  params.speaker === undefined ? 'The pooler' : `${params.speaker}`;

/** A managed service that is not known by name. */
const Service = (params: Parameters<typeof speaker>[0]) =>
  params.speaker === undefined ? 'The service' : `${params.speaker}`;
const service = (params: Parameters<typeof speaker>[0]) =>
  params.speaker === undefined ? 'the service' : `${params.speaker}`;

/** What lets a pooler in at the server that refused it. */
function serverLogin(params: Parameters<typeof speaker>[0]) {
  if (/pg_hba\.conf/.test(`${params.text}`))
    return serverConfig(
      `Add a line for the address of ${who(params)} to pg_hba.conf of the server, and reload it: SELECT pg_reload_conf();`,
    );
  if (/^role /.test(`${params.text}`))
    return serverConfig(
      `Create this role on the server, with LOGIN, or name another one with user= in the [databases] section of ${who(params)}.`,
    );
  const kept =
    params.speaker === 'pgpool' ? 'pool_passwd' : 'auth_file, auth_query, or its entry in [databases]';
  return serverConfig(`Correct the password that ${who(params)} uses for the server (${kept}).`);
}

export const POSTGRES_GATEWAY_WORDS: Readonly<Record<keyof typeof POSTGRES_GATEWAY_CAUSES, CauseWords>> = {
  PG_POOLER_CANNOT_REACH_SERVER: {
    what: (params) => explained(`${Who(params)} cannot reach the PostgreSQL server behind it.`, params),
    next: (params) => [
      ask(
        `Check that the server behind ${who(params)} is running and can be reached from the machine of ${who(params)} (try psql there), and read both logs.`,
      ),
    ],
    proof: 'The error text of a pooler says that its connection to the server failed or was lost.',
  },
  PG_POOLER_SERVER_LOGIN_FAILED: {
    what: (params) =>
      explained(`${Who(params)} could not log in to the PostgreSQL server behind it.`, params),
    why: ({ text }) =>
      /password/.test(`${text}`)
        ? "The client's own password was not the problem: the server refused the one that the pooler uses."
        : 'The client itself was not refused: the server does not accept the login of the pooler.',
    next: (params) => [serverLogin(params)],
    proof: 'The error text of a pooler quotes the error of its own login.',
  },
  PG_POOLER_NO_SECRET: {
    what: (params) =>
      explained(
        `${Who(params)} has no secret for ${userName(params)} that it can use to log in to the server.`,
        params,
      ),
    why: () =>
      'To log in with scram-sha-256 a pooler needs the plain password, or the same SCRAM secret that the server has; an md5 hash is not enough.',
    next: ({ speaker: name }) => [
      name === 'pgpool'
        ? serverConfig(
            'Add the user to the file pool_passwd with pg_enc -m -p -u USER, or by hand with the AES-encrypted or plain password.',
          )
        : serverConfig(
            "Put the plain password, or the SCRAM secret exactly as in pg_authid, into the pooler's auth_file (userlist.txt), or use auth_query.",
          ),
    ],
    proof: 'The error text of a pooler says that its password entry is missing or of the wrong type.',
  },
  PG_POOLER_PASSWORD_REFUSED: {
    what: (params) =>
      explained(
        `${Who(params)} refused the password of ${userName(params)}, or does not know this user.`,
        params,
      ),
    next: (params) => [
      clientOption(
        'password',
        '…',
        `Check the password, and that ${who(params)} knows the user with this password (auth_file, auth_query).`,
      ),
    ],
    proof: 'The error text of a pooler says that authentication failed.',
  },
  PG_POOLER_USER_UNKNOWN: {
    what: (params) => explained(`${Who(params)} does not know ${userName(params)}.`, params),
    next: () => [
      serverConfig(
        "Add the user to the pooler's configuration (userlist.txt, or auth_query), or correct the name.",
      ),
    ],
    proof: 'The error text of a pooler says that there is no such user.',
  },
  PG_POOLER_NO_POOL: {
    what: (params) =>
      explained(`${Who(params)} has no pool for ${databaseName(params)} and ${userName(params)}.`, params),
    next: () => [
      serverConfig(
        "Add the database, with this user, to the pooler's configuration, or correct the names: a pooler has its own names for databases.",
      ),
    ],
    proof:
      'The error text of a pooler says that it does not know the database or the pair of database and user.',
  },
  PG_POOLER_FULL: {
    what: (params) => explained(`${Who(params)} has reached its client limit.`, params),
    next: ({ speaker: name }) => [
      name === 'Supavisor'
        ? ask('Use transaction mode (port 6543) or a larger pool size, and close idle clients.')
        : serverConfig(
            `Close idle client connections, or raise the limit${name === 'pgpool' ? ' (num_init_children)' : name === 'pgbouncer' ? ' (max_client_conn, max_db_client_connections, max_user_client_connections)' : ''}.`,
          ),
    ],
    proof: 'The error text of a pooler names its limit of clients.',
  },
  PG_POOLER_WAITED: {
    what: (params) => explained(`${Who(params)} had no free server connection in time.`, params),
    next: () => [
      ask(
        'Look for long transactions that hold the connections of the pool, check that the server behind it answers, or raise the pool size.',
      ),
    ],
    proof: 'The error text of a pooler says that waiting for a server connection took too long.',
  },
  PG_POOLER_PARAMETER: {
    what: (params) => explained(`${Who(params)} does not accept a startup parameter of the client.`, params),
    next: ({ speaker: name, parameter }) => [
      ...(name === 'pgbouncer'
        ? [
            serverConfig(
              'Add it to ignore_startup_parameters in pgbouncer.ini: some drivers always send it.',
              `ignore_startup_parameters = ${parameter ?? 'extra_float_digits'}`,
            ),
          ]
        : []),
      clientOption(
        `${parameter ?? 'options'}`,
        '',
        `${name === 'pgbouncer' ? 'Or remove' : 'Remove'} ${parameter ?? 'options (also PGOPTIONS)'} from the client's connection string.`,
      ),
    ],
    proof: 'The error text of a pooler or gateway names the parameter or `options`.',
  },
  PG_POOLER_CLIENT_SLOW: {
    what: (params) => explained(`The client took longer to log in than ${who(params)} allows.`, params),
    next: () => [
      ask('Find out what the client was waiting for, such as a password prompt or a secret store.'),
    ],
    proof: 'The error text of a pooler names its timeout for clients.',
  },
  PG_POOLER_CONFIG: {
    what: (params) => explained(`${Who(params)} has a problem in its own configuration.`, params),
    next: () => [
      ask("Read the pooler's log and check its configuration (auth_query, auth_user, auth_dbname)."),
    ],
    proof: 'The error text of a pooler speaks of its configuration.',
  },
  PG_POOLER_STOPPED: {
    what: (params) =>
      explained(`${Who(params)} is shutting down, paused or disabled for this database.`, params),
    next: () => [ask('Try again, or resume it on its admin console (RESUME, ENABLE).')],
    proof: 'The error text of a pooler says that it is shutting down, paused or disabled.',
  },
  PG_POOLER_REJECTS: {
    what: (params) => explained(`The access rules of ${who(params)} reject this connection.`, params),
    next: ({ speaker: name }) => [
      serverConfig(
        name === 'pgpool'
          ? 'Add a line for this user, database and address to pool_hba.conf.'
          : "Add a line for this user, database and address to the pooler's auth_hba_file.",
      ),
    ],
    proof: 'The error text of a pooler says that its own rules reject the login.',
  },
  PG_POOLER_ERROR: {
    what: (params) => explained('A pooler such as pgbouncer, or the server, refused the connection.', params),
    why: () =>
      'pgbouncer uses the code 08P01 for almost all of its errors, so only the text says what is wrong.',
    next: () => [ask("Read the pooler's log for this moment.")],
    proof: 'SQLSTATE 08P01 with a text that PostgreSQL does not use.',
  },
  PG_GATEWAY_TENANT_UNKNOWN: {
    what: (params) =>
      explained(
        `${Service(params)} cannot find the project (tenant or cluster) given by the user name, the host name (SNI) or the options of this connection.`,
        params,
      ),
    next: () => [
      clientOption(
        'user',
        'USER.PROJECT',
        'Copy the connection string from the service again: the user name (USER.PROJECT), the host name or the options must name the project. Check that the project still exists and is in this region.',
      ),
    ],
    proof: 'The error text of a gateway says that it finds no such tenant, project or cluster.',
  },
  PG_GATEWAY_NO_SNI: {
    what: (params) =>
      explained(
        `The client sent no server name (SNI), which ${service(params)} needs to find the project.`,
        params,
      ),
    next: () => [
      ask('Update the driver or libpq to one that sends SNI, and connect by host name, not by address.'),
      clientOption(
        'options',
        'endpoint=ENDPOINT',
        'Or give the endpoint as a parameter: options=endpoint%3DENDPOINT in a URI.',
      ),
    ],
    proof: 'The error text of a gateway asks for SNI or an endpoint.',
  },
  PG_GATEWAY_USER_FORMAT: {
    what: (params) => explained(`${Service(params)} requires the user name in the form user@server.`, params),
    next: () => [
      clientOption('user', 'USER@SERVER', 'Write the user as USER@SERVER (in a URI USER%40SERVER).'),
    ],
    proof: 'The error text of a gateway names the form that it wants.',
  },
  PG_GATEWAY_NO_SECRET: {
    what: (params) => explained(`${Service(params)} has no credentials for ${userName(params)}.`, params),
    next: () => [
      ask(
        'Add a secret with the password of this role to the proxy, and check that the proxy is allowed to read it.',
      ),
    ],
    proof: 'The error text of a gateway says that it has no credentials for the role.',
  },
  PG_GATEWAY_ADDRESS_REFUSED: {
    what: (params) =>
      explained(`${Service(params)} does not allow connections from this client's address.`, params),
    next: () => [
      serverConfig("Add the client's public address to the firewall rules or the allow list of the service."),
    ],
    proof: 'The error text of a gateway speaks of the address, a firewall or an allow list.',
  },
  PG_GATEWAY_SUSPENDED: {
    what: (params) =>
      explained(`${Service(params)} has suspended this project, or its quota is used up.`, params),
    next: () => [
      ask('Look at the console of the service: quota, billing, or a paused project that has to be resumed.'),
    ],
    proof: 'The error text of a gateway speaks of a quota, or of a project that is paused or disabled.',
  },
  PG_GATEWAY_TOKEN_REFUSED: {
    what: (params) => explained(`${Service(params)} refused the login token of ${userName(params)}.`, params),
    next: () => [
      clientOption(
        'password',
        '…',
        'Create a new token for exactly this user, host and region, and give it as the password; such a token expires soon (on RDS after 15 minutes).',
      ),
    ],
    proof: 'The error text speaks of IAM or of an access token.',
  },
};
