import { alertWords } from '../../tls/alert-words';
import type { TraceBuilder } from '../../trace/builder';
import { nameIn } from '../messages/error-fields';
import { foreignService } from '../observer/foreign';
import type { Observed } from '../observer/observed';
import { type Phase, phaseInfo } from '../phases';
import { missingWords } from './missing';
import { errorVerdict, named } from './verdict-errors';
import { localVerdict } from './verdict-local';

/** How a conversation ended, and what a person can do about it. */
interface Ending {
  readonly outcome?: TraceBuilder['outcome'];
  readonly error?: { readonly from: 'server' | 'client'; readonly code: string; readonly message: string };
  readonly verdict: string;
}

interface Facts {
  readonly trace: TraceBuilder;
  readonly observed: Observed;
  /** The last phase in which both were still talking; null when bytes are missing. */
  readonly phase: Phase | null;
  /** What the capture lacks: no rule may then conclude from what was not seen. Null when it lacks nothing. */
  readonly missing: string | null;
}

/** What `foreignService` says of bytes that it does not know. */
const UNKNOWN_SERVICE = foreignService(new Uint8Array(0));

type Rule = (facts: Facts) => Ending | null;

/** Fills outcome, error and verdict. The first rule that knows the ending decides. */
export function conclude(trace: TraceBuilder, observed: Observed, phase: Phase | null): void {
  const missing = missingWords(observed);
  const facts: Facts = { trace, observed, phase, missing };
  let ending: Ending | null = null;
  for (const rule of RULES) {
    ending = rule(facts);
    if (ending) break;
  }
  if (missing === null && leftUnanswered(observed)) trace.auth.outcome = 'abandoned';
  if (ending?.error) trace.fail(ending.error);
  if (ending?.outcome) trace.outcome = ending.outcome;
  trace.verdict =
    ending?.verdict ??
    'The capture ends before the connection was decided: capture longer to see how it ends.';
}

const RULES: readonly Rule[] = [
  ready,
  cancel,
  foreign,
  surplus,
  serverError,
  localError,
  badStartup,
  refusedTcp,
  neverAnswered,
  sslRefused,
  sslError,
  tlsFailed,
  lateAlert,
  encrypted,
  untold,
  abandoned,
  closed,
  open,
];

function ready({ trace, phase }: Facts): Ending | null {
  if (phase !== 'ready') return null;
  const { user, database, mechanism } = trace.auth;
  const tls = trace.tls ? `over ${trace.tls.version ?? 'TLS'}` : 'without encryption';
  const who = user === null ? 'The session' : `User "${user}" on database "${database}"`;
  return {
    outcome: 'ready',
    verdict: `${who} is connected ${tls}, authenticated by ${mechanism ?? 'an unseen method'}.`,
  };
}

function cancel({ trace }: Facts): Ending | null {
  if (trace.outcome !== 'cancel') return null;
  const verdict =
    'A CancelRequest was sent; the server answers none, so whether the query stopped shows on the other connection (57014).';
  return { outcome: 'cancel', verdict };
}

function foreign({ observed }: Facts): Ending | null {
  if (observed.foreign === null) return null;
  const message = `the server answered something that is not PostgreSQL (${observed.foreign})`;
  if (observed.foreign === UNKNOWN_SERVICE) {
    return {
      error: { from: 'client', code: 'NOT_POSTGRES', message },
      verdict:
        'What answered is not the protocol of PostgreSQL: check host and port, what a load balancer in between forwards to, and whether something in between damages the stream.',
    };
  }
  return {
    error: { from: 'client', code: 'NOT_POSTGRES', message },
    verdict: `This is ${observed.foreign}, not PostgreSQL: check host and port, and what a load balancer in between forwards to.`,
  };
}

function surplus({ observed }: Facts): Ending | null {
  if (observed.surplus === null || observed.established) return null;
  const server = observed.surplus === 'server';
  const message = server
    ? 'received unencrypted data after SSL response'
    : 'received unencrypted data after SSL request';
  return {
    error: { from: server ? 'client' : 'server', code: 'SSL_SURPLUS', message },
    verdict: `Unencrypted bytes came from the ${observed.surplus} where TLS had to begin, which may be an attack (${server ? 'CVE-2021-23222' : 'CVE-2021-23214'}): look at what is between client and server.`,
  };
}

function serverError({ trace, observed }: Facts): Ending | null {
  if (!observed.serverError) return null;
  const { user, database, mechanism } = trace.auth;
  const { message } = observed.serverError;
  const context = {
    user: named('user', user ?? nameIn(message, 'user')),
    database: named('database', database ?? nameIn(message, 'database')),
    mechanism,
    secure: observed.established,
    authenticated: observed.authenticated,
  };
  return { outcome: 'failed', verdict: errorVerdict(observed.serverError, context) };
}

function localError({ trace, observed }: Facts): Ending | null {
  if (!observed.localError) return null;
  const context = { user: trace.auth.user ?? '', secure: observed.established };
  return { outcome: 'failed', verdict: localVerdict(observed.localError, context) };
}

function badStartup({ observed }: Facts): Ending | null {
  if (observed.badStartup === null) return null;
  const message = `the startup packet cannot be read: ${observed.badStartup}`;
  return {
    error: { from: 'client', code: 'BAD_STARTUP_PACKET', message },
    verdict:
      'The client sent a startup packet no server accepts, and the server closes such a connection without a word: check what is connecting to this port.',
  };
}

function refusedTcp({ trace, observed }: Facts): Ending | null {
  if (!observed.refused) return null;
  const { address, port } = trace.server;
  return {
    error: { from: 'server', code: 'ECONNREFUSED', message: `connection refused by ${address}:${port}` },
    verdict: `Nothing listens on ${address}:${port}, or a firewall rejects it: check that the server runs, its listen_addresses and port.`,
  };
}

function neverAnswered({ trace, observed, phase }: Facts): Ending | null {
  if (phase !== 'started' && !(observed.opened && !observed.accepted && phase === 'needed')) return null;
  const { address, port } = trace.server;
  const gaveUp = observed.closedBy === 'client';
  return {
    outcome: gaveUp ? 'failed' : 'incomplete',
    verdict: `${address}:${port} never answered the TCP connection request: check the address, the route and firewalls that drop packets.`,
  };
}

function sslRefused({ trace, observed, missing }: Facts): Ending | null {
  if (trace.ssl.answer !== 'N' || observed.startup || observed.closedBy === null || missing !== null)
    return null;
  const message = 'server does not support SSL, but SSL was required';
  return {
    error: { from: 'client', code: 'SSL_REFUSED', message },
    verdict:
      'The server refused SSL and the client insists on it: set ssl = on with a certificate on the server, or use sslmode=prefer if plain text is acceptable.',
  };
}

function sslError({ trace }: Facts): Ending | null {
  if (trace.ssl.answer !== 'E') return null;
  return {
    error: {
      from: 'server',
      code: 'SSL_ERROR_RESPONSE',
      message: 'server sent an error response during SSL exchange',
    },
    verdict:
      'The server answered SSLRequest with an error, often because it cannot start another process: read its log, for its text before TLS proves nothing.',
  };
}

function tlsFailed({ trace, observed, missing }: Facts): Ending | null {
  if (!trace.tls || observed.established) return null;
  const alert = trace.tls.alerts.findLast((known) => known.level === 'fatal');
  if (alert) {
    const words = alertWords(alert);
    const noVersion = alert.description === 'protocol_version' && alert.from === 'server';
    const verdict = noVersion
      ? 'The TLS handshake failed with protocol_version from the server: the two have no TLS version in common. The ClientHello lists what the client offers; raise ssl_max_protocol_version or update an old server, or lower ssl_min_protocol_version for an old client.'
      : words
        ? `The TLS handshake failed with ${alert.description} from the ${alert.from}: ${words.meaning}. ${words.help}`
        : `The TLS handshake failed with the alert ${alert.description} from the ${alert.from}: read that side's log for the reason.`;
    return {
      error: {
        from: alert.from,
        code: `TLS_${alert.description.toUpperCase()}`,
        message: `TLS alert ${alert.description}`,
      },
      verdict,
    };
  }
  if (observed.closedBy === null || missing !== null) return null;
  const { closedBy } = observed;
  const direct = trace.ssl.direct && closedBy === 'server';
  const silent = closedBy === 'server' && trace.tls.version === null;
  const why = direct
    ? 'a server before PostgreSQL 17 does not know TLS without SSLRequest (use sslnegotiation=postgres), and a later one demands ALPN'
    : closedBy === 'client'
      ? 'the client most likely refused the certificate; its own error message says why'
      : silent
        ? 'it answered S and not one byte of TLS; a proxy that answers for the server, or a certificate or key that it cannot load, does this, and its log says which'
        : 'the server most likely refused what the client offered; its log says why';
  return {
    error: {
      from: closedBy,
      code: 'TLS_CLOSED',
      message: `the ${closedBy} closed the connection during the TLS handshake`,
    },
    verdict: `The ${closedBy} ended the TLS handshake without an alert that can be read: ${why}.`,
  };
}

/** In TLS 1.3 a server refuses the client's certificate when the client holds the handshake for done (RFC 8446 section 4.4.2.4). */
function lateAlert({ trace, observed }: Facts): Ending | null {
  if (!trace.tls || !observed.established || observed.authenticated) return null;
  const alert = trace.tls.alerts.findLast((known) => known.level === 'fatal' && known.from === 'server');
  if (!alert) return null;
  const words = alertWords(alert);
  return {
    error: {
      from: 'server',
      code: `TLS_${alert.description.toUpperCase()}`,
      message: `TLS alert ${alert.description}`,
    },
    verdict: words
      ? `The server ended the connection right after the TLS handshake with ${alert.description}: ${words.meaning}. ${words.help}`
      : `The server ended the connection right after the TLS handshake with the alert ${alert.description}: read its log for the reason.`,
  };
}

function encrypted({ trace, observed, missing }: Facts): Ending | null {
  const { client, server } = observed.ciphertext;
  if (client + server === 0 && !(observed.established && !trace.tls?.decrypted)) return null;
  const what = trace.tls ? (trace.tls.version ?? 'TLS') : 'GSSAPI encryption';
  // A login that succeeds is followed by queries; one that is refused ends with the server closing after a few records.
  const short = missing === null && observed.closedBy === 'server' && server <= 6;
  const hint = short ? ', and the server closed it early, as after a refused login' : '';
  const next = trace.tls
    ? 'give the TLS keys (sslkeylogfile in libpq 18, or SSLKEYLOGFILE) to decode it.'
    : 'it cannot be decoded here; let the client connect with gssencmode=disable to see the rest.';
  return {
    outcome: 'encrypted',
    verdict: `The connection went on inside ${what}, so authentication cannot be seen${hint}: ${next}`,
  };
}

/** Bytes are missing, and the connection is over or its state unknown: the rules below conclude from what was not seen. */
function untold({ observed, phase, missing }: Facts): Ending | null {
  if (missing === null || (phase !== null && observed.closedBy === null && observed.goodbye === null)) {
    return null;
  }
  return { outcome: 'incomplete', verdict: missing };
}

/** The client was asked to authenticate and left. */
function leftUnanswered({ requested, answered, authenticated, closedBy }: Observed): boolean {
  return requested && !answered && !authenticated && closedBy === 'client';
}

function abandoned({ trace, observed }: Facts): Ending | null {
  if (!leftUnanswered(observed)) return null;
  const method = trace.auth.mechanism ?? 'an unknown method';
  const who = trace.auth.user === null ? '' : ` for user "${trace.auth.user}"`;
  return {
    error: {
      from: 'client',
      code: 'AUTH_ABANDONED',
      message: `the client closed the connection when asked for ${method}`,
    },
    verdict: `The server asked for ${method}${who} and the client left without answering: it had no password (psql asks only then and connects again) or does not have this method.`,
  };
}

function closed({ observed, phase, trace }: Facts): Ending | null {
  const closedBy = observed.goodbye ?? observed.closedBy;
  const { reset } = observed;
  if (closedBy === null) return null;
  const how = reset ? 'reset' : 'closed';
  const silent = closedBy === 'client' && !observed.serverSpoke && observed.startup;
  if (silent || (closedBy === 'client' && !observed.serverSpoke && trace.ssl.requested)) {
    const message = 'the server accepted the connection and never answered';
    return {
      error: { from: 'server', code: 'NO_ANSWER', message },
      verdict:
        'The server took the connection and said nothing until the client gave up: it is overloaded or stuck, or the port belongs to something else.',
    };
  }
  const message = `the ${closedBy} ${how} the connection${stage(phase)}`;
  if (closedBy === 'server') {
    return {
      error: { from: 'server', code: 'SERVER_CLOSED', message },
      verdict: closedByServer(observed, trace),
    };
  }
  if (!observed.startup && !trace.ssl.requested) {
    return {
      outcome: 'failed',
      verdict: 'The client connected and left without asking for anything, as a port check does.',
    };
  }
  return {
    error: { from: 'client', code: 'CLIENT_CLOSED', message },
    verdict: `The client ${how} the connection before it was ready: look for a time-out or its own error message.`,
  };
}

/** Messages of the client that hold a password, or prove that it knows one. */
const PROVING = /^(PasswordMessage|SASLResponse|GSSResponse)$/;

/** The server went without a word: the step at which it did says where to look. */
function closedByServer(observed: Observed, trace: TraceBuilder): string {
  if (observed.incomplete > 0) {
    return `The server closed the connection in the middle of a message, after ${observed.incomplete} bytes of it: a process that crashed or a proxy that cut the stream; read the server log.`;
  }
  if (observed.authenticated) {
    return 'The server accepted the login and closed the connection before the session was ready: a backend that crashed, a failing login trigger or an extension that is loaded at connect, or a proxy; read the server log.';
  }
  if (observed.proved) {
    return 'The server accepted the password, proved that it knows it, and closed the connection before AuthenticationOk: a backend that crashed, authentication_timeout, or a proxy that logs in by itself and was refused; read both logs.';
  }
  // In SCRAM the first message says nothing of the password, the second proves it.
  if (observed.answered && !trace.steps.some(({ message }) => PROVING.test(message))) {
    return 'The server asked for SCRAM and closed the connection when the client began it, before any password was tried: a backend that crashed, authentication_timeout, or a proxy that does not carry SCRAM; read the server log.';
  }
  if (observed.answered) {
    return `The server closed the connection in the middle of ${trace.auth.mechanism ?? 'authentication'} without a word, so whether the password was right cannot be told: a backend that crashed, authentication_timeout, or a proxy; read the server log.`;
  }
  if (observed.established && !observed.serverSpokeInside) {
    return 'TLS came up, and then the server closed the connection without a word: a proxy that ends TLS and cannot reach the server behind it does this, or a backend that crashed; read both logs.';
  }
  if (observed.startup) {
    return 'The server read the startup packet and closed the connection without an error message: a backend that crashed or a proxy that does not know this user or database; read the server log.';
  }
  if (trace.ssl.requested) {
    return 'The server closed the connection instead of answering SSLRequest: an address filter, a load balancer without a server behind it, a server without a free process, or something that is not PostgreSQL is listening; try sslmode=disable to see whether it answers at all, and read its log.';
  }
  return 'The server closed the connection as soon as it was open: an address filter, a load balancer without a server behind it, or something that is not PostgreSQL is listening; read its log.';
}

function open({ observed, phase }: Facts): Ending | null {
  if (phase === null || observed.closedBy !== null) return null;
  const { client, server } = phaseInfo(phase);
  return {
    outcome: 'incomplete',
    verdict: `The capture ends while the client is in ${client} and the server in ${server}: capture longer to see how it ends.`,
  };
}

function stage(phase: Phase | null): string {
  return phase === null || phaseInfo(phase).client === 'CONNECTION_BAD'
    ? ''
    : ` in ${phaseInfo(phase).client}`;
}
