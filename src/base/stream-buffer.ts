import { allocate } from './arena';
import type { Mark } from './mark';

const NOTHING = new Uint8Array(0);

interface Segment {
  /** Stream offset of its first byte. */
  readonly offset: number;
  readonly length: number;
  readonly mark: Mark;
}

/**
 * The unread bytes of one direction of a stream, and which frames they came in.
 *
 * `append` takes what arrived, `view` shows what is there as one contiguous array, `consume` drops what was
 * understood and tells its frames. It holds at most `limit` bytes: a peer cannot make it grow past that.
 */
export class StreamBuffer {
  /** Stream offset of the first unread byte. */
  offset = 0;
  /** Set when more than `limit` unread bytes arrived; the surplus was dropped. */
  overflowed = false;
  #bytes: Uint8Array = NOTHING;
  #start = 0;
  #end = 0;
  /** What {@link view} gave, while it is still true. */
  #view: Uint8Array | undefined;
  #segments: Segment[] = [];
  readonly #limit: number;

  /** @param limit largest number of unread bytes kept. */
  constructor(limit = 1 << 20) {
    this.#limit = limit;
  }

  /** Number of unread bytes. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** Copies `bytes` in. What would pass the limit is dropped and {@link overflowed} is set. */
  append(bytes: Uint8Array, mark: Mark): void {
    let incoming = bytes;
    if (this.length + incoming.length > this.#limit) {
      this.overflowed = true;
      incoming = incoming.subarray(0, this.#limit - this.length);
    }
    if (incoming.length === 0) return;
    this.#view = undefined;
    this.#reserve(incoming.length);
    this.#segments.push({ offset: this.offset + this.length, length: incoming.length, mark });
    this.#bytes.set(incoming, this.#end);
    this.#end += incoming.length;
  }

  /** The unread bytes, contiguous; valid until the next `append`. Copy what must last. */
  view(): Uint8Array {
    this.#view ??= this.#bytes.subarray(this.#start, this.#end);
    return this.#view;
  }

  /** Frames, in order and without repetition, that carried the first `length` unread bytes. */
  frames(length: number): number[] {
    const end = this.offset + length;
    const [first] = this.#segments;
    if (first !== undefined && first.offset + first.length >= end) return [first.mark.frame];
    const frames: number[] = [];
    for (const segment of this.#segments) {
      if (segment.offset >= end) break;
      if (frames[frames.length - 1] !== segment.mark.frame) frames.push(segment.mark.frame);
    }
    return frames;
  }

  /** The mark of the segment that carried unread byte `index` (by default the first), if there is one. */
  markAt(index = 0): Mark | undefined {
    const wanted = this.offset + index;
    for (const segment of this.#segments) {
      if (wanted < segment.offset + segment.length) return segment.mark;
    }
    return undefined;
  }

  /** Drops the first `length` unread bytes (at most what is there). */
  consume(length: number): void {
    const taken = Math.min(length, this.length);
    if (taken > 0) this.#view = undefined;
    this.#start += taken;
    this.offset += taken;
    let passed = 0;
    while (passed < this.#segments.length) {
      const segment = this.#segments[passed];
      if (segment.offset + segment.length > this.offset) break;
      passed++;
    }
    if (passed === this.#segments.length) this.#segments.length = 0;
    else if (passed > 0) this.#segments.splice(0, passed);
    if (this.#start === this.#end) {
      this.#start = 0;
      this.#end = 0;
    }
  }

  /** Forgets the unread bytes, as after a gap of `missing` bytes in the stream. */
  skipGap(missing: number): void {
    this.consume(this.length);
    this.offset += missing;
  }

  #reserve(extra: number): void {
    if (this.#end + extra <= this.#bytes.length) return;
    const length = this.length;
    if (length + extra <= this.#bytes.length) {
      this.#bytes.copyWithin(0, this.#start, this.#end);
    } else {
      const grown = allocate(Math.min(this.#limit, Math.max(256, 2 * (length + extra))));
      grown.set(this.#bytes.subarray(this.#start, this.#end));
      this.#bytes = grown;
    }
    this.#start = 0;
    this.#end = length;
  }
}
