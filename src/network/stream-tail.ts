import { allocate } from '../base/arena';
import { firstDifference } from './segment-buffer';

const NOTHING = new Uint8Array(0);

/** The last bytes delivered of a stream, kept so that a later copy of them can be compared. */
export class StreamTail {
  readonly #limit: number;
  #bytes: Uint8Array = NOTHING;
  #length = 0;
  /** Stream offset one past the last byte kept. */
  #end = 0;

  /** @param limit bytes always kept; up to twice as many are. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Forgets all, for another stream; the memory, at most twice the limit, is used again. */
  reset(): void {
    this.#length = 0;
    this.#end = 0;
  }

  /** Adds bytes that begin at stream offset `offset`. After a gap what came before it is forgotten. */
  append(offset: number, bytes: Uint8Array): void {
    if (this.#limit === 0) return;
    if (offset !== this.#end) this.#length = 0;
    this.#end = offset + bytes.length;
    const added = bytes.length > this.#limit ? bytes.subarray(bytes.length - this.#limit) : bytes;
    if (added !== bytes) this.#length = 0;
    if (this.#length + added.length > 2 * this.#limit) {
      this.#bytes.copyWithin(0, this.#length - this.#limit, this.#length);
      this.#length = this.#limit;
    }
    this.#reserve(this.#length + added.length);
    this.#bytes.set(added, this.#length);
    this.#length += added.length;
  }

  /** Stream offset at which `bytes`, which begin at `offset`, differ from what is kept; -1 if they do not or it is forgotten. */
  difference(offset: number, bytes: Uint8Array): number {
    const start = Math.max(offset, this.#end - this.#length);
    const stop = Math.min(offset + bytes.length, this.#end);
    if (stop <= start) return -1;
    const base = this.#end - this.#length;
    const at = firstDifference(
      this.#bytes.subarray(start - base, stop - base),
      bytes.subarray(start - offset, stop - offset),
    );
    return at < 0 ? -1 : start + at;
  }

  #reserve(length: number): void {
    if (length <= this.#bytes.length) return;
    const grown = allocate(Math.min(2 * this.#limit, Math.max(256, 2 * length)));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}
