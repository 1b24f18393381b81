import { allocate } from './arena';
import type { Mark } from './mark';

const NOTHING = new Uint8Array(0);

interface Segment {
  /** Stream offset one past its last byte. */
  readonly end: number;
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
  /** Where the unread bytes are: {@link #own} or what was lent. */
  #bytes: Uint8Array = NOTHING;
  #own: Uint8Array = NOTHING;
  #start = 0;
  #end = 0;
  /** What {@link view} gave, while it is still true. */
  #view: Uint8Array | undefined;
  /** The segment of the first unread byte: mostly the only one. */
  #mark: Mark | undefined;
  #markEnd = 0;
  /** Those behind it. */
  #later: Segment[] | undefined;
  readonly #limit: number;

  /** @param limit largest number of unread bytes kept. */
  constructor(limit = 1 << 20) {
    this.#limit = limit;
  }

  /** Number of unread bytes. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** The array in which the unread bytes are, from {@link start} to {@link end}: as {@link view} gives them, without making one. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  get start(): number {
    return this.#start;
  }

  get end(): number {
    return this.#end;
  }

  /** Copies `bytes` in. What would pass the limit is dropped and {@link overflowed} is set. */
  append(bytes: Uint8Array, mark: Mark): void {
    let incoming = bytes;
    if (this.length + incoming.length > this.#limit) {
      this.overflowed = true;
      incoming = incoming.subarray(0, this.#limit - this.length);
    }
    if (incoming.length === 0) return;
    this.#reserve(incoming.length);
    this.#note(incoming.length, mark);
    this.#bytes.set(incoming, this.#end);
    this.#end += incoming.length;
  }

  /**
   * As {@link append}, but where nothing is unread the bytes are not copied until {@link keep}: mostly they are understood at once. The
   * caller must not change them, and must call {@link keep} before it returns.
   */
  lend(bytes: Uint8Array, mark: Mark): void {
    if (this.length > 0 || bytes.length > this.#limit) {
      this.append(bytes, mark);
    } else if (bytes.length > 0) {
      this.#note(bytes.length, mark);
      this.#bytes = bytes;
      this.#start = 0;
      this.#end = bytes.length;
    }
  }

  /** Copies what is still unread of what was lent. */
  keep(): void {
    if (this.#bytes !== this.#own) this.#reserve(0);
  }

  /** The unread bytes, contiguous; valid until the next `append`, `lend` or `keep`. Copy what must last. */
  view(): Uint8Array {
    if (this.#start === 0 && this.#end === this.#bytes.length) return this.#bytes;
    this.#view ??= this.#bytes.subarray(this.#start, this.#end);
    return this.#view;
  }

  /** Frames, in order and without repetition, that carried the first `length` unread bytes. */
  frames(length: number): number[] {
    if (this.#mark === undefined) return [];
    const frames = [this.#mark.frame];
    const end = this.offset + length;
    let before = this.#markEnd;
    for (const segment of this.#later ?? []) {
      if (before >= end) break;
      if (frames[frames.length - 1] !== segment.mark.frame) frames.push(segment.mark.frame);
      before = segment.end;
    }
    return frames;
  }

  /** {@link frames}; where there is only one, and it has a number, that number alone. */
  frameOrFrames(length: number): number | readonly number[] {
    const only = this.#mark !== undefined && this.#markEnd >= this.offset + length ? this.#mark.frame : 0;
    return only > 0 ? only : this.frames(length);
  }

  /** The mark of the segment that carried unread byte `index` (by default the first), if there is one. */
  markAt(index = 0): Mark | undefined {
    const wanted = this.offset + index;
    if (wanted < this.#markEnd) return this.#mark;
    return this.#later?.find((segment) => wanted < segment.end)?.mark;
  }

  /** Drops the first `length` unread bytes (at most what is there). */
  consume(length: number): void {
    const taken = Math.min(length, this.length);
    if (taken <= 0) return;
    this.#view = undefined;
    this.#start += taken;
    this.offset += taken;
    if (this.#start === this.#end) {
      this.#start = 0;
      this.#end = 0;
      this.#bytes = this.#own;
      this.#mark = undefined;
      this.#later = undefined;
    } else if (this.#later && this.#markEnd <= this.offset) {
      const first = this.#later.findIndex((segment) => segment.end > this.offset);
      this.#mark = this.#later[first].mark;
      this.#markEnd = this.#later[first].end;
      this.#later.splice(0, first + 1);
    }
  }

  /** Forgets the unread bytes, as after a gap of `missing` bytes in the stream. */
  skipGap(missing: number): void {
    this.consume(this.length);
    this.offset += missing;
  }

  /** Notes the frame of the `length` bytes that come next. */
  #note(length: number, mark: Mark): void {
    const end = this.offset + this.length + length;
    this.#view = undefined;
    if (this.#mark === undefined) {
      this.#mark = mark;
      this.#markEnd = end;
    } else {
      this.#later ??= [];
      this.#later.push({ end, mark });
    }
  }

  /** Puts the unread bytes into memory of its own, with room for `extra` behind them. */
  #reserve(extra: number): void {
    const { length } = this;
    if (this.#bytes === this.#own && this.#end + extra <= this.#own.length) return;
    const from = this.#bytes;
    if (length + extra > this.#own.length) {
      this.#own = allocate(Math.min(this.#limit, Math.max(256, 2 * (length + extra))));
    }
    if (length > 0) {
      if (from === this.#own) from.copyWithin(0, this.#start, this.#end);
      else this.#own.set(from.subarray(this.#start, this.#end));
    }
    this.#bytes = this.#own;
    this.#view = undefined;
    this.#start = 0;
    this.#end = length;
  }
}
