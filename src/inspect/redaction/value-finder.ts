/** Finds any of many values in bytes, in a time that depends on the bytes and not on how many values there are. */

const BASE = 0x01000193;
/** Windows of 4, 8 and 16 bytes: the longest that is not longer than a value. */
const SMALLEST = 2;
const LARGEST = 4;
/** As much of a value is looked for as two of the longest windows cover. */
export const LONGEST_LOOKED_FOR = 2 ** (LARGEST + 1) - 1;
const FILTER_BITS = 22;

interface Level {
  readonly width: number;
  /** The weight of a window's first byte in its hash. */
  readonly leading: number;
  /** Bits that say which hashes may be there. */
  readonly filter: Uint8Array;
  /** Hash of a value's first window, to how far behind it its last may begin. */
  readonly offsets: Map<number, Set<number>>;
  /** Of {@link keyOf} first hash, last hash and offset, to the values, and some that have the same by chance. */
  readonly values: Map<number, string | string[]>;
}

/** Where a value was found. */
export interface Hit {
  readonly value: string;
  readonly at: number;
}

/** Letters of ASCII are the same in both cases. */
export class ValueFinder {
  /** Bytes looked at; for tests of how much work it is. */
  work = 0;
  readonly #levels: Level[] = [];
  readonly #gone = new Set<string>();

  /** @param values characters of byte value, at least four each, none of them zero. */
  constructor(values: Iterable<string>) {
    for (const value of values) this.#add(value);
  }

  get empty(): boolean {
    return this.#levels.length === 0;
  }

  /** From now on the value is not looked for. */
  drop(value: string): void {
    this.#gone.add(value);
  }

  /**
   * Calls for each value found, more than once if it is there more than once; ends when told `true`.
   *
   * @param own the bytes may be changed: of a large file none need be copied.
   */
  find(bytes: Uint8Array, onHit: (hit: Hit) => boolean | undefined, own = false): void {
    if (this.empty) return;
    const folded = fold(bytes, own ? bytes : new Uint8Array(bytes.length));
    const narrowest = this.#levels.reduce(
      (least, { width }) => Math.min(least, width),
      Number.POSITIVE_INFINITY,
    );
    // No value has a zero, and half of a capture is zeros.
    for (let start = 0; start < folded.length; ) {
      const zero = folded.indexOf(0, start);
      const end = zero < 0 ? folded.length : zero;
      if (end - start >= narrowest) {
        for (const level of this.#levels) {
          if (end - start >= level.width && this.#search(folded, start, end, level, onHit)) return;
        }
      }
      start = end + 1;
    }
  }

  #add(value: string): void {
    const bytes = bytesOf(value.slice(0, LONGEST_LOOKED_FOR));
    const power = Math.min(LARGEST, 31 - Math.clz32(bytes.length));
    if (power < SMALLEST) return;
    const level = this.#level(power);
    const { width } = level;
    const offset = bytes.length - width;
    const first = hashAt(bytes, 0, width);
    level.filter[(first >>> (32 - FILTER_BITS)) >> 3] |= 1 << ((first >>> (32 - FILTER_BITS)) & 7);
    let offsets = level.offsets.get(first);
    if (!offsets) {
      offsets = new Set();
      level.offsets.set(first, offsets);
    }
    offsets.add(offset);
    const key = keyOf(first, hashAt(bytes, offset, width), offset);
    const same = level.values.get(key);
    if (same === undefined) level.values.set(key, value);
    else if (typeof same === 'string') level.values.set(key, [same, value]);
    else same.push(value);
  }

  #level(power: number): Level {
    const width = 1 << power;
    const known = this.#levels.find((level) => level.width === width);
    if (known) return known;
    const filter = new Uint8Array(1 << (FILTER_BITS - 3));
    const level = { width, leading: powerOf(width), filter, offsets: new Map(), values: new Map() };
    this.#levels.push(level);
    return level;
  }

  #search(
    bytes: Uint8Array,
    start: number,
    end: number,
    level: Level,
    onHit: (hit: Hit) => boolean | undefined,
  ): boolean {
    const { width, filter, offsets, leading } = level;
    this.work += end - start;
    const last = end - width;
    let hash = hashAt(bytes, start, width);
    for (let at = start; ; at++) {
      const bits = hash >>> (32 - FILTER_BITS);
      if ((filter[bits >> 3] & (1 << (bits & 7))) !== 0) {
        for (const offset of offsets.get(hash) ?? []) {
          if (this.#tell(bytes, level, hash, at, offset, onHit)) return true;
        }
      }
      if (at >= last) return false;
      hash = (Math.imul(hash - Math.imul(bytes[at], leading), BASE) + bytes[at + width]) | 0;
    }
  }

  #tell(
    bytes: Uint8Array,
    { width, values }: Level,
    first: number,
    at: number,
    offset: number,
    onHit: (hit: Hit) => boolean | undefined,
  ): boolean {
    if (at + offset + width > bytes.length) return false;
    this.work += width;
    const found = values.get(keyOf(first, hashAt(bytes, at + offset, width), offset)) ?? [];
    for (const value of typeof found === 'string' ? [found] : found) {
      if (this.#gone.has(value)) continue;
      const wanted = bytesOf(value.slice(0, LONGEST_LOOKED_FOR));
      if (wanted.every((byte, i) => bytes[at + i] === byte) && onHit({ value, at }) === true) return true;
    }
    return false;
  }
}

function keyOf(first: number, last: number, offset: number): number {
  return (Math.imul(first, 31) + Math.imul(last, BASE) + offset) | 0;
}

function hashAt(bytes: Uint8Array, at: number, width: number): number {
  let hash = 0;
  for (let i = 0; i < width; i++) hash = (Math.imul(hash, BASE) + bytes[at + i]) | 0;
  return hash;
}

function powerOf(width: number): number {
  let power = 1;
  for (let i = 1; i < width; i++) power = Math.imul(power, BASE);
  return power;
}

const FOLD = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 0x41 && byte <= 0x5a ? byte + 32 : byte));

function fold(bytes: Uint8Array, folded: Uint8Array): Uint8Array {
  for (let i = 0; i < bytes.length; i++) folded[i] = FOLD[bytes[i]];
  return folded;
}

function bytesOf(value: string): Uint8Array {
  const bytes = new Uint8Array(value.length);
  for (let i = 0; i < value.length; i++) bytes[i] = FOLD[value.charCodeAt(i) & 255];
  return bytes;
}
