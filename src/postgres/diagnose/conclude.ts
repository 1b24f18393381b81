import { millisBetween } from '../../base/mark';
import { causeWhoeverLeft, closesTurned } from '../../diagnosis/crossed';
import { applyCause } from '../../diagnosis/render';
import type { CloseEvidence, WireEvidence } from '../../diagnosis/wire';
import type { TraceBuilder } from '../../trace/builder';
import type { Observed } from '../observer/observed';
import type { Phase } from '../phases';
import { missingOf, type PostgresFacts } from './facts';
import { POSTGRES_RULES } from './rules';
import { leftUnanswered, SHORTEST_TIMEOUT } from './rules/authentication';

/**
 * Of the client one number is missing, which the server's FIN acknowledges at once: no message has one byte, a FIN counts as one. The client
 * had left before, unless the server waited as long as a time-out of its own.
 *
 * @returns that FIN; null where there is no sign of one.
 */
function unseenLeave(
  { oneLost, late, lastMessage }: Observed,
  { client, server, closes }: WireEvidence,
): CloseEvidence | null {
  const [close] = closes;
  if (oneLost === null || close?.from !== 'server' || late) return null;
  if (client.missing !== 1 || server.missing > 0 || closes.some(({ from }) => from === 'client')) return null;
  // Only a server that has asked waits; one that was asked may close instead of answering.
  const asked = lastMessage?.from === 'server' ? millisBetween(lastMessage.mark, close.mark) : null;
  const before = oneLost.frame <= close.mark.frame || (asked !== null && asked < SHORTEST_TIMEOUT);
  return before ? { ...close, from: 'client', how: 'fin' } : null;
}

/** The evidence with a FIN in front that was not captured, and nothing else missing of the client. */
function withLeave(wire: WireEvidence, leave: CloseEvidence): WireEvidence {
  return { ...wire, client: { ...wire.client, missing: 0 }, closes: [leave, ...wire.closes] };
}

/** Fills outcome, error, diagnosis and verdict. The first rule that knows the ending decides. */
export function conclude(
  trace: TraceBuilder,
  observed: Observed,
  phase: Phase | null,
  seen: WireEvidence,
): void {
  const unseen = unseenLeave(observed, seen);
  const wire = unseen ? withLeave(seen, unseen) : seen;
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
  const turned: PostgresFacts = { ...facts, wire: closesTurned(wire) };
  const found = causeWhoeverLeft(POSTGRES_RULES, facts, () => turned);
  const abandoned = leftUnanswered(facts) && (!wire.crossed || leftUnanswered(turned));
  if (missing === null && abandoned) trace.auth.outcome = 'abandoned';
  applyCause(trace, found);
}
