import { joined, utf8Bytes } from '../../base/bytes';
import { walkBson } from '../../mongodb/wire/bson-span';
import { unpack } from '../../mongodb/wire/compression';
import { HEADER_BYTES, Opcode } from '../../mongodb/wire/opcodes';
import { type Header, parseMessage } from '../../mongodb/wire/wire';
import { buildMessage } from '../../mongodb/wire/wire-build';
import type { Allowed } from './allowed';
import { packTo } from './pack-to';

/** The original opcode, the size and the compressor. */
const PREFIX = 9;
const MAX_UNPACKED = 256 * 1024;
/** What is before the first document: flags and the kind of the section of OP_MSG; flags, cursor and two numbers of OP_REPLY. */
const DOCUMENT_AT: ReadonlyMap<number, number> = new Map([
  [Opcode.MSG, 5],
  [Opcode.REPLY, 20],
]);
const TELLING: ReadonlySet<string> = new Set(['ok', 'code', 'codeName']);
const STRING = 2;
const FILLER = 'comment';
/** Type, name with NUL, length, NUL of a string; and the NUL of the document. */
const FILLER_BYTES = 1 + FILLER.length + 1 + 4 + 1 + 1;

/**
 * OP_COMPRESSED: what is inside is unpacked, written anew and packed again to as many bytes; where they are too few, with as much of it as
 * says what message it is. Where that cannot be either, the content becomes zeros. The packed bytes never stay, also where nothing in them
 * changed: bytes that unpack to nothing, behind their end or in blocks to be skipped, may say anything.
 *
 * @param redact writes a whole message anew, in place.
 */
export function redactCompressed(out: Allowed, header: Header, redact: (inner: Uint8Array) => void): void {
  const start = HEADER_BYTES + PREFIX;
  out.keep(HEADER_BYTES, Math.min(start, out.length));
  const { value } = parseMessage(out.source, header);
  if (value.kind !== 'compressed' || out.length <= start) return;
  const inner = unpack(value, out.source, MAX_UNPACKED);
  if (!('bytes' in inner)) return;
  const { originalOpcode, compressorId } = value;
  const content = inner.bytes.subarray(HEADER_BYTES);
  const copy = buildMessage(originalOpcode, header.requestId, header.responseTo, content);
  redact(copy);
  out.names.noteHidden(copy);
  const body = copy.subarray(HEADER_BYTES);
  const length = out.length - start;
  const packed =
    packTo(compressorId, body, length) ??
    packTo(compressorId, outlineOf(body, DOCUMENT_AT.get(originalOpcode)), length);
  if (packed) out.bytes.set(packed, start);
}

/** A message as long, with the name of the command or how it ended, and one long string. */
function outlineOf(body: Uint8Array, start?: number): Uint8Array {
  if (start === undefined || body.length < start + FILLER_BYTES) return body;
  const { elements } = walkBson(body, start).value;
  const kept = elements.filter(
    ({ name, length, valueLength }, i) => (i === 0 || TELLING.has(name)) && length < 64 && valueLength < 48,
  );
  const parts = kept.map((element) => body.slice(element.offset, element.offset + element.length));
  const used = start + 4 + parts.reduce((sum, part) => sum + part.length, 0) + FILLER_BYTES;
  const room = body.length - used;
  if (room < 0) return body;
  const outline = new Uint8Array(body.length);
  const view = new DataView(outline.buffer);
  // No checksum: its flag is the lowest of the first byte.
  outline.set(body.subarray(0, start));
  if (start < 20) outline[0] &= 0xfe;
  view.setInt32(start, body.length - start, true);
  outline.set(joined(parts), start + 4);
  const at = used - FILLER_BYTES;
  outline[at] = STRING;
  outline.set(utf8Bytes(FILLER), at + 1);
  view.setInt32(at + FILLER.length + 2, room + 1, true);
  outline.fill(0x78, at + FILLER.length + 6, at + FILLER.length + 6 + room);
  return outline;
}
