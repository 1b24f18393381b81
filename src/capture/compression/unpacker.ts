/** Compressed bytes in, the bytes they stand for out, block by block: memory is bounded by what one block may need. */
import { u32le } from '../words';

/** The compressed bytes are damaged, cut, or ask for more than is given them. */
export class CompressionError extends Error {}

export interface Unpacker {
  /**
   * Takes compressed bytes and gives what they make, in pieces. Take all pieces before pushing again; a piece is valid until the next one.
   *
   * @throws CompressionError after the pieces that came before the damage.
   */
  push(chunk: Uint8Array): Iterable<Uint8Array>;
  /** The compressed bytes have ended. @throws CompressionError inside of a frame. */
  finish(): void;
}

/** Bytes 0x184D2A50 to 0x184D2A5F begin a frame to skip, in LZ4 and zstd alike; its length follows. */
function isSkippable(magic: number): boolean {
  return (magic & 0xffff_fff0) >>> 0 === 0x184d_2a50;
}

/** Bytes that wait for the rest of a header or block. */
class ByteQueue {
  #bytes: Uint8Array = new Uint8Array(0);
  #start = 0;
  #end = 0;

  get length(): number {
    return this.#end - this.#start;
  }

  /** Copies the bytes. */
  append(chunk: Uint8Array): void {
    const needed = this.length + chunk.length;
    if (this.#end + chunk.length > this.#bytes.length) {
      const target = needed > this.#bytes.length ? new Uint8Array(2 * needed) : this.#bytes;
      target.set(this.#bytes.subarray(this.#start, this.#end));
      this.#bytes = target;
      this.#end -= this.#start;
      this.#start = 0;
    }
    this.#bytes.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /** All of the bytes, as a view that is valid until the next {@link append}. */
  peek(): Uint8Array {
    return this.#bytes.subarray(this.#start, this.#end);
  }

  /** The first `length` bytes, as a view that is valid until the next {@link append}; there must be as many. */
  take(length: number): Uint8Array {
    const from = this.#start;
    this.#start += length;
    return this.#bytes.subarray(from, this.#start);
  }

  /** Drops at most `length` bytes. @returns how many are still to be dropped. */
  skip(length: number): number {
    const dropped = Math.min(length, this.length);
    this.#start += dropped;
    return length - dropped;
  }
}

/**
 * What LZ4 and zstd have in common: several frames in a row are one file, frames to skip are skipped, and a frame is a header and blocks.
 *
 * @typeParam Frame what a header says.
 */
export abstract class FrameUnpacker<Frame> implements Unpacker {
  protected readonly queue = new ByteQueue();
  protected frame: Frame | undefined;
  #skip = 0;

  /** @param name as error messages say it: "an LZ4 frame". */
  constructor(
    private readonly name: string,
    private readonly magic: number,
  ) {}

  *push(chunk: Uint8Array): Generator<Uint8Array> {
    this.queue.append(chunk);
    for (;;) {
      this.#skip = this.queue.skip(this.#skip);
      if (this.#skip > 0) return;
      if (this.frame === undefined) {
        if (!this.#startFrame()) return;
        continue;
      }
      const piece = this.nextBlock(this.frame);
      if (piece === undefined) return;
      if (piece.length > 0) yield piece;
    }
  }

  finish(): void {
    if (this.frame !== undefined || this.queue.length > 0 || this.#skip > 0) {
      throw new CompressionError(`the file ends inside ${this.name}`);
    }
  }

  /** @returns whether there was enough to go on. */
  #startFrame(): boolean {
    const bytes = this.queue.peek();
    if (bytes.length < 8) return false;
    const magic = u32le(bytes, 0);
    if (isSkippable(magic)) {
      this.#skip = 8 + u32le(bytes, 4);
      return true;
    }
    if (magic !== this.magic) throw new CompressionError(`${this.name} does not begin here`);
    return this.readHeader(bytes);
  }

  /** Takes a header of at least 8 bytes and sets `frame`. @returns whether there was enough of it. */
  protected abstract readHeader(bytes: Uint8Array): boolean;

  /** What the next block makes, empty at the frame's end; undefined while bytes are missing. */
  protected abstract nextBlock(frame: Frame): Uint8Array | undefined;
}

/** Up to so many bytes a loop copies faster than a call does. */
const SHORT = 40;

/** Copies `length` bytes from one array to another that has room. */
export function copyBytes(from: Uint8Array, at: number, out: Uint8Array, to: number, length: number): void {
  if (length > SHORT) out.set(from.subarray(at, at + length), to);
  else for (let i = 0; i < length; i++) out[to + i] = from[at + i];
}

/** Copies what lies `distance` bytes back, again and again where the two overlap. */
export function copyMatch(out: Uint8Array, to: number, distance: number, length: number): void {
  if (length > SHORT && distance >= length) out.copyWithin(to, to - distance, to - distance + length);
  else for (let at = to; at < to + length; at++) out[at] = out[at - distance];
}
