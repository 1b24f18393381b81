/** What bytes say when they are read in another way: characters of two bytes, hexadecimal, base64. */

/** A reading of a stretch of bytes. */
export interface View {
  readonly bytes: Uint8Array;
  /** They were made for this reading: whoever gets it may change them. */
  readonly own: boolean;
  /** Where in the original the reading's byte `at` comes from, nearly. */
  readonly place: (at: number) => number;
}

const BASE64 = new Int8Array(256).fill(-1);
for (const [i, letter] of [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].entries()) {
  BASE64[letter.charCodeAt(0)] = i;
}
BASE64[0x2d] = 62;
BASE64[0x5f] = 63;

const HEX = new Int8Array(256).fill(-1);
for (let i = 0; i < 16; i++) {
  HEX[i.toString(16).charCodeAt(0)] = i;
  HEX[i.toString(16).toUpperCase().charCodeAt(0)] = i;
}

/** Every reading of the bytes in which `shortest` bytes of a value could be, the bytes themselves first. */
export function* viewsOf(bytes: Uint8Array, shortest: number): Generator<View> {
  yield { bytes, own: false, place: (at) => at };
  yield wideView(bytes, shortest);
  yield digitView(bytes, HEX, 4, 2 * shortest);
  yield digitView(bytes, BASE64, 6, Math.floor((4 * shortest) / 3));
}

/** Bytes that grow, and where in the original each stretch of them is from. */
class Reading {
  #bytes = new Uint8Array(1024);
  #length = 0;
  readonly #to: number[] = [];
  readonly #from: number[] = [];

  /**
   * What comes next is of the original from `from` on. A zero parts it from what was before.
   *
   * @param most bytes that come: there is room for them in {@link bytes}, from {@link length} on.
   */
  begin(from: number, most: number): void {
    if (this.#length + most >= this.#bytes.length) {
      const grown = new Uint8Array(2 * (this.#length + most + 1));
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes[this.#length++] = 0;
    this.#to.push(this.#length);
    this.#from.push(from);
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  get length(): number {
    return this.#length;
  }

  /** What was begun ends here. */
  end(length: number): void {
    this.#length = length;
  }

  /** @param scale bytes of the original for one. */
  view(scale: number): View {
    const place = (at: number) => {
      const run = this.#to.findLastIndex((to) => to <= at);
      return run < 0 ? 0 : this.#from[run] + Math.floor((at - this.#to[run]) * scale);
    };
    return { bytes: this.#bytes.subarray(0, this.#length), own: true, place };
  }
}

/** Characters that have a zero between them. */
function wideView(bytes: Uint8Array, shortest: number): View {
  const reading = new Reading();
  for (let at = 0; at + 1 < bytes.length; ) {
    let end = at;
    while (bytes[end] !== 0 && bytes[end + 1] === 0) end += 2;
    // The last may have its zero in front.
    const stop = end > at && end < bytes.length && bytes[end] !== 0 ? end + 1 : end;
    if (stop - at >= 2 * shortest - 1) {
      reading.begin(at, stop - at);
      const { bytes: read } = reading;
      let { length } = reading;
      for (let i = at; i < stop; i += 2) read[length++] = bytes[i];
      reading.end(length);
    }
    at = Math.max(end, at + 1);
  }
  return reading.view(2);
}

/**
 * What runs of digits stand for, from each of the digits on that a value may begin in.
 *
 * @param bits of one digit. @param shortest digits of a run that is looked at.
 */
function digitView(bytes: Uint8Array, digits: Int8Array, bits: number, shortest: number): View {
  const reading = new Reading();
  const phases = bits === 4 ? 2 : 4;
  for (let at = 0; at < bytes.length; ) {
    let end = at;
    while (end < bytes.length && digits[bytes[end]] >= 0) end++;
    for (let phase = 0; phase < phases && end - at - phase >= shortest; phase++) {
      reading.begin(at + phase, end - at);
      const { bytes: read } = reading;
      let { length } = reading;
      let word = 0;
      let count = 0;
      for (let i = at + phase; i < end; i++) {
        word = ((word << bits) | digits[bytes[i]]) & 0xffff;
        count += bits;
        if (count < 8) continue;
        count -= 8;
        read[length++] = word >>> count;
      }
      reading.end(length);
    }
    at = end + 1;
  }
  return reading.view(8 / bits);
}
