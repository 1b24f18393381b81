/**
 * Snappy's raw format, both ways (format_description.txt of google/snappy). Decoding is here and not from a library because it must
 * end on any input, and within the length that was expected.
 */

/** Bytes of the longest literal of the two-byte form. */
const MAX_LITERAL = 65_536;

/** @returns undefined where the bytes are damaged or would not give exactly `length` bytes */
export function unpackSnappy(bytes: Uint8Array, length: number): Uint8Array | undefined {
  const header = readLength(bytes);
  if (header?.value !== length) return undefined;
  const out = new Uint8Array(length);
  let at = header.end;
  let filled = 0;
  while (at < bytes.length) {
    const tag = bytes[at++];
    const kind = tag & 3;
    if (kind === 0) {
      const short = tag >>> 2;
      const extra = short < 60 ? 0 : short - 59;
      if (at + extra > bytes.length) return undefined;
      const count = (extra === 0 ? short : littleEndian(bytes, at, extra)) + 1;
      at += extra;
      if (count > bytes.length - at || count > length - filled) return undefined;
      out.set(bytes.subarray(at, at + count), filled);
      at += count;
      filled += count;
    } else {
      const extra = kind === 3 ? 4 : kind;
      if (at + extra > bytes.length) return undefined;
      const count = kind === 1 ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1;
      const distance = littleEndian(bytes, at, extra) + (kind === 1 ? (tag >>> 5) << 8 : 0);
      at += extra;
      if (distance === 0 || distance > filled || count > length - filled) return undefined;
      // Byte by byte: the copy may overlap what it writes.
      for (let end = filled + count; filled < end; filled++) out[filled] = out[filled - distance];
    }
  }
  return filled === length ? out : undefined;
}

/** A valid stream that saves nothing: literals only. */
export function storeSnappy(bytes: Uint8Array): Uint8Array {
  const parts: number[] = [];
  for (let rest = bytes.length; ; rest >>>= 7) {
    parts.push(rest < 128 ? rest : (rest & 127) | 128);
    if (rest < 128) break;
  }
  const blocks = Math.ceil(bytes.length / MAX_LITERAL);
  const out = new Uint8Array(parts.length + bytes.length + 3 * blocks);
  out.set(parts);
  let at = parts.length;
  for (let from = 0; from < bytes.length; from += MAX_LITERAL) {
    const piece = bytes.subarray(from, from + MAX_LITERAL);
    out.set([61 << 2, (piece.length - 1) & 255, (piece.length - 1) >>> 8], at);
    out.set(piece, at + 3);
    at += 3 + piece.length;
  }
  return out;
}

/** The uncompressed length in front, 7 bits a byte. */
function readLength(bytes: Uint8Array): { readonly value: number; readonly end: number } | undefined {
  let value = 0;
  for (let at = 0; at < Math.min(5, bytes.length); at++) {
    value += (bytes[at] & 127) * 2 ** (7 * at);
    if (bytes[at] < 128) return { value, end: at + 1 };
  }
  return undefined;
}

function littleEndian(bytes: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let i = count - 1; i >= 0; i--) value = value * 256 + bytes[at + i];
  return value;
}
