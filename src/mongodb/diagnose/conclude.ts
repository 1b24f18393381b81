/** What came of an observed conversation: outcome, error, findings, and the sentence for a person. */
import { alertWords } from '../../tls/alert-words';
import type { TraceBuilder } from '../../trace/builder';
import type { TraceError } from '../../trace/model';
import { DRIVER_DEFAULTS } from '../client/client-options';
import { MongoCode } from '../errors';
import { addFinding } from './findings';
import type { ObserverRecord } from './record';
import { addRefusalFindings, type Explanation, explainRefusal } from './refusal';

/** Fills the trace. `secure`: the conversation was, or should have been, inside TLS. */
export function conclude(trace: TraceBuilder, record: ObserverRecord, secure: boolean): void {
  fillAuth(trace, record);
  attemptFindings(trace, record, secure);
  const explanations = explainRefusal(record, { secure, serverSubject: trace.tls?.certificates[0]?.subject });
  addRefusalFindings(trace, record, explanations);
  const ending = endingOf(trace, record, explanations);
  if (ending.error) trace.fail(ending.error);
  trace.outcome = ending.outcome;
  trace.verdict = ending.verdict;
}

interface Ending {
  readonly outcome: TraceBuilder['outcome'];
  readonly verdict: string;
  readonly error?: TraceError;
}

function fillAuth(trace: TraceBuilder, record: ObserverRecord): void {
  const { attempt } = record;
  if (!attempt) return;
  trace.auth.mechanism = attempt.mechanism;
  trace.auth.user = userOf(record);
  trace.auth.database = attempt.database;
  switch (attempt.outcome) {
    case 'ok':
    case 'failed':
      trace.auth.outcome = attempt.outcome;
      return;
    case 'dropped':
    case 'open':
      trace.auth.outcome =
        record.authError !== undefined
          ? 'failed'
          : record.closedBy === undefined && record.localError === undefined
            ? 'unknown'
            : 'abandoned';
      return;
    default:
      attempt.outcome satisfies never;
  }
}

/** The user that was named; for a certificate alone its subject, where it was seen. */
function userOf({ attempt, clientCertificates }: ObserverRecord): string | null {
  const subject = attempt?.mechanism === 'MONGODB-X509' ? clientCertificates?.[0]?.subject : undefined;
  return attempt?.user ?? subject ?? null;
}

function attemptFindings(trace: TraceBuilder, record: ObserverRecord, secure: boolean): void {
  const { attempt } = record;
  if (record.midStream && record.messages.client + record.messages.server > 0) {
    addFinding(trace, 'MG_CAPTURE_STARTS_LATE', []);
  }
  if (record.unauthorized && !attempt) {
    addFinding(trace, 'MG_AUTHENTICATION_REQUIRED', record.unauthorized.frames, record.unauthorized.name);
  }
  if (!attempt) return;
  const { mechanism, frames, iterations } = attempt;
  if (mechanism === 'MONGODB-CR') addFinding(trace, 'MG_CR', frames);
  if (!secure && attempt.proofSent) {
    if (mechanism === 'PLAIN') addFinding(trace, 'MG_PLAIN_IN_THE_CLEAR', frames);
    else addFinding(trace, 'MG_CREDENTIALS_WITHOUT_TLS', frames, mechanism);
  }
  if (iterations !== null && iterations < DRIVER_DEFAULTS.minIterations) {
    addFinding(trace, 'MG_LOW_ITERATIONS', frames, String(iterations));
  }
  if (attempt.outcome === 'ok' && mechanism.startsWith('SCRAM-') && !attempt.signature && !record.gap) {
    addFinding(trace, 'MG_SERVER_SIGNATURE_MISSING', frames);
  }
}

function endingOf(trace: TraceBuilder, record: ObserverRecord, explanations: readonly Explanation[]): Ending {
  const { attempt, localError } = record;
  if (record.authenticated) {
    const who = attempt ? `${userOf(record) ?? 'the certificate subject'}@${attempt.database}` : 'the client';
    const how = attempt ? ` with ${attempt.mechanism}` : '';
    return {
      outcome: 'ready',
      verdict: `Connected to ${article(record.role)}: ${who} is authenticated${how}.`,
    };
  }
  if (record.authError) return authFailure(record, record.authError, explanations);
  if (record.helloError) {
    const { code, message } = record.helloError;
    return failed(record.helloError, `The server refused hello (${code}): ${message}.`);
  }
  if (localError) return failed(localError, sentence(localError.message));
  const refusedTls = tlsRefusal(trace, record);
  if (refusedTls) return refusedTls;
  if (record.place.phase === 'refused') {
    const error: TraceError = { from: 'server', code: 'TCP_REFUSED', message: 'the connection was refused' };
    return failed(
      error,
      'Nothing accepts connections on this port: check host and port, and that the server runs.',
    );
  }
  const sealed = record.opaque.client + record.opaque.server > 0 || record.tlsEstablished;
  if (sealed && record.messages.client + record.messages.server === 0) {
    const subject = record.clientCertificates?.[0]?.subject;
    if (subject !== undefined) addFinding(trace, 'MG_CLIENT_CERTIFICATE', [], `"${subject}"`);
    return {
      outcome: 'encrypted',
      verdict: 'The conversation is inside TLS; a TLS key log would show its authentication.',
    };
  }
  if (record.unauthorized) return authRequired(record.unauthorized.error, record.unauthorized.name);
  if (record.commandsOk > 0 && !attemptOpen(record)) return inUse(record);
  return unfinished(trace, record);
}

/**
 * A fatal alert that ended the connection: in the handshake, or right after it, where a server of TLS 1.3 refuses the client's
 * certificate (RFC 8446 section 4.4.2.4).
 */
function tlsRefusal(trace: TraceBuilder, record: ObserverRecord): Ending | undefined {
  const late = record.tlsEstablished;
  const alert = trace.tls?.alerts.find(
    ({ level, description, from }) =>
      level === 'fatal' && description !== 'close_notify' && (!late || from === 'server'),
  );
  if (!alert || (late && record.messages.server > 0)) return undefined;
  const { from, description } = alert;
  const error: TraceError = { from, code: 'TLS_ALERT', message: `TLS alert ${description}` };
  const words = alertWords(alert);
  const what = late
    ? `The server ended the connection right after the TLS handshake with ${description}`
    : `The ${from} refused the TLS handshake with ${description}`;
  return failed(error, words ? `${what}: ${words.meaning}. ${words.help}` : `${what}: look in its log.`);
}

function failed(error: TraceError, verdict: string): Ending {
  return { outcome: 'failed', error, verdict };
}

function attemptOpen(record: ObserverRecord): boolean {
  return record.attempt !== undefined && record.attempt.outcome === 'open';
}

function inUse(record: ObserverRecord): Ending {
  const to = record.role === '' && record.midStream ? '' : ` to ${article(record.role)}`;
  if (record.midStream) {
    const verdict = `The connection${to} is in use; the capture starts after its handshake, so who is authenticated is not known.`;
    return { outcome: 'ready', verdict };
  }
  if (record.compressed > 0) {
    const verdict = `The connection${to} is in use, and no authentication was seen; its compressed messages were not read.`;
    return { outcome: 'ready', verdict };
  }
  return { outcome: 'ready', verdict: `Connected${to} without authentication.` };
}

function authRequired(error: TraceError, name: string): Ending {
  return failed(
    error,
    `The server wants authentication and the client did not try any: ${name} was refused (13). Add user, password and authSource to the connection string.`,
  );
}

function authFailure(
  record: ObserverRecord,
  error: TraceError,
  explanations: readonly Explanation[],
): Ending {
  const verdict = explanations.find((one) => one.verdict !== undefined)?.verdict;
  if (verdict !== undefined) return failed(error, verdict);
  const { attempt, authErrorCode } = record;
  const mechanism = attempt?.mechanism ?? 'the mechanism';
  const user = attempt?.user ?? 'the user';
  const database = attempt?.database ?? 'its database';
  if (authErrorCode === MongoCode.AUTHENTICATION_FAILED) {
    return failed(
      error,
      `The server refused ${user}@${database} with ${mechanism} (18): check user, password, and that authSource=${database} is the database that holds the user.`,
    );
  }
  return failed(
    error,
    `Authentication of ${user}@${database} with ${mechanism} failed (${error.code}): ${sentence(error.message)}`,
  );
}

/** Neither success nor a refusal: somebody went away, or the capture ends. */
function unfinished(trace: TraceBuilder, record: ObserverRecord): Ending {
  const { closedBy, attempt } = record;
  const state = lastState(trace, record);
  if (closedBy === 'server') return closedByServer(trace, record, state);
  if (closedBy === 'client') {
    if (attempt && attempt.outcome === 'open' && record.helloAnswered + record.messages.server > 0) {
      const error: TraceError = {
        from: 'client',
        code: 'MONGO_ABANDONED',
        message: `the client gave up in state ${state}`,
      };
      return failed(error, abandoned(record, state));
    }
    if (record.helloAnswered > 1) {
      const verdict = `The client only watches ${article(record.role)} with hello: a monitoring connection, without authentication by design.`;
      return { outcome: 'ready', verdict };
    }
    if (record.helloAnswered > 0) {
      const verdict = `${capital(article(record.role))} answered hello, and the client closed without a command: a driver's monitoring connection, a probe, or a client that did not like the answer.`;
      return { outcome: 'incomplete', verdict };
    }
    return {
      outcome: 'incomplete',
      verdict: `The client closed the connection in state ${state}, before any answer.`,
    };
  }
  if (record.helloAnswered > 1 && !attempt) {
    const verdict = `The client only watches ${article(record.role)} with hello: a monitoring connection, without authentication by design.`;
    return { outcome: 'ready', verdict };
  }
  const what = record.messages.server === 0 ? 'before any answer of the server' : `in state ${state}`;
  return { outcome: 'incomplete', verdict: `The capture ends ${what}.` };
}

function closedByServer(trace: TraceBuilder, record: ObserverRecord, state: string): Ending {
  const how = record.reset ? 'reset' : 'closed';
  const error: TraceError = {
    from: 'server',
    code: 'MONGO_CLOSED',
    message: `the server ${how} the connection in state ${state}`,
  };
  if (state === 'TLS_HANDSHAKE') {
    return failed(
      error,
      `The server ${how} the connection during the TLS handshake: it may have TLS switched off (net.tls.mode), or want a client certificate.`,
    );
  }
  if (record.helloAnswered === 0 && record.tlsEstablished) {
    addFinding(trace, 'MG_CLOSED_INSIDE_TLS', record.closeFrames);
    return failed(
      error,
      `The server ${how} the connection inside TLS before it answered hello: it may want a client certificate or refuse the one it got, refuse this address, or be no MongoDB. Its log has the reason.`,
    );
  }
  if (record.helloAnswered === 0) {
    addFinding(trace, 'MG_CLOSED_BEFORE_HELLO', record.closeFrames);
    const tls =
      record.helloSent > 0 ? ' It may require TLS (tls=true), refuse this address, or be no MongoDB.' : '';
    return failed(error, `The server ${how} the connection before it answered hello.${tls}`);
  }
  addFinding(trace, 'MG_CLOSED_AFTER_HELLO', record.closeFrames);
  return failed(
    error,
    `The server ${how} the connection after hello, in state ${state}: look for a proxy or firewall in between, and in the server log.`,
  );
}

function abandoned(record: ObserverRecord, state: string): string {
  const { attempt } = record;
  if (attempt && attempt.iterations !== null && attempt.iterations < DRIVER_DEFAULTS.minIterations) {
    return `The client gave up: the server asks for ${attempt.iterations} SCRAM iterations, and drivers refuse fewer than ${DRIVER_DEFAULTS.minIterations}.`;
  }
  if (attempt && !attempt.nonceContinued) {
    return 'The client gave up: the nonce of the server does not continue its own, so the answers are not for it.';
  }
  if (attempt?.signature) {
    return 'The client gave up after the server proof: the server may not know the password.';
  }
  return `The client closed the connection in the middle of ${attempt?.mechanism ?? 'authentication'} (${state}): its own log has the reason.`;
}

/** The client's state before the close. */
function lastState(trace: TraceBuilder, record: ObserverRecord): string {
  const step = trace.steps.findLast(
    (candidate) => candidate.message !== 'FIN' && candidate.message !== 'RST',
  );
  return step?.clientState ?? record.place.states.clientState;
}

function article(role: string): string {
  if (role === '') return 'the server';
  return role.startsWith('uninit') || role.startsWith('arbiter') ? `an ${role}` : `a ${role}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function sentence(message: string): string {
  return /[.!?]$/.test(message) ? capital(message) : `${capital(message)}.`;
}
