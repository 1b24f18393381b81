import { millisBetween } from '../../base/mark';
import { causeWhoeverLeft, closesTurned, otherOf } from '../../diagnosis/crossed';
import { applyCause } from '../../diagnosis/render';
import type { WireEvidence } from '../../diagnosis/wire';
import type { TraceBuilder } from '../../trace/builder';
import type { Observed } from '../observer/observed';
import type { Phase } from '../phases';
import { missingOf, type PostgresFacts } from './facts';
import { POSTGRES_RULES } from './rules';
import { leftUnanswered, SHORTEST_TIMEOUT } from './rules/authentication';

/**
 * Of the client one number is missing, which the server's FIN acknowledges at once: no message has one byte, a FIN counts as one. The client
 * had left before, unless the server waited as long as a time-out of its own.
 */
function unseenLeave(
  { oneLost, closedBy, late, lastMessage }: Observed,
  { client, server, closes }: WireEvidence,
): boolean {
  if (oneLost === null || closedBy !== 'server' || late) return false;
  if (client.missing !== 1 || server.missing > 0) return false;
  const asked = lastMessage === null ? null : millisBetween(lastMessage.mark, closes[0].mark);
  return oneLost.frame <= closes[0].mark.frame || (asked !== null && asked < SHORTEST_TIMEOUT);
}

/** Fills outcome, error, diagnosis and verdict. The first rule that knows the ending decides. */
export function conclude(
  trace: TraceBuilder,
  observed: Observed,
  phase: Phase | null,
  seen: WireEvidence,
): void {
  const unseen = unseenLeave(observed, seen);
  if (unseen) observed.closedBy = 'client';
  const wire = unseen ? { ...seen, client: { ...seen.client, missing: 0 } } : seen;
  const missing = unseen ? null : missingOf(observed, wire);
  const { established, messages } = observed;
  const facts: PostgresFacts = {
    product: 'PostgreSQL',
    trace,
    wire,
    established,
    messages,
    missing,
    local: observed.localCause,
    observed,
    phase,
  };
  const found = causeWhoeverLeft(POSTGRES_RULES, facts, () => ({
    ...facts,
    wire: closesTurned(wire),
    observed: { ...observed, closedBy: otherOf(observed.closedBy) },
  }));
  if (missing === null && leftUnanswered(facts)) trace.auth.outcome = 'abandoned';
  applyCause(trace, found);
}
