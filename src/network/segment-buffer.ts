import type { Mark } from '../base/mark';

/** Bytes that arrived ahead of others. */
export interface BufferedSegment {
  /** Stream offset of the first byte. */
  readonly offset: number;
  readonly bytes: Uint8Array;
  readonly mark: Mark;
}

/** Called with the stream offset from which on two copies of the same bytes differ. */
export type ConflictHandler = (offset: number, first: Mark | undefined, second: Mark) => void;

/**
 * Segments of one direction that wait for what comes before them: sorted by stream offset, without overlap. Where copies
 * overlap the first one stays. Bytes are copied in.
 */
export class SegmentBuffer {
  /** Bytes held. */
  bytes = 0;
  readonly #segments: BufferedSegment[] = [];

  /** Segments held. */
  get count(): number {
    return this.#segments.length;
  }

  /** Stream offset of the first byte held; infinite when there is none. */
  get firstOffset(): number {
    return this.#segments.length === 0 ? Number.POSITIVE_INFINITY : this.#segments[0].offset;
  }

  /** Takes out the first segment. */
  shift(): BufferedSegment | undefined {
    const segment = this.#segments.shift();
    if (segment !== undefined) this.bytes -= segment.bytes.length;
    return segment;
  }

  /** Forgets all. */
  clear(): void {
    if (this.#segments.length === 0) return;
    this.#segments.length = 0;
    this.bytes = 0;
  }

  /** Adds the parts of `bytes` that are not there yet; compares the others. */
  insert(offset: number, bytes: Uint8Array, mark: Mark, onConflict: ConflictHandler): void {
    const segments = this.#segments;
    const end = offset + bytes.length;
    let position = offset;
    let index = this.#firstEndingAfter(offset);
    while (position < end) {
      const next = segments[index];
      const stop = next === undefined ? end : Math.min(end, next.offset);
      if (stop > position) {
        const piece = bytes.slice(position - offset, stop - offset);
        segments.splice(index, 0, { offset: position, bytes: piece, mark });
        this.bytes += piece.length;
        index++;
        position = stop;
      }
      if (position >= end || next === undefined) break;
      const overlapEnd = Math.min(end, next.offset + next.bytes.length);
      const ours = next.bytes.subarray(position - next.offset, overlapEnd - next.offset);
      const at = firstDifference(ours, bytes.subarray(position - offset, overlapEnd - offset));
      if (at >= 0) onConflict(position + at, next.mark, mark);
      position = overlapEnd;
      index++;
    }
  }

  /** Index of the first segment whose end lies after `offset`: a binary search. */
  #firstEndingAfter(offset: number): number {
    let low = 0;
    let high = this.#segments.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const segment = this.#segments[middle];
      if (segment.offset + segment.bytes.length > offset) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** Index at which two arrays of the same length differ first, or -1. */
export function firstDifference(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i]) return i;
  }
  return -1;
}
