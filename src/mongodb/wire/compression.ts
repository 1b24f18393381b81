/** OP_COMPRESSED (compression specification): unpacked within bounds, and packed without saving a byte. */
import { Unzlib } from 'fflate';
import { concat, joined } from '../../base/bytes';
import { type Issue, issue } from '../../base/issue';
import { ZstdUnpacker } from '../../capture/compression/zstd';
import { HEADER_BYTES, Opcode } from './opcodes';
import { storeSnappy, unpackSnappy } from './snappy';
import { type CompressedMessage, parseMessage, type WireMessage } from './wire';
import { buildMessage } from './wire-build';

/** Names of hello's `compression` by their ids on the wire; 0 is `noop`. */
export const COMPRESSORS = ['snappy', 'zlib', 'zstd'] as const;

export type Compressor = (typeof COMPRESSORS)[number];

/** Commands that are never compressed: what is secret in them must not be guessed by its length (compression specification). */
export const NEVER_COMPRESSED: ReadonlySet<string> = new Set([
  'hello',
  'isMaster',
  'ismaster',
  'saslStart',
  'saslContinue',
  'getnonce',
  'authenticate',
  'createUser',
  'updateUser',
  'copydbSaslStart',
  'copydbgetnonce',
  'copydb',
]);

const ZSTD_MAGIC = 0xfd2f_b528;

/** Bytes before the compressed ones: the header, the original opcode, the size, the compressor. */
const PREFIX = HEADER_BYTES + 9;

/** The message inside, as if it had not been compressed: its offsets count in `bytes`. */
export interface Unpacked {
  readonly message: WireMessage;
  readonly bytes: Uint8Array;
  readonly issues: readonly Issue[];
}

export function isCompressor(name: string): name is Compressor {
  return (COMPRESSORS as readonly string[]).includes(name);
}

export function compressorOf(id: number): Compressor | undefined {
  return COMPRESSORS[id - 1];
}

/**
 * @param limit most bytes that are unpacked: a claim above it is an issue, and nothing is allocated for it
 * @returns the message, or why there is none
 */
export function unpack(outer: CompressedMessage, bytes: Uint8Array, limit: number): Unpacked | Issue {
  const { header, uncompressedSize, compressorId, originalOpcode } = outer;
  if (originalOpcode === Opcode.COMPRESSED) {
    return issue('MONGO_COMPRESSED', 'OP_COMPRESSED inside of OP_COMPRESSED', HEADER_BYTES);
  }
  if (uncompressedSize < 0 || uncompressedSize > limit) {
    const text = `OP_COMPRESSED claims ${uncompressedSize} bytes; at most ${limit} are unpacked`;
    return issue('MONGO_COMPRESSED_SIZE', text, HEADER_BYTES + 4);
  }
  const body = expand(compressorId, bytes.subarray(PREFIX), uncompressedSize);
  if (!body) {
    const name = compressorOf(compressorId) ?? (compressorId === 0 ? 'noop' : `compressor ${compressorId}`);
    const text = `what is compressed with ${name} is damaged or not ${uncompressedSize} bytes long`;
    return issue('MONGO_COMPRESSED', text, PREFIX);
  }
  const inner = buildMessage(originalOpcode, header.requestId, header.responseTo, body);
  const { value, issues } = parseMessage(inner, {
    ...header,
    opcode: originalOpcode,
    messageLength: inner.length,
  });
  return { message: value, bytes: inner, issues };
}

function expand(compressorId: number, bytes: Uint8Array, size: number): Uint8Array | undefined {
  try {
    switch (compressorId) {
      case 0:
        return bytes.length === size ? bytes : undefined;
      case 1:
        return unpackSnappy(bytes, size);
      case 2:
        return unpackZlib(bytes, size);
      case 3:
        return unpackZstd(bytes, size);
      default:
        return undefined;
    }
  } catch {
    // Both unpackers throw on damage.
    return undefined;
  }
}

/** Bytes that zlib is given at a time: each may make a thousand, and what comes out past `size` is not waited for. */
const ZLIB_PIECE = 512;

function unpackZlib(bytes: Uint8Array, size: number): Uint8Array | undefined {
  const out = new Uint8Array(size);
  let at = 0;
  const unzlib = new Unzlib((piece) => {
    if (at + piece.length <= size) out.set(piece, at);
    at += piece.length;
  });
  for (let from = 0; from < bytes.length && at <= size; from += ZLIB_PIECE) {
    const end = from + ZLIB_PIECE;
    unzlib.push(bytes.subarray(from, end), end >= bytes.length);
  }
  return bytes.length > 0 && at === size ? out : undefined;
}

/** What comes out past `size` is not waited for. */
function unpackZstd(bytes: Uint8Array, size: number): Uint8Array | undefined {
  const unpacker = new ZstdUnpacker();
  const out = new Uint8Array(size);
  let at = 0;
  for (const piece of unpacker.push(bytes)) {
    if (at + piece.length > size) return undefined;
    out.set(piece, at);
    at += piece.length;
  }
  unpacker.finish();
  return at === size ? out : undefined;
}

/**
 * A whole message as OP_COMPRESSED. The stream is valid and as long as before: what the lab sends is short, and the code that would
 * make it shorter is not.
 */
export function pack(message: Uint8Array, compressor: Compressor): Uint8Array {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const body = message.subarray(HEADER_BYTES);
  const prefix = new Uint8Array(9);
  const fields = new DataView(prefix.buffer);
  fields.setInt32(0, view.getInt32(12, true), true);
  fields.setInt32(4, body.length, true);
  prefix[8] = COMPRESSORS.indexOf(compressor) + 1;
  const stored = STORE[compressor](body);
  return buildMessage(
    Opcode.COMPRESSED,
    view.getInt32(4, true),
    view.getInt32(8, true),
    concat(prefix, stored),
  );
}

const STORE: Readonly<Record<Compressor, (bytes: Uint8Array) => Uint8Array>> = {
  snappy: storeSnappy,
  zlib: storeZlib,
  zstd: storeZstd,
};

/** Stored blocks (RFC 1951 section 3.2.4) in a zlib stream (RFC 1950). */
function storeZlib(bytes: Uint8Array): Uint8Array {
  const longest = 65_535;
  const parts: Uint8Array[] = [Uint8Array.of(0x78, 1)];
  for (let from = 0; from === 0 || from < bytes.length; from += longest) {
    const piece = bytes.subarray(from, from + longest);
    const last = from + longest >= bytes.length ? 1 : 0;
    const { length } = piece;
    parts.push(Uint8Array.of(last, length & 255, length >>> 8, ~length & 255, (~length >>> 8) & 255), piece);
  }
  const sum = adler32(bytes);
  parts.push(Uint8Array.of(sum >>> 24, (sum >>> 16) & 255, (sum >>> 8) & 255, sum & 255));
  return joined(parts);
}

function adler32(bytes: Uint8Array): number {
  let a = 1;
  let b = 0;
  for (const byte of bytes) {
    a = (a + byte) % 65_521;
    b = (b + a) % 65_521;
  }
  return ((b << 16) | a) >>> 0;
}

/** One frame with its content size and raw blocks (RFC 8878 section 3.1.1). */
function storeZstd(bytes: Uint8Array): Uint8Array {
  const longest = 65_536;
  const head = new Uint8Array(9);
  new DataView(head.buffer).setUint32(0, ZSTD_MAGIC, true);
  head[4] = 0xa0;
  new DataView(head.buffer).setUint32(5, bytes.length, true);
  const parts: Uint8Array[] = [head];
  for (let from = 0; from === 0 || from < bytes.length; from += longest) {
    const piece = bytes.subarray(from, from + longest);
    const block = (piece.length << 3) | (from + longest >= bytes.length ? 1 : 0);
    parts.push(Uint8Array.of(block & 255, (block >>> 8) & 255, block >>> 16), piece);
  }
  return joined(parts);
}
