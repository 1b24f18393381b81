/** A zstd frame (RFC 8878 section 3.1.1) of plain blocks and blocks of one byte repeated, to a given length. */
import { concat, joined } from '../../base/bytes';

const MAGIC = [0x28, 0xb5, 0x2f, 0xfd];
/** A window of 256 KiB (section 3.1.1.1.2). */
const WINDOW = 0x40;
const LONGEST_BLOCK = 1 << 17;
const BLOCK_HEADER = 3;
/** Shorter runs are not worth a block. */
const SHORTEST_RUN = 8;

/** @returns undefined where these blocks are too long. */
export function packZstd(bytes: Uint8Array, length: number): Uint8Array | undefined {
  const blocks = blocksOf(bytes);
  const content = blocks.reduce((sum, block) => sum + block.length, 0);
  // The content's size may be there in several widths, so that empty blocks of three bytes fill up any length.
  for (const header of [withSize(bytes.length, 0), withSize(bytes.length, 8), withSize(bytes.length, 4)]) {
    const missing = length - header.length - content;
    if (missing < 0 || missing % BLOCK_HEADER !== 0) continue;
    return joined([header, new Uint8Array(missing), ...blocks]);
  }
  return undefined;
}

/** @param width bytes of the content's size; 0 leaves it out. */
function withSize(size: number, width: 0 | 4 | 8): Uint8Array {
  const flag = { 0: 0, 4: 0x80, 8: 0xc0 }[width];
  const header = new Uint8Array(6 + width);
  header.set([...MAGIC, flag, WINDOW]);
  if (width > 0) new DataView(header.buffer).setUint32(6, size, true);
  return header;
}

function blocksOf(bytes: Uint8Array): Uint8Array[] {
  const blocks: Uint8Array[] = [];
  let from = 0;
  for (let at = 0; at < bytes.length; ) {
    let end = at + 1;
    while (end < bytes.length && bytes[end] === bytes[at] && end - at < LONGEST_BLOCK) end++;
    if (end - at >= SHORTEST_RUN) {
      addPlain(blocks, bytes.subarray(from, at));
      blocks.push(Uint8Array.of(...blockHeader(end - at, 1), bytes[at]));
      from = end;
    }
    at = end;
  }
  addPlain(blocks, bytes.subarray(from));
  if (blocks.length === 0) blocks.push(Uint8Array.of(...blockHeader(0, 0)));
  blocks[blocks.length - 1][0] |= 1;
  return blocks;
}

function addPlain(blocks: Uint8Array[], bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; at += LONGEST_BLOCK) {
    const piece = bytes.subarray(at, at + LONGEST_BLOCK);
    blocks.push(concat(Uint8Array.of(...blockHeader(piece.length, 0)), piece));
  }
}

/** Three bytes: the last bit unset, the type, the size. */
function blockHeader(size: number, type: 0 | 1): number[] {
  const word = (size << 3) | (type << 1);
  return [word & 255, (word >>> 8) & 255, word >>> 16];
}
