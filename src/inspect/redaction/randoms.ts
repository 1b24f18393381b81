import { hex } from '../../base/bytes';
import type { RandomBytes } from './sealing';

const LENGTH = 32;
/** SHA-256 of "HelloRetryRequest" (RFC 8446 section 4.1.3), and the beginning of what says that a server could do more. */
const RETRY = 'cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c';
const DOWNGRADE = '444f574e475244';
const DOWNGRADE_AT = 24;

/** New random values for hellos, the same for the same one: the old are what a real key log knows the session by. */
export class Randoms {
  readonly #known = new Map<string, Uint8Array>();

  constructor(private readonly random: RandomBytes) {}

  /** @param value of 32 bytes. */
  instead(value: Uint8Array): Uint8Array {
    const key = hex(value);
    if (key === RETRY) return value.slice();
    let made = this.#known.get(key);
    if (!made) {
      made = this.random(LENGTH);
      const end = value.subarray(DOWNGRADE_AT);
      if (hex(end.subarray(0, 7)) === DOWNGRADE && end[7] <= 1) made.set(end, DOWNGRADE_AT);
      this.#known.set(key, made);
    }
    return made;
  }
}
