/** Parts that are not in the capture, and are known all the same. */
import { cause } from '../../../diagnosis/cause';
import type { PostgresFacts, PostgresRule } from '../facts';

export const MIDDLE_RULES: readonly PostgresRule[] = [{ gives: ['PG_SESSION_OPEN'], find: sessionOpen }];

/** A session in use: queries and answers, and nothing of its beginning. */
function sessionOpen({ observed, trace, missing: lacks }: PostgresFacts) {
  if (lacks?.kind === 'direction' || !observed.late || trace.tls !== null) return null;
  const { startup, requested, authenticated, messages } = observed;
  if (startup || requested || authenticated || messages.client + messages.server === 0) return null;
  if (trace.ssl.requested || trace.gssenc.requested || trace.outcome === 'cancel') return null;
  return cause('PG_SESSION_OPEN', 'incomplete', { user: trace.auth.user });
}
