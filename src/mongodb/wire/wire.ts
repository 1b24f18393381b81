import { Cursor } from '../../base/cursor';
import { type Decoded, type Issue, issue } from '../../base/issue';
import { type BsonDocumentSpan, i32le, soundDocument, walkBson } from './bson-span';
import { crc32c } from './crc32c';
import { HEADER_BYTES, MAX_MESSAGE_BYTES, MsgFlag, Opcode, opcodeName } from './opcodes';

/** The 16 bytes before every message, little-endian. */
export interface Header {
  readonly messageLength: number;
  readonly requestId: number;
  /** The `requestId` that this message answers; 0 in requests. */
  readonly responseTo: number;
  readonly opcode: number;
}

export type HeaderResult =
  | { readonly kind: 'more' }
  | { readonly kind: 'header'; readonly header: Header }
  | { readonly kind: 'bad'; readonly issue: Issue };

/** Reads a header if 16 bytes are there. A length or opcode that cannot be is `bad`: the stream cannot be followed further. */
export function parseHeader(bytes: Uint8Array, at = 0): HeaderResult {
  if (bytes.length - at < HEADER_BYTES) return { kind: 'more' };
  const header = {
    messageLength: i32le(bytes, at),
    requestId: i32le(bytes, at + 4),
    responseTo: i32le(bytes, at + 8),
    opcode: i32le(bytes, at + 12),
  };
  if (header.messageLength < HEADER_BYTES || header.messageLength > MAX_MESSAGE_BYTES) {
    const text = `A message claims ${header.messageLength} bytes; ${HEADER_BYTES} to ${MAX_MESSAGE_BYTES} are possible`;
    return { kind: 'bad', issue: issue('MONGO_BAD_LENGTH', text, at) };
  }
  if (opcodeName(header.opcode) === undefined) {
    return {
      kind: 'bad',
      issue: issue('MONGO_BAD_OPCODE', `${header.opcode} is not an operation code`, at + 12),
    };
  }
  return { kind: 'header', header };
}

/** A kind 1 section of OP_MSG: documents under one name. */
export interface DocumentSequence {
  readonly identifier: string;
  readonly offset: number;
  readonly length: number;
  readonly documents: readonly BsonDocumentSpan[];
}

interface Common {
  readonly header: Header;
}

/** OP_QUERY: a command when `collection` ends in `.$cmd` (mongos `Request::init`). */
export interface QueryMessage extends Common {
  readonly kind: 'query';
  readonly flags: number;
  /** `admin.$cmd`. */
  readonly collection: string;
  readonly numberToSkip: number;
  readonly numberToReturn: number;
  readonly document: BsonDocumentSpan;
}

export interface ReplyMessage extends Common {
  readonly kind: 'reply';
  readonly flags: number;
  readonly cursorId: bigint;
  readonly startingFrom: number;
  readonly numberReturned: number;
  /** The first documents, at most {@link WIRE_LIMITS}`.documents`. */
  readonly documents: readonly BsonDocumentSpan[];
}

export interface MsgMessage extends Common {
  readonly kind: 'msg';
  readonly flags: number;
  /** The one kind 0 section. */
  readonly document: BsonDocumentSpan;
  readonly sequences: readonly DocumentSequence[];
  /** CRC-32C as sent; null when the flag is not set. */
  readonly checksum: number | null;
}

/** OP_COMMAND (3.2 and 3.4 between servers and in tools). */
export interface CommandMessage extends Common {
  readonly kind: 'command';
  readonly database: string;
  readonly commandName: string;
  readonly document: BsonDocumentSpan;
}

export interface CommandReplyMessage extends Common {
  readonly kind: 'commandReply';
  readonly document: BsonDocumentSpan;
}

/** OP_COMPRESSED: its header is read, its content is not unpacked. */
export interface CompressedMessage extends Common {
  readonly kind: 'compressed';
  readonly originalOpcode: number;
  /** As claimed, and not trusted: nothing is allocated by it. */
  readonly uncompressedSize: number;
  readonly compressorId: number;
}

/** An opcode retired before or with 6.0 (OP_INSERT, OP_GET_MORE, …): only its header is read. */
export interface RetiredMessage extends Common {
  readonly kind: 'retired';
}

export type WireMessage =
  | QueryMessage
  | ReplyMessage
  | MsgMessage
  | CommandMessage
  | CommandReplyMessage
  | CompressedMessage
  | RetiredMessage;

const WIRE_LIMITS = { documents: 100, sections: 100 } as const;

/**
 * Reads one whole message (`bytes` holds `header.messageLength` bytes, or fewer when it was cut: then there are issues). All
 * offsets count from the first byte of the header.
 */
export function parseMessage(bytes: Uint8Array, header: Header): Decoded<WireMessage> {
  const issues: Issue[] = [];
  const cursor = new Cursor(bytes, HEADER_BYTES, Math.min(bytes.length, header.messageLength));
  if (bytes.length < header.messageLength) {
    issues.push(
      issue('MONGO_CUT', `${bytes.length} of ${header.messageLength} bytes are there`, bytes.length),
    );
  }
  const value = parseBody(bytes, header, cursor, issues);
  if (cursor.overran) issues.push(issue('MONGO_SHORT', 'The message ends inside a field', cursor.position));
  return { value, issues };
}

function parseBody(bytes: Uint8Array, header: Header, cursor: Cursor, issues: Issue[]): WireMessage {
  switch (header.opcode) {
    case Opcode.QUERY:
      return {
        kind: 'query',
        header,
        flags: cursor.i32le(),
        collection: cursor.sharedCstring(),
        numberToSkip: cursor.i32le(),
        numberToReturn: cursor.i32le(),
        document: nextDocument(bytes, cursor, issues),
      };
    case Opcode.REPLY: {
      const flags = cursor.i32le();
      const low = cursor.u32le();
      const high = cursor.i32le();
      const startingFrom = cursor.i32le();
      const numberReturned = cursor.i32le();
      const documents: BsonDocumentSpan[] = [];
      while (cursor.remaining > 0 && documents.length < Math.min(numberReturned, WIRE_LIMITS.documents)) {
        documents.push(nextDocument(bytes, cursor, issues));
      }
      const cursorId = low === 0 && high === 0 ? 0n : (BigInt(high) << 32n) | BigInt(low);
      return { kind: 'reply', header, flags, cursorId, startingFrom, numberReturned, documents };
    }
    case Opcode.MSG:
      return parseMsg(bytes, header, cursor, issues);
    case Opcode.COMMAND:
      return {
        kind: 'command',
        header,
        database: cursor.sharedCstring(),
        commandName: cursor.sharedCstring(),
        // 3.2 put the metadata before the arguments, 3.4 after; the first document is shown either way.
        document: nextDocument(bytes, cursor, issues),
      };
    case Opcode.COMMANDREPLY:
      return { kind: 'commandReply', header, document: nextDocument(bytes, cursor, issues) };
    case Opcode.COMPRESSED: {
      const message: CompressedMessage = {
        kind: 'compressed',
        header,
        originalOpcode: cursor.i32le(),
        uncompressedSize: cursor.i32le(),
        compressorId: cursor.u8(),
      };
      if (message.uncompressedSize < 0 || message.uncompressedSize > MAX_MESSAGE_BYTES) {
        const text = `OP_COMPRESSED claims ${message.uncompressedSize} bytes; at most ${MAX_MESSAGE_BYTES} are possible`;
        issues.push(issue('MONGO_COMPRESSED_SIZE', text, HEADER_BYTES + 4));
      }
      return message;
    }
    default:
      return { kind: 'retired', header };
  }
}

function nextDocument(bytes: Uint8Array, cursor: Cursor, issues: Issue[]): BsonDocumentSpan {
  const found = documentAt(bytes, cursor.position, cursor.end, issues);
  cursor.skip(found.length);
  return found;
}

/** The document at `start`: nearly all are sound, and are not walked before somebody asks for their elements. */
function documentAt(bytes: Uint8Array, start: number, end: number, issues: Issue[]): BsonDocumentSpan {
  const sound = soundDocument(bytes, start, end);
  if (sound) return sound;
  const walked = walkBson(bytes, start, end);
  for (const issue of walked.issues) issues.push(issue);
  return walked.value;
}

function parseMsg(bytes: Uint8Array, header: Header, outer: Cursor, issues: Issue[]): MsgMessage {
  const flags = outer.i32le();
  const unknown = flags & 0xfffc;
  if (unknown !== 0) {
    const text = `OP_MSG has required flag bits 0x${unknown.toString(16)} that are not defined`;
    issues.push(issue('MONGO_MSG_FLAGS', text, HEADER_BYTES));
  }
  const hasChecksum = (flags & MsgFlag.CHECKSUM_PRESENT) !== 0;
  const end = hasChecksum ? outer.end - 4 : outer.end;
  let checksum: number | null = null;
  if (hasChecksum && end >= outer.position && bytes.length >= header.messageLength) {
    checksum = new Cursor(bytes, end).u32le();
    const computed = crc32c(bytes.subarray(0, end));
    if (computed !== checksum) {
      const text = `The OP_MSG checksum is ${checksum.toString(16)}, the bytes give ${computed.toString(16)}`;
      issues.push(issue('MONGO_CHECKSUM', text, end));
    }
  }
  const cursor = new Cursor(bytes, outer.position, end);
  let body: BsonDocumentSpan | undefined;
  const sequences: DocumentSequence[] = [];
  for (let sections = 0; cursor.remaining > 0 && sections < WIRE_LIMITS.sections; sections++) {
    const at = cursor.position;
    const kind = cursor.u8();
    if (kind === 0) {
      const found = nextDocument(bytes, cursor, issues);
      if (body) issues.push(issue('MONGO_MSG_SECTIONS', 'OP_MSG has a second body section', at));
      body ??= found;
    } else if (kind === 1) {
      const length = cursor.i32le();
      const sequenceEnd = at + 1 + length;
      if (length < 5 || sequenceEnd > cursor.end) {
        issues.push(issue('MONGO_MSG_SECTIONS', `A document sequence claims ${length} bytes`, at));
        break;
      }
      sequences.push(parseSequence(bytes, cursor.position, sequenceEnd, at, issues));
      cursor.skip(sequenceEnd - cursor.position);
    } else {
      issues.push(issue('MONGO_MSG_SECTIONS', `OP_MSG has a section of unknown kind ${kind}`, at));
      break;
    }
  }
  outer.skip(outer.remaining);
  if (!body) issues.push(issue('MONGO_MSG_SECTIONS', 'OP_MSG has no body section', HEADER_BYTES + 4));
  const document = body ?? { offset: HEADER_BYTES + 4, length: 0, elements: [] };
  return { kind: 'msg', header, flags, document, sequences, checksum };
}

function parseSequence(
  bytes: Uint8Array,
  start: number,
  end: number,
  offset: number,
  issues: Issue[],
): DocumentSequence {
  const cursor = new Cursor(bytes, start, end);
  const identifier = cursor.sharedCstring();
  const documents: BsonDocumentSpan[] = [];
  while (cursor.remaining > 0 && documents.length < WIRE_LIMITS.documents) {
    const found = documentAt(bytes, cursor.position, cursor.end, issues);
    documents.push(found);
    if (found.length < 5) break;
    cursor.skip(found.length);
  }
  return { identifier, offset, length: end - offset, documents };
}
