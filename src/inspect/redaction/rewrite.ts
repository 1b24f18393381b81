import type { AddressCipher } from './addresses';

/** From here on a loop over bytes is slower than a call. */
const LONG = 64;

/** The packet as it was (its array may be longer), and as it is written anew: zeros where nothing was allowed. */
export interface Rewrite {
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  readonly cipher?: AddressCipher;
}

/** Lets bytes stay: header fields are few bytes each. */
export function copy({ from, to }: Rewrite, start: number, end: number): void {
  if (end - start > LONG) to.set(from.subarray(start, end), start);
  else for (let at = start; at < end; at++) to[at] = from[at];
}
