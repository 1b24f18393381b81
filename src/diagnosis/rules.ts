/** Rules in order: the first that knows the ending decides. */

import type { CauseCode } from './catalogue';
import type { Cause } from './cause';

/**
 * One rule. It reads facts, changes nothing, and gives one of its causes or null. Where facts are missing it may not conclude from
 * silence: what was not seen need not have been unsaid.
 */
export interface Rule<Facts> {
  /** The causes that it can give: a test holds it to them. */
  readonly gives: readonly CauseCode[];
  readonly find: (facts: Facts) => Cause | null;
}

/** The first cause that a rule finds; null where none does. */
export function firstCause<Facts>(rules: readonly Rule<Facts>[], facts: Facts): Cause | null {
  for (const rule of rules) {
    const found = rule.find(facts);
    if (found) return found;
  }
  return null;
}
