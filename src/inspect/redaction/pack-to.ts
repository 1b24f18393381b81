import { zlibSync } from 'fflate';
import { concat, joined } from '../../base/bytes';
import { packSnappy } from './pack-snappy';
import { packZstd } from './pack-zstd';

/**
 * Compresses bytes to a given length, so that what is put in the place of a compressed message is as long.
 *
 * @param compressor its id in OP_COMPRESSED.
 * @returns undefined where that cannot be.
 */
export function packTo(compressor: number, bytes: Uint8Array, length: number): Uint8Array | undefined {
  switch (compressor) {
    case 0:
      return bytes.length === length ? bytes : undefined;
    case 1:
      return packSnappy(bytes, length);
    case 2:
      return packZlib(bytes, length);
    case 3:
      return packZstd(bytes, length);
    default:
      return undefined;
  }
}

const ZLIB_HEADER = 2;
const EMPTY_STORED = Uint8Array.of(0, 0, 0, 0xff, 0xff);
/** Empty blocks with fixed codes before each of the first empty stored ones: of 0, 6, 7, 9 and 13 bytes, which with fives make any length. */
const GROUPS: readonly (readonly number[])[] = [[], [1], [2], [3], [1, 2]];
const LEVELS = [9, 6, 4, 1, 0] as const;

/** Deflate (RFC 1951) with as many empty blocks in front as are missing. */
function packZlib(bytes: Uint8Array, length: number): Uint8Array | undefined {
  for (const level of LEVELS) {
    const packed = zlibSync(bytes, { level });
    const padding = emptyBlocks(length - packed.length);
    if (padding) return concat(packed.subarray(0, ZLIB_HEADER), padding, packed.subarray(ZLIB_HEADER));
  }
  return undefined;
}

/** Blocks that hold nothing, `length` bytes of them in all; undefined if none add up to it. */
function emptyBlocks(length: number): Uint8Array | undefined {
  for (const group of GROUPS) {
    const first = joined(group.map(emptyGroup));
    const rest = length - first.length;
    if (rest < 0 || rest % EMPTY_STORED.length !== 0) continue;
    const blocks = new Uint8Array(length);
    blocks.set(first);
    for (let at = first.length; at < length; at += EMPTY_STORED.length) blocks.set(EMPTY_STORED, at);
    return blocks;
  }
  return undefined;
}

/** Ten bits for each block of fixed codes (not last, type 1, end of block), then a stored block, which ends at a whole byte. */
function emptyGroup(fixed: number): Uint8Array {
  const head = new Uint8Array(Math.ceil((10 * fixed + 3) / 8));
  for (let i = 0; i < fixed; i++) {
    const bit = 10 * i + 1;
    head[bit >> 3] |= 1 << (bit & 7);
  }
  return concat(head, EMPTY_STORED.subarray(1));
}
