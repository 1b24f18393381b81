import { equalBytes } from '../../base/bytes';
import { type BsonDocumentSpan, type BsonSpan, BsonType } from '../../mongodb/wire/bson-span';
import { unpack } from '../../mongodb/wire/compression';
import { crc32c } from '../../mongodb/wire/crc32c';
import { HEADER_BYTES } from '../../mongodb/wire/opcodes';
import { parseHeader, parseMessage, type WireMessage } from '../../mongodb/wire/wire';
import type { Names } from './names';
import { blankHex, blankScram } from './secrets';

/** Strings that stay: what client and server are, and how they talk. */
const KEPT_KEYS = new Set([
  'mechanism',
  'msg',
  'codeName',
  'mode',
  'level',
  'platform',
  'version',
  'gitVersion',
]);
/** Documents and arrays in which all strings stay. */
const KEPT_INSIDE = new Set(['driver', 'os', 'compression', 'env', 'internalClient']);
const SENTENCES = new Set(['errmsg', '$err', 'err', 'reason']);
const HEX = new Set(['nonce', 'key', 'digest']);

const STRINGS = new Set<number>([BsonType.STRING, BsonType.CODE, BsonType.SYMBOL]);

/** Length before a string, and the NUL behind it; length and subtype before binary data. */
const STRING_LENGTH = 4;
const BINARY_HEADER = 5;
const LETTER = 0x78;
/** Binary subtype of what numbers a session (bsonspec.org). */
const UUID = 4;
const MAX_UNPACKED = 256 * 1024;

/** Takes the secrets and names out of one message of the wire protocol, header included. */
export function redactMongo(bytes: Uint8Array, names: Names, fromServer: boolean): void {
  const header = parseHeader(bytes);
  if (header.kind !== 'header') {
    bytes.fill(0, Math.min(bytes.length, HEADER_BYTES));
    return;
  }
  const { value, issues } = parseMessage(bytes, header.header);
  if (value.kind === 'compressed') {
    // It cannot be packed again to the same length: it stays if nothing in it would change.
    const inner = unpack(value, bytes, MAX_UNPACKED);
    if ('bytes' in inner) {
      const copy = inner.bytes.slice();
      redactMongo(copy, names, fromServer);
      if (equalBytes(copy, inner.bytes)) return;
    }
  }
  const documents = documentsOf(value);
  if (issues.length > 0 || documents === undefined) {
    bytes.fill(0, Math.min(bytes.length, HEADER_BYTES));
    return;
  }
  for (const document of documents) redactElements(bytes, document.elements, names, fromServer);
  if (value.kind === 'query') redactCollection(bytes, names);
  if (value.kind === 'msg' && value.checksum !== null) {
    const at = bytes.length - 4;
    new DataView(bytes.buffer, bytes.byteOffset).setUint32(at, crc32c(bytes.subarray(0, at)), true);
  }
}

/** The documents of a message; undefined for messages that are not read. */
function documentsOf(message: WireMessage): readonly BsonDocumentSpan[] | undefined {
  switch (message.kind) {
    case 'query':
    case 'command':
    case 'commandReply':
      return [message.document];
    case 'reply':
      return message.documents;
    case 'msg':
      return [message.document, ...message.sequences.flatMap((sequence) => sequence.documents)];
    default:
      return undefined;
  }
}

/** `database.$cmd`, after the flags. */
function redactCollection(bytes: Uint8Array, names: Names): void {
  const start = HEADER_BYTES + 4;
  names.mask(bytes, start, Math.max(start, bytes.indexOf(0, start)));
}

function redactElements(
  bytes: Uint8Array,
  elements: readonly BsonSpan[],
  names: Names,
  fromServer: boolean,
): void {
  for (const element of elements) {
    const { name, type, valueOffset, valueLength, children } = element;
    if (type === BsonType.DOCUMENT || type === BsonType.ARRAY) {
      // The server lists mechanisms under the name by which the client gave its user.
      const kept = KEPT_INSIDE.has(name) || (name === 'saslSupportedMechs' && fromServer);
      if (kept) continue;
      if (children) redactElements(bytes, children, names, fromServer);
      else bytes.fill(0, valueOffset + STRING_LENGTH, valueOffset + valueLength);
    } else if (STRINGS.has(type)) {
      const [start, end] = [valueOffset + STRING_LENGTH, valueOffset + valueLength - 1];
      if (HEX.has(name)) blankHex(bytes, start, end);
      else if (SENTENCES.has(name)) names.maskSentence(bytes, start, end);
      else if (!KEPT_KEYS.has(name)) names.mask(bytes, start, end);
    } else if (type === BsonType.BINARY) {
      const [start, end] = [valueOffset + BINARY_HEADER, valueOffset + valueLength];
      if (name === 'payload') blankScram(bytes, start, end, names);
      else if (bytes[start - 1] !== UUID) bytes.fill(0, start, end);
    } else if (type === BsonType.REGEX || type === BsonType.CODE_WITH_SCOPE || type === BsonType.DB_POINTER) {
      bytes.fill(LETTER, valueOffset + STRING_LENGTH, valueOffset + valueLength);
    }
  }
}
