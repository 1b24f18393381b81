/** zstd's entropy tables: FSE and Huffman (RFC 8878 sections 4.1 and 4.2). */
import { BackwardBits } from './bits-backwards';
import { CompressionError } from './unpacker';

/** A finite state entropy decoder, by state: the symbol, and how the next state is made. */
export interface FseTable {
  readonly log: number;
  readonly symbols: Uint8Array;
  readonly bits: Uint8Array;
  readonly bases: Uint16Array;
}

/** A Huffman decoder, by the next `log` bits. */
export interface HuffmanTable {
  readonly log: number;
  readonly symbols: Uint8Array;
  readonly bits: Uint8Array;
}

const MAX_HUFFMAN_LOG = 11;
const MAX_WEIGHTS_LOG = 6;

export function damaged(): CompressionError {
  return new CompressionError('a zstd block is damaged');
}

/** A table of one symbol. */
export function repeatedSymbol(symbol: number): FseTable {
  return {
    log: 0,
    symbols: Uint8Array.of(symbol),
    bits: new Uint8Array(1),
    bases: new Uint16Array(1),
  };
}

/**
 * Reads a table's description (section 4.1.1).
 *
 * @returns the table, and where the description ends.
 */
export function readFse(
  bytes: Uint8Array,
  start: number,
  maxLog: number,
  maxSymbol: number,
): { table: FseTable; end: number } {
  let position = 8 * start;
  const read = (count: number): number => {
    const at = position >> 3;
    if (at >= bytes.length) throw damaged();
    const word = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16);
    position += count;
    return (word >>> ((position - count) & 7)) & ((1 << count) - 1);
  };
  const log = read(4) + 5;
  if (log > maxLog) throw damaged();
  const counts: number[] = [];
  let left = 1 << log;
  while (left > 0 && counts.length <= maxSymbol) {
    const width = 32 - Math.clz32(left + 1);
    const low = (1 << (width - 1)) - 1;
    const short = (1 << width) - 2 - left;
    let value = read(width);
    // The smallest values take a bit less.
    if ((value & low) < short) {
      position--;
      value &= low;
    } else if (value > low) {
      value -= short;
    }
    const count = value - 1;
    left -= Math.abs(count);
    counts.push(count);
    if (count !== 0) continue;
    let zeros: number;
    do {
      zeros = read(2);
      for (let i = 0; i < zeros; i++) counts.push(0);
    } while (zeros === 3 && counts.length <= maxSymbol);
  }
  const end = (position + 7) >> 3;
  if (left !== 0 || counts.length > maxSymbol + 1 || end > bytes.length) throw damaged();
  return { table: buildFse(counts, log), end };
}

/** From how often each symbol comes to the table (section 4.1.1, "from normalized distribution to decoding tables"). */
export function buildFse(counts: readonly number[], log: number): FseTable {
  const size = 1 << log;
  const symbols = new Uint8Array(size);
  const next = new Uint16Array(counts.length);
  let top = size;
  counts.forEach((count, symbol) => {
    next[symbol] = Math.abs(count);
    if (count === -1) symbols[--top] = symbol;
  });
  const step = (size >> 1) + (size >> 3) + 3;
  let at = 0;
  counts.forEach((count, symbol) => {
    for (let i = 0; i < count; i++) {
      symbols[at] = symbol;
      do at = (at + step) & (size - 1);
      while (at >= top);
    }
  });
  const bits = new Uint8Array(size);
  const bases = new Uint16Array(size);
  for (let state = 0; state < size; state++) {
    const value = next[symbols[state]]++;
    bits[state] = log - (31 - Math.clz32(value));
    bases[state] = (value << bits[state]) - size;
  }
  return { log, symbols, bits, bases };
}

/**
 * Reads a Huffman tree's description (section 4.2.1).
 *
 * @returns the table, and where the description ends.
 */
export function readHuffman(bytes: Uint8Array, start: number): { table: HuffmanTable; end: number } {
  if (start >= bytes.length) throw damaged();
  const header = bytes[start];
  const end = start + 1 + (header < 128 ? header : (header - 126) >> 1);
  if (end > bytes.length) throw damaged();
  const weights =
    header < 128
      ? compressedWeights(bytes.subarray(start + 1, end))
      : Array.from({ length: header - 127 }, (_, i) => {
          const byte = bytes[start + 1 + (i >> 1)];
          return i % 2 === 0 ? byte >>> 4 : byte & 15;
        });
  return { table: buildHuffman(weights), end };
}

/** Two states take turns until the bits are used up (section 4.2.1.2). */
function compressedWeights(bytes: Uint8Array): number[] {
  const { table, end } = readFse(bytes, 0, MAX_WEIGHTS_LOG, 255);
  const bits = new BackwardBits(bytes.subarray(end));
  if (bits.left < 0) throw damaged();
  const states = [bits.read(table.log), bits.read(table.log)];
  const weights: number[] = [];
  for (let turn = 0; ; turn ^= 1) {
    if (weights.length > 254) throw damaged();
    const state = states[turn];
    weights.push(table.symbols[state]);
    states[turn] = table.bases[state] + bits.read(table.bits[state]);
    if (bits.left >= 0) continue;
    weights.push(table.symbols[states[turn ^ 1]]);
    return weights;
  }
}

/** The last symbol's weight is what fills the tree up (section 4.2.1.3). */
function buildHuffman(weights: readonly number[]): HuffmanTable {
  let sum = 0;
  for (const weight of weights) {
    if (weight > MAX_HUFFMAN_LOG) throw damaged();
    sum += weight === 0 ? 0 : 1 << (weight - 1);
  }
  const log = 32 - Math.clz32(sum);
  const rest = (1 << log) - sum;
  if (sum === 0 || log > MAX_HUFFMAN_LOG || weights.length > 255 || (rest & (rest - 1)) !== 0)
    throw damaged();
  const all = [...weights, 32 - Math.clz32(rest)];
  const size = 1 << log;
  const symbols = new Uint8Array(size);
  const bits = new Uint8Array(size);
  let at = 0;
  for (let weight = 1; weight <= log; weight++) {
    for (let symbol = 0; symbol < all.length; symbol++) {
      if (all[symbol] !== weight) continue;
      const end = at + (1 << (weight - 1));
      if (end > size) throw damaged();
      symbols.fill(symbol, at, end);
      bits.fill(log + 1 - weight, at, end);
      at = end;
    }
  }
  if (at !== size) throw damaged();
  return { log, symbols, bits };
}

/** Decodes one stream (section 4.2.2), which must end where `out` does. */
export function unpackHuffman(
  bytes: Uint8Array,
  out: Uint8Array,
  { log, symbols, bits }: HuffmanTable,
): void {
  const source = new BackwardBits(bytes);
  if (source.left < 0) throw damaged();
  const mask = (1 << log) - 1;
  let state = source.read(log);
  let left = source.left;
  let i = 0;
  // While all the bits of a code are there for sure.
  for (; i < out.length && left >= MAX_HUFFMAN_LOG; i++) {
    out[i] = symbols[state];
    const used = bits[state];
    left -= used;
    const at = left >> 3;
    const word = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16);
    state = ((state << used) & mask) | ((word >>> (left & 7)) & ((1 << used) - 1));
  }
  source.left = left;
  for (; i < out.length; i++) {
    if (source.left <= -log) throw damaged();
    out[i] = symbols[state];
    const used = bits[state];
    state = ((state << used) & mask) | source.read(used);
  }
  if (source.left !== -log) throw damaged();
}
