import type { POSTGRES_LOGIN_CAUSES } from '../../causes/postgres-login';
import type { CauseWords } from '../words';
import {
  ask,
  capital,
  clientOption,
  databaseName,
  duration,
  explained,
  identifier,
  network,
  Speaker,
  serverCommand,
  serverConfig,
  userName,
} from './phrases';

const RELOAD =
  'pg_hba.conf uses the first matching line, so put it above broader ones, and run SELECT pg_reload_conf().';

const GIVE_PASSWORD = () =>
  clientOption(
    'password',
    '…',
    'Give the password in the connection string, PGPASSWORD or ~/.pgpass (mode 0600).',
  );

const GIVE_CERTIFICATE = () =>
  clientOption(
    'sslcert',
    'PATH',
    'Give the client a certificate and its key (sslcert, sslkey), issued by an authority in ssl_ca_file.',
  );

export const POSTGRES_LOGIN_WORDS: Readonly<Record<keyof typeof POSTGRES_LOGIN_CAUSES, CauseWords>> = {
  PG_PASSWORD_REFUSED: {
    what: (params) =>
      explained(
        `${Speaker(params)} rejected the password of ${userName(params)}${params.mechanism === undefined ? '' : ` (${params.mechanism})`}.`,
        params,
      ),
    why: () =>
      'The password is wrong or has expired (VALID UNTIL), or the role does not exist, has no password, or has one that this method cannot use. The server gives the same answer in each case; its log says which.',
    next: (params) => [
      clientOption(
        'password',
        '…',
        'Check the password, and where the client takes it from (PGPASSWORD, ~/.pgpass, a secret store).',
      ),
      serverCommand(
        'Set the password of the role again if needed.',
        `ALTER ROLE ${identifier(params.user ?? 'app_user')} PASSWORD '…';`,
      ),
    ],
    proof: 'SQLSTATE 28P01, or 28000 in answer to a password.',
  },
  PG_PASSWORD_EMPTY: {
    what: (params) => explained(`The client sent an empty password for ${userName(params)}.`, params),
    why: () => 'Most likely a variable or secret that should hold the password is not set.',
    next: () => [GIVE_PASSWORD()],
    proof: 'The PasswordMessage of the client is empty.',
  },
  PG_PASSWORD_NOT_GIVEN: {
    what: (params) =>
      params.message === undefined
        ? `The server asked for ${params.method} for ${userName(params)}, and the client left without answering: it has no password, or does not support this method.`
        : `The server asked for the password of ${userName(params)}, and the client has none.`,
    why: ({ message }) =>
      message === undefined
        ? 'psql without a password does this once and connects again after its prompt.'
        : null,
    next: ({ message, method }) => [
      GIVE_PASSWORD(),
      ...(message === undefined && /scram/i.test(`${method}`)
        ? [ask('If the client has a password, update the driver: old drivers do not know scram-sha-256.')]
        : []),
    ],
    proof: 'The request for authentication is the last message, and the client closed.',
    tellApart: "The client's own message names a missing password or an unknown method.",
  },
  PG_CHANNEL_BINDING_MISSING: {
    what: (params) =>
      params.message === undefined
        ? `Inside TLS the server offered only SCRAM-SHA-256 without channel binding, and the client left: it may insist on channel binding (channel_binding=require), or have no password for ${userName(params)}.`
        : `channel_binding=require cannot be satisfied. The client said “${params.message}”.`,
    why: () =>
      'PostgreSQL 11 and later offer SCRAM-SHA-256-PLUS inside TLS. A pooler or proxy that terminates TLS in between does not.',
    next: ({ message }) => [
      ...(message === undefined ? [GIVE_PASSWORD()] : []),
      ask('Connect to the server itself, or let the proxy pass TLS through.'),
      clientOption(
        'channel_binding',
        'prefer',
        'Set channel_binding=prefer only if the proxy that terminates TLS is trusted.',
      ),
    ],
    proof: 'Only SCRAM-SHA-256 was offered inside TLS, and the client left without answering.',
    tellApart: 'channel_binding=require is set in the connection string or PGCHANNELBINDING.',
  },
  PG_CHANNEL_BINDING_FAILED: {
    what: (params) =>
      explained(
        "The channel binding check failed: the server's certificate is not the one that the client received.",
        params,
      ),
    why: () => 'Something between client and server terminates TLS: a proxy, or an attacker.',
    next: () => [
      ask('Connect to the server itself, or let the proxy pass TLS through.'),
      clientOption(
        'channel_binding',
        'disable',
        'Set channel_binding=disable only if that proxy is trusted.',
      ),
    ],
    proof: 'The server refused the SCRAM exchange because of its channel binding.',
  },
  PG_PLUS_WITHOUT_TLS: {
    what: () =>
      'The server offered SCRAM-SHA-256-PLUS, which it does only inside TLS, but the client was connected without TLS and left.',
    why: () =>
      'Something in between, such as a sidecar, stunnel or a TLS proxy, adds or removes TLS on the way to the server. libpq stops because that may be an attack.',
    next: () => [
      clientOption(
        'sslmode',
        'require',
        'Let the client itself use TLS to the server (sslmode=require), without the sidecar or proxy.',
      ),
      network(
        'Or replace the sidecar or proxy by one that logs in to the server itself, as PgBouncer does. channel_binding=disable does not help: libpq stops all the same.',
      ),
    ],
    proof: 'AuthenticationSASL lists SCRAM-SHA-256-PLUS in the clear.',
  },
  PG_METHOD_UNSUPPORTED: {
    what: (params) =>
      `The server asked ${userName(params)} for ${params.method}, which this client does not support${params.message === undefined ? ', and the client left' : `: ${params.message}`}.`,
    next: ({ method }) => [
      ...(method === 'oauthbearer'
        ? [
            clientOption(
              'oauth_issuer',
              'https://…',
              'Use libpq 18 with its OAuth module (package libpq-oauth), and set oauth_issuer and oauth_client_id in the connection string.',
            ),
          ]
        : []),
      serverConfig(
        'Use scram-sha-256 in the pg_hba.conf line that matches this user, or use a client that supports this method.',
      ),
    ],
    proof: 'The request for authentication names the method, and the client left.',
  },
  PG_METHOD_FORBIDDEN: {
    what: ({ message }) => `The client's own settings forbid what the server asks for: ${message}.`,
    next: () => [
      serverConfig('Change the method in the matching line of pg_hba.conf.'),
      clientOption('require_auth', '…', 'Change require_auth (or sslcertmode) if the method is acceptable.'),
    ],
    proof: 'The client refused the request for authentication because of require_auth or sslcertmode.',
  },
  PG_SCRAM_BROKEN: {
    what: ({ message }) =>
      message === undefined
        ? "The client left after the server's SCRAM challenge: it rejected the nonce, the salt or the iteration count."
        : `The SCRAM exchange failed: ${message}.`,
    why: () =>
      'The server, or a proxy or pooler that answers for it, sent something that RFC 5802 does not allow.',
    next: () => [
      ask('Connect to the server itself, without a proxy or pooler, and update what answers on this port.'),
    ],
    proof: "The server's SCRAM message breaks RFC 5802, or the client left right after it.",
  },
  PG_SERVER_NOT_PROVED: {
    what: ({ unfinished }) =>
      unfinished === undefined
        ? 'The server accepted the login but could not prove that it knows the password, so it is not the server it claims to be. The password itself was not given away.'
        : 'The server accepted the client without finishing SCRAM, so it did not prove that it knows the password, and the client left.',
    next: () => [
      clientOption('sslmode', 'verify-full', 'Check host name and address, and use sslmode=verify-full.'),
    ],
    proof:
      "The server's SCRAM signature does not verify, or AuthenticationOk came without one and the client left.",
    tellApart:
      'A client leaves for this reason only if it sets require_auth=scram-sha-256 or channel_binding=require, or checks the signature itself.',
  },
  PG_HBA_NO_ENTRY: {
    what: (params) =>
      explained(
        `No pg_hba.conf entry matches ${userName(params)}, ${where(params)}${params.address === undefined ? '' : `, address ${params.address}`}, ${params.secure === undefined ? 'no encryption' : 'with TLS'}.`,
        params,
      ),
    why: ({ replication }) =>
      replication === undefined
        ? null
        : 'A replication connection matches only lines with the keyword replication in the database column; the keyword all does not include it.',
    next: ({ secure, line, tls, replication }) => {
      const add = serverConfig(`This line would allow it. ${RELOAD}`, `${line}`);
      const encrypt = clientOption(
        'sslmode',
        'require',
        'Connect with TLS (sslmode=require): the server may allow this user only with encryption, as managed services do.',
      );
      if (secure !== undefined || tls === 'declined' || replication !== undefined) return [add];
      return [encrypt, add];
    },
    proof: 'SQLSTATE 28000 with the text "no pg_hba.conf entry".',
  },
  PG_HBA_REJECTS: {
    what: (params) =>
      explained(
        `A pg_hba.conf line rejects ${userName(params)}, ${where(params)}, ${params.secure === undefined ? 'no encryption' : 'with TLS'}.`,
        params,
      ),
    next: ({ secure, line }) => {
      const add = serverConfig(
        'This line would allow it. pg_hba.conf uses the first matching line, so put it above the one that rejects, and run SELECT pg_reload_conf().',
        `${line}`,
      );
      if (secure !== undefined) return [add];
      return [
        add,
        clientOption(
          'sslmode',
          'require',
          'Or connect with TLS (sslmode=require), if the line rejects only unencrypted connections.',
        ),
      ];
    },
    proof: 'SQLSTATE 28000 with the text "pg_hba.conf rejects connection".',
  },
  PG_CERTIFICATE_NOT_MAPPED: {
    what: (params) =>
      explained(
        `The client sent a certificate for ${params.subject}, and the server did not accept it for ${userName(params)}.`,
        params,
      ),
    why: () =>
      'The method cert requires that the common name of the certificate is the role name, or that a line in pg_ident.conf maps it to the role.',
    next: ({ cn, user }) => [
      ask(
        'Use the certificate whose common name is the role, or log in as the role that the certificate names.',
      ),
      serverConfig(
        'Or map it: add map=certs to the pg_hba.conf line, and this line to pg_ident.conf.',
        `certs  ${word(cn)}  ${word(user)}`,
      ),
    ],
    proof:
      'The client sent a certificate, and the server answered 28000 "certificate authentication failed".',
  },
  PG_CLIENT_CERTIFICATE_WANTED: {
    what: (params) =>
      explained(
        params.none === undefined
          ? `The server requires a client certificate that it accepts for ${userName(params)}.`
          : `The server requires a client certificate for ${userName(params)}, and the client sent none.`,
        params,
      ),
    next: () => [
      GIVE_CERTIFICATE(),
      ask('If one is configured, check that its common name is the role, or that pg_ident.conf maps it.'),
    ],
    proof: 'SQLSTATE 28000 whose text asks for a client certificate.',
  },
  PG_IDENTITY_REFUSED: {
    what: (params) =>
      explained(
        `${params.method} authentication refused ${userName(params)}: the client's operating-system user does not have the name of the role, and is not mapped to it.`,
        params,
      ),
    next: () => [
      clientOption(
        'user',
        '…',
        'Connect as the role that has the name of the operating-system user (for example sudo -u postgres psql), or over TCP (host=localhost), where other pg_hba.conf lines apply.',
      ),
      serverConfig(
        'Or use scram-sha-256 in the matching pg_hba.conf line, or map the operating-system user in pg_ident.conf.',
      ),
    ],
    proof: 'SQLSTATE 28000 with "Peer authentication failed" or "Ident authentication failed".',
  },
  PG_EXTERNAL_REFUSED: {
    what: (params) =>
      explained(
        `The server checked ${userName(params)} with ${params.method}, which refused the login.`,
        params,
      ),
    why: ({ method }) =>
      method === 'PAM'
        ? 'On a managed service PAM stands for a login token: it may have expired or be for another user or region, or the client sent the plain password instead.'
        : null,
    next: ({ method }) => [
      method === 'PAM'
        ? clientOption(
            'password',
            '…',
            'Check the password there; with IAM, create a new token (valid for 15 minutes) for exactly this user and host, and use sslmode=require.',
          )
        : clientOption('password', '…', `Check that the user name and the password are valid for ${method}.`),
      ask(`Read the server log: it says what ${method} answered.`),
    ],
    proof: 'SQLSTATE 28000 whose text names the external method.',
  },
  PG_OAUTH_REFUSED: {
    what: (params) => explained(`The server refused the OAuth token of ${userName(params)}.`, params),
    why: ({ discovery, scope }) =>
      `The token has expired, is from another issuer or for another audience, lacks a scope, or belongs to another user.${tokens(discovery, scope)}`,
    next: ({ discovery }) => [
      clientOption(
        'oauth_issuer',
        issuerOf(discovery),
        'Get a new token from the issuer that the server names, with the scope that it asks for, and check oauth_issuer, oauth_client_id and oauth_scope.',
      ),
      ask(
        'The server log says why the validator refused it; check issuer, scope and map in the oauth line of pg_hba.conf, and to which user the validator maps the token.',
      ),
    ],
    proof: 'The client sent a bearer token, and the server refused it.',
  },
  PG_OAUTH_DISCOVERY: {
    what: (params) =>
      `The client had no OAuth token for ${userName(params)} yet, so it asked the server where to get one; that ends this connection.`,
    why: ({ discovery, scope }) =>
      `libpq does this once, gets a token from the issuer, and connects again.${tokens(discovery, scope)}`,
    next: () => [
      ask(
        'Look at the next connection of this client. If there is none, the client could not get a token: read its own error message, and check oauth_issuer, oauth_client_id and that the libpq-oauth package is installed.',
      ),
    ],
    proof: 'The first OAUTHBEARER message of the client holds no token.',
  },
  PG_OAUTH_VALIDATOR: {
    what: (params) =>
      explained('The server cannot check OAuth tokens because its validator module does not work.', params),
    next: () => [
      serverConfig(
        'Install the validator module, and name it in postgresql.conf and, where there are several, in the oauth line of pg_hba.conf (validator=…).',
        "oauth_validator_libraries = 'my_validator'",
      ),
    ],
    proof: "The server's error text names its OAuth validator.",
  },
  PG_ROLE_UNKNOWN: {
    what: (params) => explained(`${capital(userName(params))} does not exist on this server.`, params),
    next: ({ user }) => [
      clientOption('user', '…', 'Check the user name: it defaults to the name of the operating-system user.'),
      serverCommand('Or create the role.', `CREATE ROLE ${identifier(user ?? 'app_user')} LOGIN;`),
    ],
    proof: 'SQLSTATE 28000 with "role … does not exist".',
  },
  PG_ROLE_CANNOT_LOGIN: {
    what: (params) => explained(`${capital(userName(params))} exists but may not log in.`, params),
    next: ({ user }) => [
      serverCommand('Allow the role to log in.', `ALTER ROLE ${identifier(user ?? 'app_user')} LOGIN;`),
    ],
    proof: 'SQLSTATE 28000 with "is not permitted to log in".',
  },
  PG_USER_NAME_MISSING: {
    what: (params) => explained('The client sent no user name.', params),
    next: () => [clientOption('user', 'app_user', 'Set the user in the connection string.')],
    proof: 'The StartupMessage has no parameter user.',
  },
  PG_LOGIN_REFUSED: {
    what: (params) => explained(`${Speaker(params)} refused ${userName(params)}.`, params),
    next: () => [ask('Read the log of the server, or of the gateway that answered, for this moment.')],
    proof: 'SQLSTATE 28000 with a text that names no known reason.',
  },
  PG_AUTHENTICATION_TIMEOUT: {
    what: (params) =>
      params.waited === undefined
        ? explained("The login took longer than the server's authentication_timeout.", params)
        : `The server asked ${userName(params)} for ${params.method}, the client did not answer for ${duration(params.waited)}, and the server closed the connection (authentication_timeout).`,
    why: () =>
      'Most likely the client was waiting for something, such as a password prompt or a secret store; with LDAP, RADIUS, PAM or ident, the server may have been waiting for that service.',
    next: () => [
      GIVE_PASSWORD(),
      serverConfig(
        'Raise authentication_timeout (default 1min) if the client really needs longer.',
        'authentication_timeout = 2min',
      ),
    ],
    proof:
      'The request for authentication is the last message, and the server closed the connection after the client had been silent for long; or the server said so (57014).',
  },
  PG_TLS_REQUIRED: {
    what: (params) => explained(`${Speaker(params)} accepts only encrypted connections.`, params),
    next: () => [
      clientOption(
        'sslmode',
        'require',
        'Set sslmode=verify-full with the root certificate of the service, or at least sslmode=require.',
      ),
    ],
    proof: "The server's error text asks for TLS.",
  },
};

function where(params: Parameters<typeof databaseName>[0]): string {
  return params.replication === undefined ? databaseName(params) : 'a replication connection';
}

/** A word of pg_ident.conf: quoted where it is not plain. */
function word(name: string | number | undefined): string {
  const text = `${name ?? ''}`;
  return /^[A-Za-z_][\w$.-]*$/.test(text) ? text : identifier(text);
}

/** What the server says of the tokens that it takes. */
function tokens(discovery: string | number | undefined, scope: string | number | undefined): string {
  if (discovery === undefined) return '';
  return ` The server names ${discovery}${scope === undefined ? '' : `, with the scope “${scope}”`}.`;
}

/** The issuer of a discovery document (OpenID Connect Discovery section 4), or a blank. */
function issuerOf(discovery: string | number | undefined): string {
  return `${discovery ?? 'https://…'}`.replace(/\/\.well-known\/.*$/, '');
}
