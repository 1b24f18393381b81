/** Before TLS, around it, and what is not PostgreSQL at all. */
import { utf8 } from '../../../base/bytes';
import type { CauseCode } from '../../../diagnosis/catalogue';
import { cause } from '../../../diagnosis/cause';
import { serverName } from '../../../diagnosis/facts';
import { serviceText } from '../../../diagnosis/words/en/service';
import { ALPN_PROTOCOL, LIMITS } from '../../constants';
import { serverError } from '../../messages/error-fields';
import { frameTyped } from '../../messages/frame';
import { parseBackend } from '../../messages/message-backend';
import { type OtherService, otherService } from '../../observer/foreign';
import { oldErrorText } from '../../observer/observer-answer';
import {
  closedBy,
  closedError,
  endedBy,
  howEnded,
  type PostgresFacts,
  type PostgresRule,
  waitedBeforeEnd,
} from '../facts';

/** An error in the form of PostgreSQL is not another service's text. */
export const ENCRYPTION_ERRORS: readonly PostgresRule[] = [
  { gives: ['PG_SSL_ERROR', 'PG_GSS_ERROR'], find: ownError },
];

/** Rules about bytes that were seen. */
export const ENCRYPTION_SEEN: readonly PostgresRule[] = [
  { gives: ['PG_NOT_POSTGRES'], find: foreign },
  { gives: ['PG_DIRECT_TLS_IN_CLEAR', 'PG_NOT_POSTGRES'], find: answeredInClear },
  { gives: ['PG_SURPLUS_BEFORE_TLS'], find: surplus },
  { gives: ['PG_BAD_STARTUP'], find: badStartup },
  { gives: ['PG_SSL_ERROR', 'PG_GSS_ERROR'], find: answerError },
];

/** Rules about what did not follow. */
export const ENCRYPTION_ENDED: readonly PostgresRule[] = [
  { gives: ['PG_ALPN_NOT_OFFERED', 'PG_ALPN_NOT_CHOSEN'], find: alpn },
  { gives: ['PG_TLS_DECLINED', 'PG_GSS_DECLINED'], find: declined },
  { gives: ['PG_TLS_NOT_STARTED'], find: tlsNotStarted },
  { gives: ['PG_GSS_ABANDONED', 'PG_GSS_ENCRYPTED'], find: gssAccepted },
  { gives: ['PG_CLOSED_AT_ENCRYPTION'], find: closedAtAnswer },
  { gives: ['PG_SSL_REQUEST_CLOSED', 'PG_GSS_CLOSED'], find: requestClosed },
  { gives: ['PG_PLAIN_START_CLOSED'], find: plainStartClosed },
];

function notPostgres(service: OtherService) {
  const message = `the server answered something that is not PostgreSQL (${serviceText(service)})`;
  const known = service === 'unknown' ? undefined : service;
  return cause(
    'PG_NOT_POSTGRES',
    'failed',
    { service: known },
    {
      error: { from: 'client', code: 'NOT_POSTGRES', message },
      certainty: known === undefined ? 'likely' : 'shown',
    },
  );
}

function foreign({ observed, trace, wire, missing }: PostgresFacts) {
  if (observed.foreign === null) return null;
  // Two that speak another protocol with each other are no failure of this one.
  const asked = trace.ssl.requested || trace.gssenc.requested || observed.startup;
  if (!asked && (missing !== null || wire.closes.length === 0)) return null;
  return notPostgres(observed.foreign);
}

/** The server's answer to a ClientHello is no TLS: a PostgreSQL message in the clear, or another service. */
function answeredInClear(facts: PostgresFacts) {
  const { trace, wire, missing } = facts;
  const notTls = wire.tls?.notTls;
  if (notTls?.from !== 'server' || facts.established) return null;
  if (missing !== null && missing.whose !== 'client') return null;
  const { head } = notTls;
  if (!trace.ssl.direct) {
    // `S` was the first letter of a text, of which the rest came later.
    if (trace.ssl.answer !== 'S') return null;
    const whole = new Uint8Array(head.length + 1);
    whole[0] = 0x53;
    whole.set(head, 1);
    const service = otherService(whole);
    return service === 'unknown' ? null : notPostgres(service);
  }
  if (head[0] !== 0x45 && head[0] !== 0x52 && head[0] !== 0x4e) {
    const service = otherService(head);
    return service === 'unknown' ? null : notPostgres(service);
  }
  const message = 'the server answered the ClientHello in the clear';
  return cause('PG_DIRECT_TLS_IN_CLEAR', 'failed', errorIn(head), {
    error: { from: 'server', code: 'TLS_CLOSED', message },
  });
}

/** The error that these bytes are, as far as they are there. */
function errorIn(head: Uint8Array): Record<string, string | undefined> {
  const framing = frameTyped(head, LIMITS.errorResponse);
  const value = framing.kind === 'frame' ? parseBackend(head.slice(0, framing.length)).value : null;
  if (value?.name === 'ErrorResponse') {
    const { code, message, detail, hint } = serverError(value.fields);
    return { sqlstate: code, text: message, detail, hint };
  }
  const text = /\0M([^\0]+)/.exec(utf8(head))?.[1];
  return text === undefined ? {} : { text };
}

function surplus({ observed, wire, trace }: PostgresFacts) {
  if (observed.established) return null;
  // Behind S nothing of the server can be plain, in the same segment or a later one.
  const late = trace.ssl.answer === 'S' && !observed.gap ? (wire.tls?.notTls?.from ?? null) : null;
  const whose = observed.surplus ?? late;
  if (whose === null) return null;
  const fromServer = whose === 'server';
  const message = `received unencrypted data after SSL ${fromServer ? 'response' : 'request'}`;
  return cause(
    'PG_SURPLUS_BEFORE_TLS',
    'failed',
    { whose },
    { error: { from: fromServer ? 'client' : 'server', code: 'SSL_SURPLUS', message } },
  );
}

function badStartup({ observed, missing, wire }: PostgresFacts) {
  // A server that answered has accepted it.
  if (observed.badStartup === null || observed.requested || observed.authenticated) return null;
  // Not answered yet, or not as far as the capture shows.
  if (missing !== null || (wire.closes.length === 0 && wire.server.bytes === 0)) return null;
  const message = `the startup packet cannot be read: ${observed.badStartup}`;
  return cause(
    'PG_BAD_STARTUP',
    'failed',
    { problem: observed.badStartup },
    { error: { from: 'client', code: 'BAD_STARTUP_PACKET', message } },
  );
}

function ownError(facts: PostgresFacts) {
  const bytes = facts.observed.answerError;
  if (bytes === null) return null;
  return oldErrorText(bytes) || errorIn(bytes).sqlstate ? answerError(facts) : null;
}

function answerError(facts: PostgresFacts) {
  const { trace } = facts;
  const ssl = trace.ssl.answer === 'E';
  if (!ssl && trace.gssenc.answer !== 'E') return null;
  const bytes = facts.observed.answerError ?? new Uint8Array(0);
  // Of before protocol 3, as a server without a process for it answers; or one with fields, as poolers answer.
  const text = oldErrorText(bytes);
  const params = text ? { text } : errorIn(bytes);
  const message = `server sent an error response during ${ssl ? 'SSL' : 'GSS encryption'} exchange`;
  return ssl
    ? cause('PG_SSL_ERROR', 'failed', params, {
        error: { from: 'server', code: 'SSL_ERROR_RESPONSE', message },
      })
    : cause('PG_GSS_ERROR', 'failed', params, {
        error: { from: 'server', code: 'GSS_ERROR_RESPONSE', message },
      });
}

/** Direct TLS came up, and nothing followed: ALPN was not offered (the server leaves) or not chosen (libpq leaves). */
function alpn(facts: PostgresFacts) {
  const { trace, observed, established, missing } = facts;
  const { ssl, tls } = trace;
  const offered = observed.alpnOffered;
  const by = endedBy(facts);
  if (!ssl.direct || !established || offered === null || missing !== null || by === null) return null;
  if (observed.serverSpokeInside) return null;
  if (!offered.includes(ALPN_PROTOCOL)) {
    if (by !== 'server' || observed.ciphertext.server > 2) return null;
    return cause('PG_ALPN_NOT_OFFERED', 'failed', {}, closedError(facts, 'server', 'SERVER_CLOSED'));
  }
  // What TLS 1.3 chose is sealed.
  const told = tls?.decrypted || (tls?.version !== null && tls?.version !== 'TLSv1.3');
  if (by !== 'client' || !told || tls?.alpn !== null || observed.startup || observed.ciphertext.client > 0)
    return null;
  const message = 'direct SSL connection was established without ALPN protocol negotiation extension';
  return cause('PG_ALPN_NOT_CHOSEN', 'failed', {}, { error: { from: 'client', code: 'TLS_ALPN', message } });
}

function declined(facts: PostgresFacts) {
  const { trace, observed, missing } = facts;
  if (observed.startup || closedBy(facts) !== 'client' || missing !== null) return null;
  const last = observed.lastMessage?.name;
  if (last === 'SSLResponse N') {
    const message = 'server does not support SSL, but SSL was required';
    return cause(
      'PG_TLS_DECLINED',
      'failed',
      {},
      { error: { from: 'client', code: 'SSL_REFUSED', message } },
    );
  }
  if (trace.gssenc.answer !== 'N' || last !== 'GSSENCResponse N') return null;
  const message = 'GSSAPI encryption required but it is not supported by server';
  return cause('PG_GSS_DECLINED', 'failed', {}, { error: { from: 'client', code: 'GSS_REFUSED', message } });
}

function tlsBegun({ trace, wire }: PostgresFacts): boolean {
  return trace.tls !== null || (wire.tls?.clientHello ?? null) !== null;
}

function tlsNotStarted(facts: PostgresFacts) {
  const { trace, missing } = facts;
  if (trace.ssl.answer !== 'S' || tlsBegun(facts) || closedBy(facts) !== 'client' || missing !== null)
    return null;
  const details = closedError(facts, 'client', 'CLIENT_CLOSED', ' in CONNECTION_SSL_STARTUP');
  return cause('PG_TLS_NOT_STARTED', 'failed', {}, details);
}

function gssAccepted(facts: PostgresFacts) {
  const { trace, observed, missing } = facts;
  if (trace.gssenc.answer !== 'G') return null;
  const { client, server } = observed.ciphertext;
  if (client + server === 0 && missing === null && closedBy(facts) === 'client') {
    return cause('PG_GSS_ABANDONED', 'failed', {}, closedError(facts, 'client', 'CLIENT_CLOSED'));
  }
  return client + server > 0 ? cause('PG_GSS_ENCRYPTED', 'encrypted') : null;
}

/** Answers to a request for encryption, and the cause where the client left after them. */
const ANSWERS: ReadonlyMap<string, readonly [request: string, answer: string, left: CauseCode]> = new Map([
  ['SSLResponse N', ['SSLRequest', 'N', 'PG_TLS_DECLINED']],
  ['SSLResponse S', ['SSLRequest', 'S', 'PG_TLS_NOT_STARTED']],
  ['GSSENCResponse N', ['GSSENCRequest', 'N', 'PG_GSS_DECLINED']],
  ['GSSENCResponse G', ['GSSENCRequest', 'G', 'PG_GSS_ABANDONED']],
]);

/** The server, and not the client, ended the connection behind its answer. */
function closedAtAnswer(facts: PostgresFacts) {
  const { observed, missing } = facts;
  const last = observed.lastMessage?.name ?? '';
  const answered = ANSWERS.get(last);
  if (missing !== null || closedBy(facts) !== 'server' || answered === undefined) return null;
  const { client, server } = observed.ciphertext;
  if (client + server > 0 || tlsBegun(facts)) return null;
  const [request, answer, left] = answered;
  const params = { request, answer, waited: waitedBeforeEnd(facts), how: howEnded(facts) };
  return cause('PG_CLOSED_AT_ENCRYPTION', 'failed', params, {
    ...closedError(facts, 'server', 'SERVER_CLOSED', ` after ${last}`),
    alternatives: [left],
  });
}

/** Who ended it and how: also for the words of an alternative. */
function closer(facts: PostgresFacts) {
  return { server: serverName(facts), how: howEnded(facts) ?? 'closed', product: facts.product };
}

function requestClosed(facts: PostgresFacts) {
  const { observed, missing } = facts;
  const last = observed.lastMessage?.name;
  if (missing !== null || closedBy(facts) !== 'server') return null;
  if (last !== 'SSLRequest' && last !== 'GSSENCRequest') return null;
  const params = closer(facts);
  const ssl = last === 'SSLRequest';
  const where = ` in CONNECTION_${ssl ? 'SSL' : 'GSS'}_STARTUP`;
  return cause(ssl ? 'PG_SSL_REQUEST_CLOSED' : 'PG_GSS_CLOSED', 'failed', params, {
    ...closedError(facts, 'server', 'SERVER_CLOSED', where),
    ...(ssl ? { alternatives: ['TCP_CLOSED_AT_ONCE'] } : {}),
  });
}

function plainStartClosed(facts: PostgresFacts) {
  const { trace, observed, missing } = facts;
  const asked = trace.ssl.requested || trace.gssenc.requested || trace.tls !== null;
  if (missing !== null || asked || closedBy(facts) !== 'server') return null;
  if (observed.lastMessage?.name !== 'StartupMessage' || observed.messages.server > 0) return null;
  const params = { ...closer(facts), user: trace.auth.user, database: trace.auth.database };
  const details = closedError(facts, 'server', 'SERVER_CLOSED', ' in CONNECTION_AWAITING_RESPONSE');
  return cause('PG_PLAIN_START_CLOSED', 'failed', params, {
    ...details,
    alternatives: ['PG_CLOSED_AT_STARTUP', 'TCP_CLOSED_AT_ONCE'],
  });
}
