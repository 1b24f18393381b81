/**
 * Timestamps of pcapng: 64-bit counts of an interface's own unit (draft-ietf-opsawg-pcapng section 4.2, if_tsresol and
 * if_tsoffset). They pass 2^53 at nanosecond resolution, so the division is done in two halves.
 */

/** 10^-6 s, what an interface without if_tsresol uses. */
export const DEFAULT_RESOLUTION = 6;

/** Above this the parts of a division no longer fit a double exactly, and BigInt is used. */
const MAX_FAST_TICKS = 2 ** 36;

/** Turns one interface's timestamps into seconds and nanoseconds, without allocating for the usual resolutions. */
export class TimestampUnit {
  /** Results of the last {@link convert}. */
  seconds = 0;
  nanos = 0;
  readonly #offsetSeconds: number;
  /** Ticks in a second; 0 when only BigInt can hold the division. */
  readonly #ticks: number;
  readonly #bigTicks: bigint;
  /** Nanoseconds in a tick; 0 where that is no whole number. */
  readonly #tickNanos: number;

  /** @param resolution the if_tsresol byte: 10^-n, or 2^-n when the top bit is set. @param offsetSeconds if_tsoffset. */
  constructor(resolution: number, offsetSeconds: number) {
    const exponent = resolution & 0x7f;
    this.#bigTicks = (resolution & 0x80) === 0 ? 10n ** BigInt(exponent) : 2n ** BigInt(exponent);
    this.#ticks = this.#bigTicks <= BigInt(MAX_FAST_TICKS) ? Number(this.#bigTicks) : 0;
    this.#tickNanos = this.#ticks > 0 && 1e9 % this.#ticks === 0 ? 1e9 / this.#ticks : 0;
    this.#offsetSeconds = offsetSeconds;
  }

  /** @param high upper, @param low lower 32 bits, both unsigned. */
  convert(high: number, low: number): void {
    const ticks = this.#ticks;
    if (ticks === 0) {
      this.#convertBig(high, low);
      return;
    }
    let seconds: number;
    let rest: number;
    if (high < 2 ** 21) {
      const count = high * 2 ** 32 + low;
      seconds = quotient(count, ticks);
      rest = count - seconds * ticks;
    } else {
      // Long division by halves of the lower word: every intermediate is below 2^36 * 2^16 = 2^52.
      seconds = quotient(high, ticks);
      rest = high - seconds * ticks;
      for (const half of [low >>> 16, low & 0xffff]) {
        const count = rest * 65536 + half;
        const digit = quotient(count, ticks);
        rest = count - digit * ticks;
        seconds = seconds * 65536 + digit;
      }
    }
    this.seconds = seconds + this.#offsetSeconds;
    // Exact where the unit divides a nanosecond count; a binary unit may be off by the last nanosecond.
    const tickNanos = this.#tickNanos;
    this.nanos = tickNanos > 0 ? rest * tickNanos : Math.floor((rest / ticks) * 1e9);
  }

  #convertBig(high: number, low: number): void {
    const count = (BigInt(high) << 32n) | BigInt(low);
    this.seconds = Number(count / this.#bigTicks) + this.#offsetSeconds;
    this.nanos = Number(((count % this.#bigTicks) * 1_000_000_000n) / this.#bigTicks);
  }
}

/** Whole part of a / b for a < 2^53, corrected where the rounded double quotient is one too large. */
function quotient(a: number, b: number): number {
  const q = Math.floor(a / b);
  return q * b > a ? q - 1 : q;
}
