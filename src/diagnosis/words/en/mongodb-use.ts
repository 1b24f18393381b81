/** Connections that were usable, and commands that were refused on them. */
import type { MONGODB_CAUSES } from '../../causes/mongodb';
import type { CauseWords } from '../words';
import { js, option, quoted, serverText, step, who, withMechanism } from './mongodb-parts';
import { capital, tlsName } from './phrases';

type Codes = Extract<
  keyof typeof MONGODB_CAUSES,
  `MONGO_${
    | 'READY'
    | 'OPEN'
    | 'NO_LOGIN_TRIED'
    | 'IN_USE'
    | 'MONITOR'
    | 'ENCRYPTED'
    | 'AUTHENTICATION_REQUIRED'
    | 'UNAUTHORIZED'
    | 'COMMAND_UNKNOWN'
    | 'COMMAND_FAILED'
    | 'RETRYABLE_WRITES'
    | 'NOT_PRIMARY'
    | 'REAUTHENTICATION'
    | 'ADDRESS_REFUSED'
    | 'CLUSTER_UNREACHABLE'
    | 'RATE_LIMITED'
    | 'TLS_REQUIRED'}`
>;

const LACKS: Readonly<Record<string, string>> = {
  beginning: 'the capture starts after its handshake, so who is logged in is not known',
  bytes: 'bytes of it are missing from the capture, so whether and as whom the client logged in is not known',
  compressed: 'its compressed messages were not read, so whether the client logged in is not known',
};

/** ` as app_user@admin`, or who the client is without a name. */
function loggedIn(p: Parameters<typeof who>[0]): string {
  return p.user === undefined && p.database === undefined ? 'The client' : who(p);
}

/** `find on orders.items`. */
function commandText({ command, namespace }: Parameters<typeof who>[0]): string {
  return namespace === undefined ? String(command) : `${command} on ${namespace}`;
}

/** Also where the server has not said what it is. */
function mayBeMongos(role: string | number | undefined): boolean {
  return role === undefined || role === '' || role === 'mongos';
}

export const MONGODB_USE_WORDS: Readonly<Record<Codes, CauseWords>> = {
  MONGO_READY: {
    what: (p) =>
      p.user === undefined && p.database === undefined
        ? `Connected to ${serverText(p)}: the client is authenticated${withMechanism(p)}.`
        : `Connected to ${serverText(p)}: ${p.user === undefined ? `the certificate subject@${p.database}` : who(p)} is authenticated${withMechanism(p)}.`,
    next: () => [],
    proof: 'The server ended a login with ok: 1 and done.',
  },
  MONGO_OPEN: {
    what: (p) => `Connected to ${serverText(p)} without authentication.`,
    why: () => 'Commands were answered, and the client did not log in.',
    next: () => [],
    proof:
      'The whole connection was captured, no login was tried, and application commands were answered with ok.',
  },
  MONGO_NO_LOGIN_TRIED: {
    what: (p) => `Connected to ${serverText(p)} without authentication.`,
    why: () =>
      'hello and ping are answered without a login, even by a server that requires one for everything else.',
    next: () => [
      step(
        'client-option',
        'If the server requires a login, it refuses other commands with error 13: then add user, password and authSource to the connection string.',
      ),
    ],
    proof: 'No login was tried, and only commands that need none were answered.',
  },
  MONGO_IN_USE: {
    what: (p) =>
      `${p.role === undefined || p.role === '' ? 'The connection' : `The connection to ${serverText(p)}`} is in use; ${LACKS[String(p.lacks)] ?? LACKS.bytes}.`,
    next: ({ lacks }) => [
      lacks === 'compressed'
        ? step('client-option', 'Remove compressors from the connection string to record readable commands.')
        : step(
            'capture',
            'To see its login, start the capture before the client connects, with both directions and -s 0.',
          ),
    ],
    proof:
      'Commands were answered, and the part of the connection that holds its login is not in the capture.',
  },
  MONGO_MONITOR: {
    what: (p) =>
      `The client only watches ${serverText(p)} with hello: this is a monitoring connection, which does not log in by design.`,
    next: () => [],
    proof: 'hello was sent and answered again and again, and nothing else.',
  },
  MONGO_ENCRYPTED: {
    what: ({ version }) => `Encrypted from here on${version === undefined ? '' : ` (${tlsName(version)})`}.`,
    next: () => [step('capture', 'Load a TLS key log to see the login.')],
    proof: 'The TLS handshake ended, data went both ways, and no key opens it.',
  },
  MONGO_AUTHENTICATION_REQUIRED: {
    what: (p) =>
      `The server requires authentication, and the client did not log in: ${commandText(p)} was refused with ${quoted(p)}.`,
    next: () => [
      step('client-option', 'Add user, password and authSource to the connection string.', {
        snippet: 'mongodb://<user>:<password>@<host>:<port>/<database>?authSource=admin',
      }),
    ],
    proof: 'A command was refused with 13, and no login was tried before it.',
  },
  MONGO_UNAUTHORIZED: {
    what: (p) => `${loggedIn(p)} is authenticated, but may not run ${commandText(p)}: ${quoted(p)}.`,
    why: () => 'The login succeeded, but the roles of this user lack a privilege.',
    next: (p) => [
      step('server-command', 'Grant the user a role that includes this command on this database.', {
        snippet: `db.getSiblingDB(${js(p.database ?? 'admin')}).grantRolesToUser(${js(p.user ?? '<user>')}, [{role: "readWrite", db: ${js(String(p.namespace ?? '<database>').split('.')[0])}}])`,
      }),
      step('client-option', 'Or check that the application names the right database and user.'),
    ],
    proof: 'The login succeeded, and the first command of the application was refused with 13.',
    tellApart: 'A login succeeded on this connection before.',
  },
  MONGO_COMMAND_UNKNOWN: {
    what: (p) => `The server does not support ${commandText(p)}: ${quoted(p)}.`,
    why: () =>
      "The server is older than the driver or tool expects, or it is a product that speaks MongoDB's protocol without this command.",
    next: () => [
      step(
        'client-option',
        'Use a driver or tool that matches the server, or leave out the feature that needs the command.',
      ),
    ],
    proof: 'The first command of the application was refused with 59, 115 or 303.',
  },
  MONGO_COMMAND_FAILED: {
    what: (p) =>
      `Connected to ${serverText(p)}${p.user === undefined ? '' : ` as ${who(p)}`}, but ${commandText(p)} failed: ${quoted(p)}.`,
    next: () => [step('ask', 'The connection works: check the command that the application sends.')],
    proof:
      'The connection was ready, and the server answered the first command of the application with an error.',
  },
  MONGO_RETRYABLE_WRITES: {
    what: (p) =>
      `The server refused ${commandText(p)} because it does not support retryable writes: ${quoted(p)}.`,
    why: () =>
      'A standalone server, DocumentDB and other products do not support them; drivers use them by default.',
    next: () => [option('retryWrites', 'false', 'Set retryWrites=false in the connection string.')],
    proof:
      'The text speaks of retryable writes, or of transaction numbers on a server that is not in a replica set.',
  },
  MONGO_NOT_PRIMARY: {
    what: (p) =>
      `${capital(serverText(p))} refused ${commandText(p)} because it is not the primary: ${quoted(p)}.`,
    next: () => [
      step(
        'client-option',
        'Connect to the replica set (replicaSet=…, without directConnection=true), so that the driver finds the primary.',
      ),
      option(
        'readPreference',
        'secondaryPreferred',
        'For reads only: set readPreference=secondaryPreferred.',
      ),
    ],
    proof: 'The command was refused with 10107, 13435, 13436, 11602 or 189.',
  },
  MONGO_REAUTHENTICATION: {
    what: (p) => `The server requires a new login before ${commandText(p)}: ${quoted(p)}.`,
    why: () =>
      'The credential, such as an OIDC token, has expired; a driver that handles error 391 logs in again by itself.',
    next: () => [
      step('client-option', 'Update the driver, and check how its OIDC callback renews the token.'),
    ],
    proof: 'Error 391 (ReauthenticationRequired), and no login followed.',
  },
  MONGO_CLUSTER_UNREACHABLE: {
    what: (p) =>
      `${capital(serverText(p))} could not reach another server that it needs for ${commandText(p)}: ${quoted(p)}.`,
    why: ({ role }) =>
      mayBeMongos(role)
        ? 'A mongos keeps users on the config servers and data on the shards: without them it answers, and can log nobody in.'
        : null,
    next: ({ role }) => [
      step(
        'server-command',
        !mayBeMongos(role)
          ? "On the server's host, check that the server that the text names runs and can be reached."
          : 'On the host of mongos, check that the config servers (--configdb) and the shard that the text names run, have a primary and can be reached.',
      ),
    ],
    proof:
      'The server says with an error code of its own connections (6, 7, 89, 133, 202), or in its words, that it did not reach another server.',
  },
  MONGO_ADDRESS_REFUSED: {
    what: (p) => `The firewall of the service does not accept connections from this address: ${quoted(p)}.`,
    next: () => [
      step(
        'server-config',
        'Allow the address that the text names in the firewall (networking) settings of the account, or connect through its private endpoint.',
      ),
    ],
    proof:
      "An error text in which the service says that its firewall or address list blocks the client's address.",
  },
  MONGO_RATE_LIMITED: {
    what: (p) => `The service limits the rate of requests: ${quoted(p)}.`,
    next: () => [
      step(
        'server-config',
        'Raise the throughput (request units) of the account or collection, or enable its server-side retry.',
      ),
      step(
        'client-option',
        'Connect less often: keep one client per process, and retry with exponential backoff.',
      ),
    ],
    proof: 'Error 16500 (TooManyRequests), or a text that speaks of the request rate.',
  },
  MONGO_TLS_REQUIRED: {
    what: ({ text }) =>
      text === undefined
        ? 'The server requires TLS.'
        : `The server requires TLS, and the client did not use it: "${text}".`,
    next: () => [option('tls', 'true', 'Set tls=true in the connection string.')],
    proof: "The server's own error text asks for TLS.",
    tellApart:
      'The same connection with tls=true works; the server log says SSLHandshakeFailed or "not configured for plain".',
  },
};
