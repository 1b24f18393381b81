import type { MONGODB_LOGIN_CAUSES } from '../../causes/mongodb-login';
import type { CauseWords } from '../words';
import { MONGODB_EXTERNAL_WORDS } from './mongodb-external';
import { js, option, quoted, SERVER_LOG, step, who, withMechanism } from './mongodb-parts';
import { MONGODB_X509_WORDS } from './mongodb-x509';

const NO_MECHANISM = step(
  'client-option',
  'Remove authMechanism from the connection string: the driver then chooses a mechanism that the user and the server have.',
);

export const MONGODB_LOGIN_WORDS: Readonly<Record<keyof typeof MONGODB_LOGIN_CAUSES, CauseWords>> = {
  ...MONGODB_EXTERNAL_WORDS,
  ...MONGODB_X509_WORDS,
  MONGO_PROOF_REFUSED: {
    what: (p) => `The server refused the password of ${who(p)}${withMechanism(p)}: ${quoted(p)}.`,
    why: () =>
      'It sent a challenge and refused the proof that the client computed from its password. Some servers also send a challenge for users that do not exist.',
    next: ({ database }) => [
      step(
        'client-option',
        `Check the password (special characters must be percent-encoded), the user, and that authSource=${database ?? 'admin'} is the database that holds the user.`,
      ),
      step(
        'ask',
        'Check offline with --check-password whether the client used the password that you expect.',
      ),
    ],
    proof: 'Error 18 in answer to saslContinue, after a challenge.',
    tellApart:
      'The user exists in this database, and --check-password says that the client used another password.',
  },
  MONGO_REFUSED_BEFORE_PROOF: {
    what: (p) =>
      `The server refused ${who(p)}${withMechanism(p)} before the client sent its proof: ${quoted(p)}.`,
    why: ({ database, mechanism }) =>
      `Either the database ${database} has no such user, or the user has no credentials for ${mechanism}.`,
    next: ({ database, user }) => [
      step('client-option', `Check the user name and authSource=${database}.`),
      step('server-command', 'Ask the server which mechanisms the user has.', {
        snippet: `db.getSiblingDB(${js(database)}).getUser(${js(user)})`,
      }),
      NO_MECHANISM,
    ],
    proof: 'Error 18 in answer to saslStart, before any challenge.',
  },
  MONGO_PLACEHOLDER: {
    what: (p) =>
      `The client logged in as "${p.user}", which is a placeholder from the documentation: ${quoted(p)}.`,
    next: () => [
      step(
        'client-option',
        'Replace <…> in the connection string, brackets included, with the real user and password.',
      ),
    ],
    proof: 'The user name is in angle brackets, and the login was refused.',
  },
  MONGO_USER_NOT_LISTED: {
    what: (p) =>
      `The server refused ${who(p)}${withMechanism(p)}: ${quoted(p)}. It had listed no mechanisms for ${p.asked}, so most likely it has no such user in this database.`,
    next: ({ database }) => [
      step('client-option', `Check the user name and authSource=${database}.`),
      SERVER_LOG,
    ],
    proof:
      'hello asked for saslSupportedMechs of the user, a server of 4.0 or later listed none, and the login was refused with 18.',
    tellApart: 'usersInfo on the server finds no such user in this database.',
  },
  MONGO_USER_UNKNOWN: {
    what: (p) => `The server has no user ${who(p)}: ${quoted(p)}.`,
    next: ({ database }) => [
      step(
        'client-option',
        `Check the user name, and set authSource to the database in which the user was created; the client used ${database}.`,
      ),
    ],
    proof: 'Error 11 (UserNotFound), or a text that says so.',
    tellApart: 'usersInfo on the server finds no such user in this database; its log says UserNotFound.',
  },
  MONGO_USER_LACKS_MECHANISM: {
    what: (p) =>
      p.listed === undefined
        ? `${who(p)} has no credentials${p.mechanism === undefined ? '' : ` for ${p.mechanism}`}.`
        : `${who(p)} has no credentials for ${p.mechanism}; the server lists ${p.listed} for this user.`,
    next: ({ user, database }) => [
      NO_MECHANISM,
      step('server-command', 'Or set the password again, so that the server stores credentials for it.', {
        snippet: `db.getSiblingDB(${js(database)}).updateUser(${js(user)}, {pwd: passwordPrompt()})`,
      }),
    ],
    proof:
      'hello listed the mechanisms of this user, and the one that was tried is not among them, or the server says so.',
    tellApart: 'getUser on the server lists the mechanisms of the user.',
  },
  MONGO_WRONG_AUTH_SOURCE: {
    what: (p) =>
      p.earlier === undefined
        ? `The login of ${who(p)} was refused: the server listed this user in the database ${p.found}, but the client logged in with authSource=${p.database}.`
        : `The login of ${who(p)} was refused; the same user was accepted here before with authSource=${p.found} (${p.earlier}).`,
    why: () => 'A user is looked up only in authSource: the same name in another database is another user.',
    next: ({ found }) => [option('authSource', String(found), `Set authSource=${found}.`)],
    proof:
      'The user is known in another database: hello listed its mechanisms there, or a login with it succeeded.',
  },
  MONGO_CR_REFUSED: {
    what: (p) => `The server refused ${who(p)} with MONGODB-CR: ${quoted(p)}.`,
    why: ({ database }) =>
      `Either the password or authSource=${database} is wrong, or the user was created on server 3.0 or later (authentication schema 5) and has SCRAM credentials only.`,
    next: ({ user, database }) => [
      step('client-option', 'Remove authMechanism=MONGODB-CR from the connection string.'),
      step('server-command', 'Ask the server which credentials the user has.', {
        snippet: `db.getSiblingDB(${js(database)}).getUser(${js(user)})`,
      }),
    ],
    proof: 'Error 18 in answer to authenticate, from a server 3.0 or later.',
  },
  MONGO_CR_REMOVED: {
    what: ({ command, answer, wire }) =>
      `The client logs in with MONGODB-CR, which this server does not support: ${wire === undefined ? `it does not know the command ${command} (${answer})` : `it is server 4.0 or later (wire version ${wire})`}.`,
    next: () => [
      step(
        'client-option',
        'Use a driver with SCRAM (any since 2015), and remove authMechanism=MONGODB-CR from the connection string.',
      ),
      step(
        'server-command',
        'Users that were created before server 3.0 need authSchemaUpgrade on a server 3.0 to 3.6 first.',
      ),
    ],
    proof:
      'getnonce or authenticate is not a command of the server, or its wire version is that of 4.0 or later.',
  },
  MONGO_MECHANISM_TOO_NEW: {
    what: ({ mechanism, since, server }) =>
      `The server does not support ${mechanism}, which came with server ${since}${server === undefined ? '' : `; this one is ${server}`}.`,
    next: () => [NO_MECHANISM, step('server-config', 'Or upgrade the server.')],
    proof: "The server's wire version is below that of the first server with the mechanism.",
  },
  MONGO_MECHANISM_NOT_ENABLED: {
    what: (p) => `The server does not support ${p.mechanism}: ${quoted(p)}.`,
    why: ({ edition, mechanism }) =>
      edition === undefined
        ? null
        : `Only ${edition} support${/ and /.test(`${edition}`) ? '' : 's'} ${mechanism ?? 'it'}.`,
    next: ({ mechanism }) => [
      NO_MECHANISM,
      step('server-config', `Or enable ${mechanism} on the server, if its edition has it.`, {
        snippet: `setParameter:\n  authenticationMechanisms: SCRAM-SHA-1,SCRAM-SHA-256,${mechanism}`,
      }),
    ],
    proof: 'Error 334, or 2 or 18 with a text that says that the mechanism is not supported or not enabled.',
  },
  MONGO_EXTERNAL_USER_WITH_SCRAM: {
    what: (p) =>
      `The client logged in as ${who(p)} with ${p.mechanism}, but users of $external have no password in MongoDB: ${quoted(p)}.`,
    next: () => [
      step(
        'client-option',
        'Set authMechanism for this user: MONGODB-X509, PLAIN (LDAP), GSSAPI, MONGODB-AWS or MONGODB-OIDC; or set authSource to the database that holds a user with a password.',
      ),
    ],
    proof: 'SCRAM was tried with authSource=$external, and the server refused it.',
  },
  MONGO_NO_LOGIN_COMMANDS: {
    what: (p) => `The server does not know ${p.command}: ${quoted(p)}. It has no authentication commands.`,
    why: ({ server }) =>
      `Its wire version (that of server ${server}) says that it is new enough, so this is a product that speaks MongoDB's protocol but has no logins, or a proxy that does not forward them.`,
    next: () => [
      step('client-option', 'If this server is meant to be open, leave out user and password.'),
      step(
        'ask',
        "Otherwise read the product's own instructions for authentication, or connect without the proxy.",
      ),
    ],
    proof: 'Error 59 in answer to saslStart from a server whose wire version includes it.',
  },
  MONGO_AUTH_SCHEMA: {
    what: (p) => `The server cannot read its users: ${quoted(p)}.`,
    why: () =>
      'This server version does not support the authentication schema that is stored in the database.',
    next: () => [
      step(
        'server-command',
        'Run authSchemaUpgrade on the last version that has it (3.6) before upgrading.',
        {
          snippet: 'db.getSiblingDB("admin").runCommand({authSchemaUpgrade: 1})',
        },
      ),
    ],
    proof: 'Error 69 (AuthSchemaIncompatible).',
  },
  MONGO_USER_DOCUMENT: {
    what: (p) => `The stored user ${who(p)} lacks what ${p.mechanism} needs: ${quoted(p)}.`,
    next: ({ user, database }) => [
      step('server-command', 'Set the password again.', {
        snippet: `db.getSiblingDB(${js(database)}).updateUser(${js(user)}, {pwd: passwordPrompt()})`,
      }),
    ],
    proof: 'Error 45 (UserDataInconsistent).',
  },
  MONGO_SASL_SESSION_LOST: {
    what: (p) => `The server lost the state of the login of ${who(p)}: ${quoted(p)}.`,
    why: () =>
      'It does not know the previous step of this login. A proxy that spreads the messages of one connection over several causes this.',
    next: () => [
      step(
        'network',
        'Connect to the server itself, or make the proxy keep each client on one server connection.',
      ),
    ],
    proof: 'Error 17 (ProtocolError) in answer to a step of a login.',
  },
  MONGO_LOGIN_REFUSED: {
    what: (p) => `The server refused the login of ${who(p)}${withMechanism(p)}: ${quoted(p)}.`,
    next: () => [SERVER_LOG],
    proof: 'The server answered a step of the login with this error.',
  },
};
