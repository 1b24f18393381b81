/** Parts that are not in the capture, and are known all the same. */
import { cause } from '../../../diagnosis/cause';
import { methodName, type PostgresFacts, type PostgresRule } from '../facts';

export const MIDDLE_RULES: readonly PostgresRule[] = [
  { gives: ['PG_PASSWORD_NOT_GIVEN'], find: leaveNotSeen },
  { gives: ['PG_SESSION_OPEN'], find: sessionOpen },
];

/** A session in use: queries and answers, and nothing of its beginning. */
function sessionOpen({ observed, trace, missing: lacks }: PostgresFacts) {
  if (lacks?.kind === 'direction' || !observed.late || trace.tls !== null) return null;
  const { startup, requested, authenticated, messages } = observed;
  if (startup || requested || authenticated || messages.client + messages.server === 0) return null;
  if (trace.ssl.requested || trace.gssenc.requested || trace.outcome === 'cancel') return null;
  return cause('PG_SESSION_OPEN', 'incomplete', { user: trace.auth.user });
}

/**
 * Of the client one number is missing at the end, which the server acknowledges as it closes: no message has one byte, a FIN counts as one.
 */
function leaveNotSeen(facts: PostgresFacts) {
  const { observed, wire } = facts;
  const { requested, answered, authenticated, closedBy } = observed;
  if (!requested || answered || authenticated || closedBy !== 'server') return null;
  if (wire.client.missing !== 1 || wire.server.missing > 0 || observed.late) return null;
  const message = `the client closed the connection when asked for ${facts.trace.auth.mechanism}`;
  const params = { user: facts.trace.auth.user, method: methodName(facts) };
  return cause('PG_PASSWORD_NOT_GIVEN', 'failed', params, {
    error: { from: 'client', code: 'AUTH_ABANDONED', message },
  });
}
