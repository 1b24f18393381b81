/**
 * LZ4 frames (LZ4 frame format 1.6.4, block format), unpacked as they come. The JavaScript packages for it want the whole file in memory
 * or native code.
 */
import { u32le } from '../words';
import { CompressionError, copyBytes, copyMatch, FrameUnpacker } from './unpacker';
import { Xxh32, xxh32 } from './xxh32';

const MAGIC = 0x184d_2204;
/** How far back a match may reach. */
const WINDOW = 64 << 10;
/** Block_Maximum_Size by its code, 4 to 7; smaller codes are reserved. */
const BLOCK_SIZES = [0, 0, 0, 0, 64 << 10, 256 << 10, 1 << 20, 4 << 20];

/** What a frame's descriptor says of its blocks. */
interface Frame {
  readonly blockSize: number;
  readonly independent: boolean;
  readonly blockChecksum: boolean;
  /** Of all that comes out; undefined if the frame has none. */
  readonly checksum: Xxh32 | undefined;
  /** Bytes that come out by the frame's own word, or -1. */
  readonly contentSize: number;
}

export function isLz4(firstBytes: Uint8Array): boolean {
  return firstBytes.length >= 4 && u32le(firstBytes, 0) === MAGIC;
}

export class Lz4Unpacker extends FrameUnpacker<Frame> {
  /** The last {@link WINDOW} bytes that came out, then room for a block. */
  #room: Uint8Array = new Uint8Array(0);
  /** Where in `#room` what may be matched begins. */
  #history = WINDOW;
  #made = 0;

  constructor() {
    super('an LZ4 frame', MAGIC);
  }

  protected readHeader(bytes: Uint8Array): boolean {
    const flags = bytes[4];
    const hasSize = (flags & 0x08) !== 0;
    const hasDictionary = (flags & 0x01) !== 0;
    const length = 2 + (hasSize ? 8 : 0) + (hasDictionary ? 4 : 0);
    if (bytes.length < 4 + length + 1) return false;
    const descriptor = bytes.subarray(4, 4 + length);
    const blockSize = BLOCK_SIZES[(bytes[5] >>> 4) & 7];
    const isWrong = flags >>> 6 !== 1 || (flags & 0x02) !== 0 || (bytes[5] & 0x8f) !== 0 || blockSize === 0;
    if (isWrong || ((xxh32(descriptor) >>> 8) & 0xff) !== bytes[4 + length]) {
      throw new CompressionError('the descriptor of an LZ4 frame is damaged');
    }
    if (hasDictionary) throw new CompressionError('an LZ4 frame needs a dictionary');
    this.frame = {
      blockSize,
      independent: (flags & 0x20) !== 0,
      blockChecksum: (flags & 0x10) !== 0,
      checksum: (flags & 0x04) !== 0 ? new Xxh32() : undefined,
      contentSize: hasSize ? u32le(bytes, 6) + u32le(bytes, 10) * 2 ** 32 : -1,
    };
    this.queue.take(4 + length + 1);
    if (this.#room.length < WINDOW + blockSize) this.#room = new Uint8Array(WINDOW + blockSize);
    this.#history = WINDOW;
    this.#made = 0;
    return true;
  }

  /** What the next block makes, empty at the frame's end; undefined while bytes are missing. */
  protected nextBlock(frame: Frame): Uint8Array | undefined {
    const bytes = this.queue.peek();
    if (bytes.length < 4) return undefined;
    const word = u32le(bytes, 0);
    if (word === 0) return this.#endFrame(frame, bytes);
    const size = word & 0x7fff_ffff;
    if (size > frame.blockSize) throw new CompressionError('an LZ4 block is longer than its frame allows');
    const total = 4 + size + (frame.blockChecksum ? 4 : 0);
    if (bytes.length < total) return undefined;
    const block = bytes.subarray(4, 4 + size);
    if (frame.blockChecksum && xxh32(block) !== u32le(bytes, 4 + size)) {
      throw new CompressionError('the checksum of an LZ4 block is wrong');
    }
    if (frame.independent) this.#history = WINDOW;
    const end = WINDOW + frame.blockSize;
    const stop =
      word >>> 31 === 1 ? this.#store(block) : unpackBlock(block, this.#room, this.#history, WINDOW, end);
    this.queue.take(total);
    const made = this.#room.subarray(WINDOW, stop);
    frame.checksum?.update(made);
    this.#made += made.length;
    // What is given out is read before this is called again, and moved down only then.
    this.#history = Math.max(0, this.#history - made.length);
    const copy = made.slice();
    this.#room.copyWithin(0, made.length, stop);
    return copy;
  }

  #store(block: Uint8Array): number {
    this.#room.set(block, WINDOW);
    return WINDOW + block.length;
  }

  #endFrame(frame: Frame, bytes: Uint8Array): Uint8Array | undefined {
    const length = frame.checksum ? 8 : 4;
    if (bytes.length < length) return undefined;
    if (frame.checksum && frame.checksum.digest() !== u32le(bytes, 4)) {
      throw new CompressionError('the checksum of an LZ4 frame is wrong');
    }
    if (frame.contentSize >= 0 && frame.contentSize !== this.#made) {
      throw new CompressionError('an LZ4 frame does not hold as much as it says');
    }
    this.queue.take(length);
    this.frame = undefined;
    return new Uint8Array(0);
  }
}

/**
 * Sequences of literals and a match (LZ4 block format).
 *
 * @param out what came before is `out[history, at)`; writes from `at`, never past `limit`.
 * @returns where the output ends.
 */
function unpackBlock(block: Uint8Array, out: Uint8Array, history: number, at: number, limit: number): number {
  let from = 0;
  let to = at;
  const damaged = () => new CompressionError('an LZ4 block is damaged');
  const more = (nibble: number): number => {
    if (nibble < 15) return nibble;
    let length = 15;
    for (;;) {
      if (from >= block.length) throw damaged();
      const byte = block[from++];
      length += byte;
      if (byte < 255) return length;
    }
  };
  while (from < block.length) {
    const token = block[from++];
    const literals = more(token >>> 4);
    if (from + literals > block.length || to + literals > limit) throw damaged();
    copyBytes(block, from, out, to, literals);
    from += literals;
    to += literals;
    // The last sequence has no match.
    if (from === block.length) return to;
    if (from + 2 > block.length) throw damaged();
    const distance = block[from] | (block[from + 1] << 8);
    from += 2;
    const length = more(token & 15) + 4;
    if (distance === 0 || to - distance < history || to + length > limit) throw damaged();
    copyMatch(out, to, distance, length);
    to += length;
  }
  throw damaged();
}
