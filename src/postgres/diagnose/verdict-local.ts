import type { TraceError } from '../../trace/model';

/** What the verdict on this side's own refusal needs to know. */
export interface LocalContext {
  readonly user: string;
  /** The connection was encrypted. */
  readonly secure: boolean;
}

type Sentence = (error: TraceError, context: LocalContext) => string;

const BETWEEN = 'connect to the server itself, or make sure that a proxy in between only passes bytes on';

/** What this client refused, by our own code: what it means and what to do about it. The client's own words stay in `error`. */
const BY_CODE: Readonly<Record<string, Sentence>> = {
  SSL_REFUSED: () =>
    'The server refused SSL and the client insists on it: set ssl = on with a certificate on the server, or use sslmode=prefer if plain text is acceptable.',
  SCRAM_BAD_ITERATIONS: ({ message }) =>
    `The client refused the cost of the login (${message}): a server asks for 4096 by default, so look at scram_iterations, at the stored password, and at whether this is the right server.`,
  SCRAM_NONCE_MISMATCH: () =>
    `The server's answer does not continue the client's nonce, so the SCRAM exchange was changed on the way or the server is broken: ${BETWEEN}.`,
  SCRAM_MALFORMED: ({ message }) =>
    `The server's SCRAM message breaks RFC 5802 (${message}): look at what answers on this port, and update it.`,
  SCRAM_BAD_SIGNATURE: () =>
    'The server took the login and could not prove that it knows the password, so it is not the server it claims to be: check host name and address, and use sslmode=verify-full. The password itself was not given away.',
  SCRAM_SERVER_ERROR: ({ message }) =>
    `The server broke the SCRAM exchange off (${message}): its log says why.`,
  REQUIRE_AUTH: ({ message }) =>
    message.includes('did not complete')
      ? 'The server let the client in without finishing the authentication that require_auth insists on, so it has not shown that it knows the password: check host name and address, and what answers on this port.'
      : `The client's require_auth forbids what the server asks for (${message}): change the line of pg_hba.conf, or require_auth if the method is acceptable.`,
  CHANNEL_BINDING: ({ message }) =>
    `channel_binding=require cannot be met (${message}): let the server authenticate with scram-sha-256 over TLS, with no proxy that ends TLS in between, or use channel_binding=prefer.`,
  ERR_SSL_WRONG_VERSION_NUMBER: () =>
    'Something other than TLS came where the TLS handshake had to begin: check the port, and what a proxy or load balancer in between forwards to; a server without TLS says N to SSLRequest.',
  PROTOCOL_VERSION: ({ message }) =>
    message.includes('min_protocol_version')
      ? `The server speaks an older protocol than the client insists on (${message}): lower min_protocol_version, or update the server or the pooler that answers for it.`
      : `The server's protocol negotiation makes no sense (${message}): a proxy or pooler that answers for PostgreSQL is the usual cause; update it, or connect to the server itself.`,
  TLS_ALPN: () =>
    'TLS began directly and the server chose no application protocol, so it may be another service: use sslnegotiation=postgres for a server or proxy older than PostgreSQL 17.',
  NO_PASSWORD: (_, { user }) =>
    `The server asks for the password of user "${user}" and none was given: set it in the URI, PGPASSWORD or .pgpass, or answer the prompt.`,
  WRONG_TARGET: ({ message }) =>
    `The login succeeded, but this server is not of the kind that target_session_attrs asks for (${message}): give the hosts of the whole cluster, or ask for any.`,
  SYNC_LOST: ({ message }) =>
    `The server sent a message whose length cannot be right (${message}): it is not PostgreSQL, or something in between damages the stream.`,
  AUTH_UNSUPPORTED: unsupported,
};

/** One sentence for what ended the connection on this side. What has no sentence of its own already speaks for itself. */
export function localVerdict(error: TraceError, context: LocalContext): string {
  return BY_CODE[error.code]?.(error, context) ?? error.message;
}

/** One code for several refusals; their words are our own client's, so they can be told apart by them. */
function unsupported({ message }: TraceError, { secure }: LocalContext): string {
  if (message.includes('non-SSL')) {
    return `The server offers channel binding on a connection without TLS, so something between took TLS off: ${BETWEEN}.`;
  }
  if (message.includes('channel binding')) {
    const how = secure ? 'the server does not offer SCRAM-SHA-256-PLUS' : 'the connection is not encrypted';
    return `channel_binding=require cannot be met, for ${how}: use scram-sha-256 over TLS without a proxy that ends TLS, or channel_binding=prefer.`;
  }
  if (/^(GSSAPI|SSPI|Kerberos)/.test(message)) {
    return `The line of pg_hba.conf that matched asks for Kerberos (${message} here): test with a client that has it, or add a line with scram-sha-256 for this user.`;
  }
  if (message.includes('SASL')) {
    return `The server offers no SASL mechanism that this client has (${message}): OAuth and mechanisms of extensions are recognised, not performed; use scram-sha-256 in pg_hba.conf.`;
  }
  return `The server asks for a kind of authentication that clients do not know (${message}): it is very old, or a proxy answers for it; use scram-sha-256 in pg_hba.conf.`;
}
