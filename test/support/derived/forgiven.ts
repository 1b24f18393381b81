/** What the judgement of derived captures lets pass, each with its reason. A row that forgives nothing fails the test. */
import type { Change } from './derive';
import type { Accusation } from './judge';

export interface Forgiveness {
  readonly change?: Change;
  /** Cause of the whole capture. */
  readonly whole?: RegExp;
  readonly derived: RegExp;
  readonly reason: string;
}

export const FORGIVEN: readonly Forgiveness[] = [];

export function forgives({ change, whole, derived }: Accusation): Forgiveness | undefined {
  return FORGIVEN.find(
    (row) =>
      (row.change === undefined || row.change === change) &&
      (row.whole === undefined || row.whole.test(whole)) &&
      row.derived.test(derived),
  );
}
