const WRAP = 2 ** 32;
const FIRST_CAPACITY = 1024;

/**
 * Where each frame begins in its file, four bytes per frame: the lower 32 bits of the offset, and a list of the few frames
 * at which the upper bits grow. Offsets never decrease. Link types are kept as the frames at which they change.
 */
export class PacketIndex {
  #low = new Uint32Array(FIRST_CAPACITY);
  #length = 0;
  /** Frames (from 1) at which the offset passed another multiple of 4 GiB, ascending. */
  readonly #wraps: number[] = [];
  /** Frames (from 1) from which on packets have the link type of the same place in {@link #linkTypes}, ascending. */
  readonly #changes: number[] = [];
  readonly #linkTypes: number[] = [];
  #linkType = -1;

  /** Number of frames known; the last frame's number. */
  get length(): number {
    return this.#length;
  }

  /**
   * Notes where the next frame begins.
   * @param frame its number if some were left out (records without a packet); those get the same offset.
   * @param linkType LINKTYPE_ value of its interface
   */
  add(fileOffset: number, frame = this.#length + 1, linkType = 1): void {
    // A file that is read again.
    if (frame <= this.#length) return;
    if (linkType !== this.#linkType) {
      this.#linkType = linkType;
      this.#changes.push(this.#length + 1);
      this.#linkTypes.push(linkType);
    }
    while (this.#length < frame) {
      if (this.#length === this.#low.length) {
        const grown = new Uint32Array(2 * this.#low.length);
        grown.set(this.#low);
        this.#low = grown;
      }
      this.#low[this.#length++] = fileOffset;
      while (fileOffset >= (this.#wraps.length + 1) * WRAP) this.#wraps.push(this.#length);
    }
  }

  /** File offset of a frame's record, or -1 if there is no such frame. */
  offsetOf(frame: number): number {
    if (!Number.isInteger(frame) || frame < 1 || frame > this.#length) return -1;
    let high = 0;
    while (high < this.#wraps.length && this.#wraps[high] <= frame) high++;
    return high * WRAP + this.#low[frame - 1];
  }

  /** LINKTYPE_ value of a frame that is known. */
  linkTypeOf(frame: number): number {
    let low = 0;
    let high = this.#changes.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.#changes[middle] <= frame) low = middle;
      else high = middle;
    }
    return this.#linkTypes[low];
  }
}
