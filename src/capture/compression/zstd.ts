/**
 * zstd frames (RFC 8878), unpacked as they come. The JavaScript package for it moves the whole window for every block and does not end
 * in time on blocks made to keep it busy. Content checksums are not compared.
 */
import { u32le } from '../words';
import { CompressionError, FrameUnpacker } from './unpacker';
import { MAX_BLOCK, ZstdBlocks } from './zstd-block';

const MAGIC = 0xfd2f_b528;
/** Largest window, bytes: what the `zstd` tool allows unless told otherwise. */
export const MAX_WINDOW = 128 << 20;

interface Frame {
  readonly blocks: ZstdBlocks;
  readonly window: number;
  /** Most bytes of a block, packed or not. */
  readonly blockSize: number;
  readonly checksum: boolean;
}

export function isZstd(firstBytes: Uint8Array): boolean {
  return firstBytes.length >= 4 && u32le(firstBytes, 0) === MAGIC;
}

export class ZstdUnpacker extends FrameUnpacker<Frame> {
  /** What came out of the frame: at least as much of it as its window reaches back is `#room[0, #at)`. */
  #room: Uint8Array = new Uint8Array(0);
  #at = 0;

  constructor() {
    super('a zstd frame', MAGIC);
  }

  protected readHeader(bytes: Uint8Array): boolean {
    const descriptor = bytes[4];
    const single = (descriptor & 0x20) !== 0;
    const dictionaryLength = [0, 1, 2, 4][descriptor & 3];
    const sizeLength = [single ? 1 : 0, 2, 4, 8][descriptor >>> 6];
    const sizeAt = (single ? 5 : 6) + dictionaryLength;
    if (bytes.length < sizeAt + sizeLength) return false;
    if ((descriptor & 0x08) !== 0) throw new CompressionError('the header of a zstd frame is damaged');
    if (bytes.subarray(sizeAt - dictionaryLength, sizeAt).some((byte) => byte !== 0)) {
      throw new CompressionError('a zstd frame needs a dictionary');
    }
    const window = single ? contentSize(bytes, sizeAt, sizeLength) : windowSize(bytes[5]);
    if (window > MAX_WINDOW) throw new CompressionError(`a zstd frame wants a window of ${window} bytes`);
    this.frame = {
      blocks: new ZstdBlocks(),
      window,
      blockSize: Math.min(window, MAX_BLOCK),
      checksum: (descriptor & 0x04) !== 0,
    };
    this.#at = 0;
    this.queue.take(sizeAt + sizeLength);
    return true;
  }

  /** What the next block makes (section 3.1.1.2); undefined while bytes are missing. */
  protected nextBlock(frame: Frame): Uint8Array | undefined {
    const bytes = this.queue.peek();
    if (bytes.length < 3) return undefined;
    const header = bytes[0] | (bytes[1] << 8) | (bytes[2] << 16);
    const last = (header & 1) !== 0;
    const type = (header >>> 1) & 3;
    const size = header >>> 3;
    if (type === 3 || size > frame.blockSize) throw new CompressionError('a zstd block is damaged');
    const end = 3 + (type === 1 ? 1 : size);
    const length = end + (last && frame.checksum ? 4 : 0);
    if (bytes.length < length) return undefined;
    this.#makeRoom(frame);
    const from = this.#at;
    if (type === 2) {
      const history = Math.max(0, from - frame.window);
      this.#at = frame.blocks.unpack(bytes.subarray(3, end), {
        bytes: this.#room,
        history,
        at: from,
        size: frame.blockSize,
      });
    } else {
      this.#at += size;
      if (type === 1) this.#room.fill(bytes[3], from, this.#at);
      else this.#room.set(bytes.subarray(3, end), from);
    }
    this.queue.take(length);
    if (last) this.frame = undefined;
    return this.#room.subarray(from, this.#at);
  }

  /** Room for a block behind what the window holds: grows with what came out, to twice the window, and then moves the window down. */
  #makeRoom({ window, blockSize }: Frame): void {
    if (this.#at + blockSize <= this.#room.length) return;
    const kept = Math.min(window, this.#at);
    const wanted = Math.min(2 * window, 2 * this.#at) + blockSize;
    const target = wanted > this.#room.length ? new Uint8Array(wanted) : this.#room;
    if (target === this.#room) target.copyWithin(0, this.#at - kept, this.#at);
    else target.set(this.#room.subarray(this.#at - kept, this.#at));
    this.#room = target;
    this.#at = kept;
  }
}

/** Window_Descriptor (section 3.1.1.1.2). */
function windowSize(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >>> 3));
  return base + (base / 8) * (descriptor & 7);
}

/** Frame_Content_Size (section 3.1.1.1.4). */
function contentSize(bytes: Uint8Array, at: number, length: number): number {
  let size = length === 2 ? 256 : 0;
  for (let i = 0; i < length; i++) size += bytes[at + i] * 2 ** (8 * i);
  return size;
}
