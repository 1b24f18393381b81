/** Values that are in a capture once and nowhere else, and where each of them stands. */
import { concat, utf8Bytes } from '../../../src/base/bytes';

/** A run of one side's bytes: what it sends before the other sends again. */
export type Talk = readonly (readonly ['client' | 'server', Uint8Array])[];

/** As many that a number of five digits is enough for a value. */
const MOST_RUNS = 14_000;

/** Makes values, and choices that are the same for the same seed. */
export class Planter {
  /** Value to the words for its place. */
  readonly places = new Map<string, string>();
  #state: number;

  /** @param run parts the values of one capture from those of others. */
  constructor(private readonly run: number) {
    this.#state = (run * 2_654_435_761) >>> 0;
  }

  /** A new value of `length` letters and digits, at least eight. */
  text(place: string, length = 12): string {
    const count = ((this.run % MOST_RUNS) * 4096 + this.places.size).toString(36);
    const value = `zq7${count.padStart(length - 3, '0')}`;
    this.places.set(value, place);
    return value;
  }

  /** The same as bytes. */
  bytes(place: string, length = 12): Uint8Array {
    return utf8Bytes(this.text(place, length));
  }

  /** A whole number from 0 to below `below`. */
  pick(below: number): number {
    // xorshift (Marsaglia 2003)
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % below;
  }

  one<T>(list: readonly T[]): T {
    return list[this.pick(list.length)];
  }
}

export const ascii = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

/** Big-endian number of `width` bytes. */
export function number(width: number, value: number): Uint8Array {
  const bytes = new Uint8Array(width);
  for (let i = 0; i < width; i++) bytes[width - 1 - i] = Math.floor(value / 256 ** i) & 255;
  return bytes;
}

/** Bytes behind their length. */
export function vector(width: number, ...parts: Uint8Array[]): Uint8Array {
  const body = concat(...parts);
  return concat(number(width, body.length), body);
}

export { concat, utf8Bytes };
