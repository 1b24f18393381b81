/** Logins whose credentials are not kept by mongod: OIDC, AWS, Kerberos, LDAP, and managed services. */
import type { MONGODB_LOGIN_CAUSES } from '../../causes/mongodb-login';
import type { CauseWords } from '../words';
import { quoted, SERVER_LOG, step, who, withMechanism } from './mongodb-parts';

type Codes = Extract<
  keyof typeof MONGODB_LOGIN_CAUSES,
  `MONGO_${'OIDC' | 'AWS' | 'KERBEROS' | 'LDAP' | 'ATLAS' | 'ACCOUNT'}_${string}`
>;

export const MONGODB_EXTERNAL_WORDS: Readonly<Record<Codes, CauseWords>> = {
  MONGO_OIDC_REFUSED: {
    what: (p) => `The server refused the access token of a MONGODB-OIDC login: ${quoted(p)}.`,
    why: () =>
      'The token has expired or is for another audience or issuer, or its principal or groups have no user or role on the server.',
    next: () => [
      step(
        'server-config',
        "Compare the token's issuer, audience, principal and groups with oidcIdentityProviders of the server.",
      ),
      step(
        'client-option',
        'Check authMechanismProperties (ENVIRONMENT, TOKEN_RESOURCE) and the callback that gets the token.',
      ),
      SERVER_LOG,
    ],
    proof: 'MONGODB-OIDC was answered with an error.',
  },
  MONGO_AWS_REFUSED: {
    what: (p) => `The server refused the AWS identity of a MONGODB-AWS login: ${quoted(p)}.`,
    why: () =>
      'The keys or the session token are wrong or expired, or the database has no user for the ARN of this role or user.',
    next: () => [
      step(
        'client-option',
        'Check which identity the client uses, and its session token (AWS_SESSION_TOKEN).',
        {
          snippet: 'aws sts get-caller-identity',
        },
      ),
      step('server-command', 'Add a database user whose name is this ARN (of the role, not of its session).'),
    ],
    proof: 'MONGODB-AWS was answered with an error.',
  },
  MONGO_KERBEROS_REFUSED: {
    what: (p) => `The server refused the Kerberos login of ${who(p)} (GSSAPI): ${quoted(p)}.`,
    why: () =>
      'The ticket is missing, expired or for another service principal, or $external has no user for this principal.',
    next: () => [
      step('client-option', 'Check the ticket, and SERVICE_NAME in authMechanismProperties.', {
        snippet: 'klist',
      }),
      step(
        'server-config',
        'Check that the keytab of the server contains mongodb/<host> for the host name that the client uses, and that the clocks agree.',
      ),
      SERVER_LOG,
    ],
    proof: 'GSSAPI was answered with an error.',
  },
  MONGO_LDAP_REFUSED: {
    what: (p) => `The server refused ${who(p)} with PLAIN, which it checks with LDAP: ${quoted(p)}.`,
    why: () =>
      'The directory refused the user or the password, the server cannot reach the directory, or the name is not mapped to its entry (userToDNMapping).',
    next: () => [
      step('client-option', 'Check user and password in the directory, and set authSource=$external.'),
      step('server-config', 'Test the LDAP settings of the server.', {
        snippet: 'mongoldap --config /etc/mongod.conf --user <user>',
      }),
      SERVER_LOG,
    ],
    proof: 'PLAIN was answered with 18, and the server supports the mechanism.',
  },
  MONGO_ATLAS_BAD_AUTH: {
    what: (p) => `Atlas refused ${who(p)}${withMechanism(p)}: ${quoted(p)}.`,
    why: () =>
      'This Atlas project has no such database user, or the password or the authentication method is wrong.',
    next: () => [
      step(
        'client-option',
        'Check the database user and its password (Database Access in Atlas, not the account that you sign in to Atlas with), and percent-encode special characters of the password.',
      ),
      step('client-option', 'Use authSource=admin, or $external for X.509, AWS and OIDC users.'),
      step('ask', 'The user may be restricted to other clusters of the project: see Database Access.'),
    ],
    proof: 'Error 8000 (AtlasError) with bad auth or a user that was not found.',
  },
  MONGO_ATLAS_NO_SNI: {
    what: (p) => `Atlas does not know which cluster is meant: ${quoted(p)}.`,
    why: () =>
      'The client sent no host name in the TLS handshake (SNI): the driver or its TLS library is too old, or it connects to an IP address, for example through a tunnel.',
    next: () => [
      step(
        'client-option',
        "Connect by the cluster's own host name (mongodb+srv://…mongodb.net), not by an IP address or through a tunnel under another name.",
      ),
      step(
        'client-option',
        'Update the driver: Atlas needs one that sends SNI (one for MongoDB 3.4 or later).',
      ),
    ],
    proof: 'Error 8000 whose text says that no SNI name was sent.',
  },
  MONGO_ATLAS_ADDRESS: {
    what: (p) => `Atlas does not accept connections from the client's address: ${quoted(p)}.`,
    next: () => [
      step('server-config', "Add the client's public address to the IP access list of the project."),
    ],
    proof: 'Error 8000 whose text speaks of the IP access list.',
  },
  MONGO_ATLAS_PAUSED: {
    what: (p) => `The Atlas cluster is paused or not running: ${quoted(p)}.`,
    next: () => [step('server-config', 'Resume the cluster in Atlas, and wait until it is available.')],
    proof: 'Error 8000 whose text says that the cluster is paused or unavailable.',
  },
  MONGO_ATLAS_TIER: {
    what: (p) => `This Atlas tier does not allow what the client asked for: ${quoted(p)}.`,
    next: () => [
      step(
        'client-option',
        'Leave out what the error text names, or move the cluster to a tier that supports it.',
      ),
    ],
    proof: 'Error 8000 whose text names a limit of the tier.',
  },
  MONGO_ATLAS_ERROR: {
    what: (p) => `Atlas refused ${p.command}: ${quoted(p)}.`,
    next: () => [
      step('ask', 'Check in the Atlas project: database users, IP access list, state of the cluster.'),
    ],
    proof: 'Error 8000 (AtlasError).',
  },
  MONGO_ACCOUNT_KEY: {
    what: (p) => `The service refused the account key of ${who(p)}: ${quoted(p)}.`,
    why: () => 'In Cosmos DB the user is the account name and the password is one of its keys.',
    next: () => [
      step(
        'client-option',
        'Copy the connection string from the account again: the key was regenerated, belongs to another account, or is not percent-encoded (it contains = and /).',
      ),
    ],
    proof: 'The text speaks of an invalid key, as Cosmos DB does.',
  },
};
