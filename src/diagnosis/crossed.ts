/** FINs that cross on the wire: their order in a capture is that of the place where it was recorded. */
import { otherSide, type Side } from '../base/mark';
import { type Cause, cause } from './cause';
import { type ConnectionFacts, serverName } from './facts';
import { firstCause, type Rule } from './rules';

/** The causes that {@link causeWhoeverLeft} gives of itself. */
export const BESIDE_RULES = ['TCP_CLOSED_TOGETHER', 'CAPTURE_UNDECIDED'] as const;

/**
 * The first cause that a rule finds, or that nothing tells; where both sides closed at once, only if it would be the same had the other come first.
 *
 * @param turned the same facts with the closes the other way round.
 */
export function causeWhoeverLeft<Facts extends ConnectionFacts>(
  rules: readonly Rule<Facts>[],
  facts: Facts,
  turned: () => Facts,
): Cause {
  const found = firstCause(rules, facts) ?? cause('CAPTURE_UNDECIDED', 'incomplete');
  if (!facts.wire.crossed) return found;
  if (firstCause(rules, turned())?.code === found.code) return found;
  const { outcome } = found;
  return cause('TCP_CLOSED_TOGETHER', outcome === 'failed' ? 'incomplete' : outcome, {
    server: serverName(facts),
  });
}

/** Evidence with its closes the other way round. */
export function closesTurned<Wire extends ConnectionFacts['wire']>(wire: Wire): Wire {
  return { ...wire, closes: [...wire.closes].reverse() };
}

export function otherOf<Known extends Side | null | undefined>(side: Known): Known {
  return (side === 'client' || side === 'server' ? otherSide(side) : side) as Known;
}
