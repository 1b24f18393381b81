/** zstd's compressed blocks (RFC 8878 section 3.1.1.3). */
import { BackwardBits } from './bits-backwards';
import { copyBytes, copyMatch } from './unpacker';
import {
  buildFse,
  damaged,
  type FseTable,
  type HuffmanTable,
  readFse,
  readHuffman,
  repeatedSymbol,
  unpackHuffman,
} from './zstd-tables';

/** Block_Maximum_Size (section 3.1.1.2.4), compressed and not. */
export const MAX_BLOCK = 128 << 10;

/** A code's smallest value and the bits that are added to it (section 3.1.1.3.2.1.1): the first ones of a code stand for themselves. */
interface Codes {
  readonly bases: Int32Array;
  readonly bits: Uint8Array;
}

function codes(direct: number, first: number, widths: readonly number[]): Codes {
  const bits = Uint8Array.from([...new Array<number>(direct).fill(0), ...widths]);
  const bases = new Int32Array(bits.length);
  let base = first;
  for (let code = 0; code < bits.length; code++) {
    bases[code] = base;
    base += 2 ** bits[code];
  }
  return { bases, bits };
}

const LITERAL_LENGTHS = codes(16, 0, [1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
const MATCH_LENGTHS = codes(32, 3, [1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);

/** What a table of sequences may hold at most, and the one that every decoder knows (section 3.1.1.3.2.2). */
interface Kind {
  readonly maxLog: number;
  readonly maxSymbol: number;
  readonly known: FseTable;
}

const ones = (count: number, value = 1) => new Array<number>(count).fill(value);

const LITERALS: Kind = {
  maxLog: 9,
  maxSymbol: 35,
  known: buildFse([4, 3, ...ones(11, 2), 1, 1, 1, ...ones(9, 2), 3, 2, 1, 1, 1, 1, 1, ...ones(4, -1)], 6),
};
const OFFSETS: Kind = {
  maxLog: 8,
  maxSymbol: 31,
  known: buildFse([...ones(6), 2, 2, 2, ...ones(15), ...ones(5, -1)], 5),
};
const MATCHES: Kind = {
  maxLog: 9,
  maxSymbol: 52,
  known: buildFse([1, 4, 3, ...ones(6, 2), ...ones(37), ...ones(7, -1)], 6),
};

/** Where a block writes: what came before it in the frame is `bytes[history, at)`. */
export interface Target {
  readonly bytes: Uint8Array;
  readonly history: number;
  readonly at: number;
  /** Most bytes that the block may make. */
  readonly size: number;
}

/** Decodes the compressed blocks of one frame: tables and the last three distances are kept from block to block. */
export class ZstdBlocks {
  #huffman: HuffmanTable | undefined;
  readonly #tables: (FseTable | undefined)[] = [undefined, undefined, undefined];
  readonly #recent = Int32Array.of(1, 4, 8);

  /** @returns where the output ends. @throws CompressionError */
  unpack(block: Uint8Array, target: Target): number {
    const { literals, end } = this.#readLiterals(block, target.size);
    if (end >= block.length) throw damaged();
    let at = end;
    let count = block[at++];
    if (count === 255) {
      count = (block[at] | (block[at + 1] << 8)) + 0x7f00;
      at += 2;
    } else if (count > 127) {
      count = ((count - 128) << 8) | block[at++];
    }
    if (count === 0) {
      if (at !== block.length) throw damaged();
      target.bytes.set(literals, target.at);
      return target.at + literals.length;
    }
    const modes = block[at++];
    if (at > block.length || (modes & 3) !== 0) throw damaged();
    const kinds = [LITERALS, OFFSETS, MATCHES];
    for (let i = 0; i < 3; i++) at = this.#readTable(i, kinds[i], (modes >>> (6 - 2 * i)) & 3, block, at);
    return this.#sequences(new BackwardBits(block.subarray(at)), count, literals, target);
  }

  /** Section 3.1.1.3.1. */
  #readLiterals(block: Uint8Array, limit: number): { literals: Uint8Array; end: number } {
    if (block.length < 2) throw damaged();
    const type = block[0] & 3;
    const format = (block[0] >>> 2) & 3;
    const word = block[0] | (block[1] << 8) | (block[2] << 16);
    if (type < 2) {
      const head = (format & 1) === 0 ? 1 : format === 1 ? 2 : 3;
      const size = head === 1 ? block[0] >>> 3 : head === 2 ? (word & 0xffff) >>> 4 : word >>> 4;
      const end = head + (type === 0 ? size : 1);
      if (size > limit || end > block.length) throw damaged();
      if (type === 0) return { literals: block.subarray(head, end), end };
      return { literals: new Uint8Array(size).fill(block[head]), end };
    }
    const head = format < 2 ? 3 : format + 2;
    if (block.length < head) throw damaged();
    const width = format < 2 ? 10 : format === 2 ? 14 : 18;
    const wide = word + block[3] * 2 ** 24 + (head > 4 ? block[4] * 2 ** 32 : 0);
    const size = Math.floor(wide / 16) % 2 ** width;
    const packed = Math.floor(wide / 2 ** (4 + width)) % 2 ** width;
    const end = head + packed;
    if (size > limit || end > block.length) throw damaged();
    let start = head;
    if (type === 2) {
      const read = readHuffman(block.subarray(0, end), head);
      this.#huffman = read.table;
      start = read.end;
    }
    if (!this.#huffman) throw damaged();
    const literals = new Uint8Array(size);
    const streams = block.subarray(start, end);
    if (format === 0) unpackHuffman(streams, literals, this.#huffman);
    else unpackFour(streams, literals, this.#huffman);
    return { literals, end };
  }

  #readTable(index: number, kind: Kind, mode: number, block: Uint8Array, at: number): number {
    if (mode === 3) {
      if (!this.#tables[index]) throw damaged();
      return at;
    }
    if (mode === 2) {
      const { table, end } = readFse(block, at, kind.maxLog, kind.maxSymbol);
      this.#tables[index] = table;
      return end;
    }
    if (mode === 0) {
      this.#tables[index] = kind.known;
      return at;
    }
    if (at >= block.length || block[at] > kind.maxSymbol) throw damaged();
    this.#tables[index] = repeatedSymbol(block[at]);
    return at + 1;
  }

  /** Section 3.1.1.3.2.1 and 3.1.1.4. */
  #sequences(bits: BackwardBits, count: number, literals: Uint8Array, target: Target): number {
    const [literalTable, offsetTable, matchTable] = this.#tables as [FseTable, FseTable, FseTable];
    const out = target.bytes;
    const limit = target.at + target.size;
    let literalState = bits.read(literalTable.log);
    let offsetState = bits.read(offsetTable.log);
    let matchState = bits.read(matchTable.log);
    let to = target.at;
    let taken = 0;
    for (let i = 0; i < count; i++) {
      const offsetCode = offsetTable.symbols[offsetState];
      const matchCode = matchTable.symbols[matchState];
      const literalCode = literalTable.symbols[literalState];
      const offsetValue = 2 ** offsetCode + bits.read(offsetCode);
      const matchLength = MATCH_LENGTHS.bases[matchCode] + bits.read(MATCH_LENGTHS.bits[matchCode]);
      const literalLength = LITERAL_LENGTHS.bases[literalCode] + bits.read(LITERAL_LENGTHS.bits[literalCode]);
      if (i + 1 < count) {
        literalState = literalTable.bases[literalState] + bits.read(literalTable.bits[literalState]);
        matchState = matchTable.bases[matchState] + bits.read(matchTable.bits[matchState]);
        offsetState = offsetTable.bases[offsetState] + bits.read(offsetTable.bits[offsetState]);
      }
      const distance = this.#distance(offsetValue, literalLength);
      const matchAt = to + literalLength;
      const isOver = taken + literalLength > literals.length || matchAt + matchLength > limit;
      if (bits.left < 0 || isOver || distance === 0 || matchAt - distance < target.history) throw damaged();
      copyBytes(literals, taken, out, to, literalLength);
      taken += literalLength;
      to = matchAt + matchLength;
      copyMatch(out, matchAt, distance, matchLength);
    }
    const rest = literals.subarray(taken);
    if (bits.left !== 0 || to + rest.length > limit) throw damaged();
    out.set(rest, to);
    return to + rest.length;
  }

  /** Section 3.1.1.5: small values name one of the last three distances. */
  #distance(value: number, literalLength: number): number {
    const recent = this.#recent;
    const first = recent[0];
    const second = recent[1];
    if (value > 3) return this.#remember(value - 3, first, second);
    const index = value - 1 + (literalLength === 0 ? 1 : 0);
    if (index === 0) return first;
    if (index === 1) return this.#remember(second, first, recent[2]);
    return this.#remember(index === 2 ? recent[2] : first - 1, first, second);
  }

  #remember(first: number, second: number, third: number): number {
    const recent = this.#recent;
    recent[0] = first;
    recent[1] = second;
    recent[2] = third;
    return first;
  }
}

/** Section 3.1.1.3.1.6: three lengths, then four streams, of which the first three make as many bytes each. */
function unpackFour(streams: Uint8Array, out: Uint8Array, table: HuffmanTable): void {
  if (streams.length < 6) throw damaged();
  const part = (out.length + 3) >> 2;
  if (3 * part > out.length) throw damaged();
  let at = 6;
  for (let i = 0; i < 4; i++) {
    const end = i < 3 ? at + (streams[2 * i] | (streams[2 * i + 1] << 8)) : streams.length;
    if (end > streams.length) throw damaged();
    unpackHuffman(
      streams.subarray(at, end),
      out.subarray(i * part, i < 3 ? (i + 1) * part : out.length),
      table,
    );
    at = end;
  }
}
