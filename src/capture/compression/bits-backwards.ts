/** Bits read from the end of a byte sequence to its beginning, as zstd's entropy coders do (RFC 8878 section 4.1). */
export class BackwardBits {
  /** Bits not read yet; below zero when more were read than there are, which gave zeros. */
  left: number;

  /** The highest set bit of the last byte only marks where the bits begin. Without one there is nothing to read: `left` is -1. */
  constructor(private readonly bytes: Uint8Array) {
    const last = bytes.length === 0 ? 0 : bytes[bytes.length - 1];
    this.left = last === 0 ? -1 : 8 * bytes.length - 8 + (31 - Math.clz32(last));
  }

  /** @param count 0 to 31 */
  read(count: number): number {
    if (count > 16) return this.#few(count - 16) * 65_536 + this.#few(16);
    return this.#few(count);
  }

  #few(count: number): number {
    this.left -= count;
    const { bytes, left } = this;
    if (count === 0) return 0;
    if (left >= 0) {
      const at = left >> 3;
      const word = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16);
      return (word >>> (left & 7)) & ((1 << count) - 1);
    }
    // Past the beginning: the bits that there are, then zeros.
    const real = count + left;
    return real <= 0 ? 0 : ((bytes[0] | (bytes[1] << 8)) & ((1 << real) - 1)) << -left;
  }
}
