import { applyCause } from '../../diagnosis/render';
import { firstCause } from '../../diagnosis/rules';
import type { WireEvidence } from '../../diagnosis/wire';
import type { TraceBuilder } from '../../trace/builder';
import type { Observed } from '../observer/observed';
import type { Phase } from '../phases';
import { missingOf, type PostgresFacts } from './facts';
import { POSTGRES_RULES } from './rules';
import { leftUnanswered } from './rules/authentication';

/** Fills outcome, error, diagnosis and verdict. The first rule that knows the ending decides. */
export function conclude(
  trace: TraceBuilder,
  observed: Observed,
  phase: Phase | null,
  wire: WireEvidence,
): void {
  const missing = missingOf(observed, wire);
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
  const found = firstCause(POSTGRES_RULES, facts);
  if (missing === null && leftUnanswered(facts)) trace.auth.outcome = 'abandoned';
  if (found) applyCause(trace, found);
}
