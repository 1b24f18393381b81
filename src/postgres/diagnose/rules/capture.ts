/** The capture lacks what would tell. */
import { cause } from '../../../diagnosis/cause';
import type { PostgresFacts, PostgresRule } from '../facts';

export const CAPTURE_RULES: readonly PostgresRule[] = [
  { gives: ['PG_SESSION_OPEN'], find: sessionOpen },
  {
    gives: ['CAPTURE_ONE_DIRECTION', 'CAPTURE_BYTES_MISSING', 'CAPTURE_STARTS_LATE'],
    find: missing,
  },
];

/** A session in use: queries and answers, and nothing of its beginning. */
function sessionOpen({ observed, trace, missing: lacks }: PostgresFacts) {
  if (lacks?.kind === 'direction' || !observed.late || trace.tls !== null) return null;
  const { startup, requested, authenticated, messages } = observed;
  if (startup || requested || authenticated || messages.client + messages.server === 0) return null;
  if (trace.ssl.requested || trace.gssenc.requested || trace.outcome === 'cancel') return null;
  return cause('PG_SESSION_OPEN', 'incomplete', { user: trace.auth.user });
}

/** Bytes are missing, and the connection is over or its state unknown: the rules after this conclude from what was not seen. */
function missing({ observed, phase, missing: lacks }: PostgresFacts) {
  if (lacks === null) return null;
  if (phase !== null && observed.closedBy === null && observed.goodbye === null) return null;
  const { lateError } = observed;
  const known =
    lateError === null
      ? undefined
      : `the last error seen, ${lateError.code} “${lateError.message}”, does not end a session that is open`;
  if (lacks.kind === 'direction') {
    const heard = lacks.whose === 'server' ? 'client' : 'server';
    return cause('CAPTURE_ONE_DIRECTION', 'incomplete', { heard, known });
  }
  if (lacks.kind === 'beginning') return cause('CAPTURE_STARTS_LATE', 'incomplete', { known });
  const whose = lacks.whose === 'both' ? 'both sides' : `the ${lacks.whose}`;
  return cause('CAPTURE_BYTES_MISSING', 'incomplete', { whose, known });
}
