/** Small helpers over byte arrays. Everything here copies only where its comment says so. */

const utf8Decoder = new TextDecoder('utf-8');
const utf8Encoder = new TextEncoder();

/** A run of bytes inside a larger array. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** Up to here a loop over ASCII is faster than a call into the decoder. */
const SHORT_TEXT = 32;

/** Decodes UTF-8; malformed sequences become U+FFFD, never an exception. */
export function utf8(bytes: Uint8Array): string {
  return bytes.length > SHORT_TEXT ? utf8Decoder.decode(bytes) : utf8Between(bytes, 0, bytes.length);
}

/** {@link utf8} of the bytes from `start` to `end`. */
export function utf8Between(bytes: Uint8Array, start: number, end: number): string {
  if (end - start > SHORT_TEXT) return utf8Decoder.decode(bytes.subarray(start, end));
  let text = '';
  for (let i = start; i < end; i++) {
    if (bytes[i] > 0x7f) return utf8Decoder.decode(bytes.subarray(start, end));
    text += String.fromCharCode(bytes[i]);
  }
  return text;
}

/** Encodes a string as UTF-8 into a new array. */
export function utf8Bytes(text: string): Uint8Array {
  return utf8Encoder.encode(text);
}

/** Joins arrays into a new one. For as many as the code names: a list of any length is for {@link joined}. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return joined(parts);
}

/** Joins a list of arrays into a new one. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Whether two arrays hold the same bytes, in a time that depends on their length only. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a[i] ^ b[i];
  return difference === 0;
}

const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Lower-case hexadecimal, without separators. */
export function hex(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i++) text += HEX[bytes[i]];
  return text;
}

/** Reads hexadecimal; `undefined` if the text is not an even run of hex digits. */
export function fromHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) return undefined;
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

/** One character for each byte. */
export function latin1(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
