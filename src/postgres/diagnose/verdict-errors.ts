import type { ServerError } from '../messages/error-fields';
import { protocolViolation } from './pooler';

/** What the verdict on a server's error needs to know. */
export interface ErrorContext {
  /** Who and where, as {@link named} puts them. */
  readonly user: string;
  readonly database: string;
  readonly mechanism: string | null;
  readonly secure: boolean;
  readonly authenticated: boolean;
}

/** A user or a database in a sentence; null where neither the startup packet nor the error's text names it. */
export function named(kind: 'user' | 'database', name: string | null): string {
  return name === null ? `a ${kind} that was not seen` : `${kind} "${name}"`;
}

type Sentence = (error: ServerError, context: ErrorContext) => string;

/** One sentence per SQLSTATE that ends a start-up, with what to do about it. */
const BY_CODE: Readonly<Record<string, Sentence>> = {
  '28P01': (_, { user, mechanism }) =>
    `The server rejected the password of ${user}${mechanism ? ` (${mechanism})` : ''}: check the password, and in the server log whether the role exists and has a password this method can use.`,
  '28000': authorization,
  '3D000': (_, { database }) =>
    `${capital(database)} does not exist on this server: check the name (it defaults to the user's), and that this is the right server and port.`,
  '53300': () =>
    'The server has no connection slot left (max_connections, or the limit of the role or database): close idle sessions, pool connections or raise the limit.',
  '57P03': notAccepting,
  '57P01': () => 'An administrator or a shutdown ended the connection: try again when the server is up.',
  '57P02': () =>
    'A server process crashed and took all connections with it: look at the server log, then try again.',
  '08P01': (error) => protocolViolation(error.message),
  '57014': (error) =>
    /authentication/.test(error.message)
      ? `The login took longer than the server's authentication_timeout (${error.message}): look at what the client waited for, such as a password prompt or a slow name service.`
      : `The server cancelled what it was doing (${error.message}): see whether somebody or a time limit asked for it.`,
  '55000': (error, { database }) =>
    /accepting connections/.test(error.message)
      ? `${capital(database)} takes no connections (${error.message}): ALTER DATABASE … ALLOW_CONNECTIONS true, or connect to another one.`
      : unknownCode(error),
  '0A000': (error) =>
    `The server does not support what the client asked for (${error.message}): use a client and protocol version this server knows.`,
  '42501': (error, { user, database }) =>
    /permission denied to/.test(error.message)
      ? `${capital(user)} may not do what its connection asks for (${error.message}): remove that from the client's options, or use a role that may.`
      : `${capital(user)} has no CONNECT privilege on ${database}: grant it, or use another role.`,
  '42704': (error) =>
    `The server does not know a parameter of the startup packet (${error.message}): remove it from the client's options.`,
  '42601': (error) =>
    `The server cannot read the client's options (${error.message}): they are a command line such as -c statement_timeout=5s; correct them.`,
  '42602': (error) =>
    `A parameter of the startup packet has a name that no parameter can have (${error.message}): correct the client's options.`,
  '55P02': (error) =>
    `The client asks for a parameter that only the server's configuration can set (${error.message}): remove it from the client's options.`,
  OLD_ERROR_FORMAT: (error) =>
    `The server refused the connection before a process of its own could answer (${error.message}): look at its memory and its limit of processes, and read its log; a pooler or a very old server in its place answers like this, too.`,
  '22023': (error) =>
    `A parameter of the startup packet has a bad value (${error.message}): correct the client's options.`,
  '53400': (error) => `A configured limit ended the connection (${error.message}): raise it or ask for less.`,
};

/** A sentence for an ErrorResponse that ended the start of a session. */
export function errorVerdict(error: ServerError, context: ErrorContext): string {
  const known = BY_CODE[error.code];
  return known ? known(error, context) : unknownCode(error);
}

/** `backend_startup.c`: a standby without hot_standby never will, the others will in time. */
function notAccepting({ message, detail, hint }: ServerError): string {
  const more = [detail, hint].filter((part) => part !== undefined && part !== '').join(' ');
  const why = more === '' ? message : `${message}: ${more}`;
  const next = /hot standby mode is disabled/i.test(more)
    ? 'set hot_standby = on on this standby, or connect to the primary.'
    : 'wait until it has started or recovered, then try again.';
  return `The server is not accepting connections now (${why.replace(/\.$/, '')}): ${next}`;
}

function unknownCode(error: ServerError): string {
  const hint = error.hint
    ? ` The server's hint: ${error.hint}`
    : ' Look up the code and read the server log around this time.';
  return `The server ended the connection with ${error.severity} ${error.code}: ${error.message}.${hint}`;
}

/** 28000 stands for several refusals; only the text tells them apart, and it may be translated. */
function authorization(error: ServerError, { user, database, secure, authenticated }: ErrorContext): string {
  const { message } = error;
  if (/pg_hba\.conf/.test(message)) {
    const rejects = /reject/.test(message);
    if (rejects && secure) {
      return `A line of pg_hba.conf rejects ${user} on ${database} from this address over TLS: find the first line that matches all four, and put one that lets it in above it.`;
    }
    const other = secure ? 'without TLS' : 'with TLS (sslmode=require)';
    const what = rejects
      ? `A line of pg_hba.conf rejects ${user} on ${database}`
      : `No line of pg_hba.conf lets ${user} into ${database}`;
    const crypt = secure ? 'over TLS' : 'without encryption';
    return rejects
      ? `${what} from this address ${crypt}: find the first line that matches all four and put one that lets it in above it, or connect ${other} if that is what the line is for.`
      : `${what} from this address ${crypt}: add the line that the finding shows and reload the server, or connect ${other} if there is a line for that.`;
  }
  if (/channel binding/.test(message)) {
    return `The server's certificate is not the one the client was shown (${message}), so something between them ends TLS: let TLS pass through the proxy or load balancer, or use channel_binding=disable if it is meant to read along.`;
  }
  if (authenticated || /does not exist/.test(message)) {
    return `Authentication was not the problem, but the role cannot be used (${message}): create it or allow it to log in.`;
  }
  const method = /^(LDAP|PAM|RADIUS) authentication failed/.exec(message)?.[1];
  if (method) {
    return `The server asked ${method} about the password of ${user} and was told no (${message}): check the password there; the server log has what ${method} answered.`;
  }
  if (/SSL connection is required|SSL (is )?required/i.test(message)) {
    return `The server takes connections with TLS only (${message}): use sslmode=require or stronger.`;
  }
  if (/certificate/.test(message)) {
    return `The server wants a client certificate it accepts (${message}): give the client sslcert and sslkey.`;
  }
  return `The server refused ${user} (${message}): read the server log for the line of pg_hba.conf that decided.`;
}

function capital(words: string): string {
  return words[0].toUpperCase() + words.slice(1);
}
