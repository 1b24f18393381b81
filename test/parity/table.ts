import type { Combination } from './combination';
import { encryptionTable } from './encryption';

/** Every combination, in the order in which they are run. */
export function allCombinations(): Combination[] {
  return [...encryptionTable()];
}
