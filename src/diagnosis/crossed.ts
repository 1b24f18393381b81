/** FINs that cross on the wire: their order in a capture is that of the place where it was recorded. */
import { otherSide, type Side } from '../base/mark';
import { type Cause, cause } from './cause';
import { type ConnectionFacts, serverName } from './facts';
import { firstCause, type Rule } from './rules';

/** The causes that {@link causeWhoeverLeft} gives of itself. */
export const BESIDE_RULES = ['TCP_CLOSED_TOGETHER', 'CAPTURE_UNDECIDED'] as const;

/**
 * The first cause that a rule finds, or that nothing tells; where both sides closed at once, only if it would be the same had the other come
 * first, and only what both orders say of it.
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
  const other = firstCause(rules, turned()) ?? cause('CAPTURE_UNDECIDED', 'incomplete');
  if (isSame(found, other)) return common(found, other);
  const outcome =
    found.outcome === other.outcome && found.outcome !== 'failed' ? found.outcome : 'incomplete';
  return cause('TCP_CLOSED_TOGETHER', outcome, { server: serverName(facts) });
}

/** The same cause, and the same side to blame. */
function isSame(one: Cause, other: Cause): boolean {
  return (
    one.code === other.code &&
    one.outcome === other.outcome &&
    one.side === other.side &&
    one.severity === other.severity &&
    isEqual(one.error, other.error)
  );
}

/** What two causes of one code agree in, of two lengths of time the shorter: neither parameters nor evidence may rest on an order that says nothing. */
function common(one: Cause, other: Cause): Cause {
  const params = Object.entries(one.params).flatMap(([name, value]) => {
    const second = other.params[name];
    if (typeof value === 'number' && typeof second === 'number') return [[name, Math.min(value, second)]];
    return value === second ? [[name, value]] : [];
  });
  const evidence = one.evidence?.filter((entry) => other.evidence?.some((known) => isEqual(entry, known)));
  const alternatives = one.alternatives?.filter((code) => other.alternatives?.includes(code));
  const certainty = one.certainty === other.certainty ? one.certainty : 'possible';
  const step = one.step === other.step ? one.step : undefined;
  return { ...one, params: Object.fromEntries(params), evidence, alternatives, certainty, step };
}

/** Plain data, compared by value. */
function isEqual(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Evidence with its closes the other way round. */
export function closesTurned<Wire extends ConnectionFacts['wire']>(wire: Wire): Wire {
  return { ...wire, closes: [...wire.closes].reverse() };
}

export function otherOf<Known extends Side | null | undefined>(side: Known): Known {
  return (side === 'client' || side === 'server' ? otherSide(side) : side) as Known;
}
