/** A stretch of a stream. */
interface Stretch {
  /** Where in the stream it begins. */
  readonly at: number;
  readonly bytes: Uint8Array;
}

/**
 * One direction of a redacted conversation: what is known of it, and zeros between and behind. Its memory is that of the bytes which were
 * seen: a single sequence number may leave out a gigabyte.
 */
export class RedactedStream {
  readonly #stretches: readonly Stretch[];

  /** @param stretches not over each other. */
  constructor(stretches: readonly Stretch[]) {
    this.#stretches = [...stretches].sort((a, b) => a.at - b.at);
  }

  /** Fills `target` with the bytes from `offset` on. */
  copyTo(target: Uint8Array, offset: number): void {
    const end = offset + target.length;
    target.fill(0);
    for (let i = this.#firstEndingAfter(offset); i < this.#stretches.length; i++) {
      const { at, bytes } = this.#stretches[i];
      if (at >= end) return;
      target.set(bytes.subarray(Math.max(0, offset - at), end - at), Math.max(0, at - offset));
    }
  }

  #firstEndingAfter(offset: number): number {
    let low = 0;
    let high = this.#stretches.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const { at, bytes } = this.#stretches[middle];
      if (at + bytes.length > offset) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
