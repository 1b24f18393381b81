import { concat, joined, utf8Bytes } from '../../base/bytes';
import { type Document, encodeBson } from './bson';
import { crc32c } from './crc32c';
import { HEADER_BYTES, MsgFlag, Opcode } from './opcodes';

/** A document, or its BSON: what is needed elsewhere too need not be encoded twice. */
export type Encodable = Document | Uint8Array;

function encoded(document: Encodable): Uint8Array {
  return document instanceof Uint8Array ? document : encodeBson(document);
}

/** A whole message: header and body. */
export function buildMessage(
  opcode: number,
  requestId: number,
  responseTo: number,
  body: Uint8Array,
): Uint8Array {
  const message = new Uint8Array(HEADER_BYTES + body.length);
  const view = new DataView(message.buffer);
  view.setInt32(0, message.length, true);
  view.setInt32(4, requestId, true);
  view.setInt32(8, responseTo, true);
  view.setInt32(12, opcode, true);
  message.set(body, HEADER_BYTES);
  return message;
}

function int32s(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  values.forEach((value, index) => {
    view.setInt32(4 * index, value, true);
  });
  return bytes;
}

const NUL = new Uint8Array(1);

/** OP_QUERY for a command on `database`: namespace `database.$cmd`, one document wanted, `slaveOk` set as drivers do. */
export function buildQuery(requestId: number, database: string, command: Document): Uint8Array {
  const secondaryOk = 4;
  const body = concat(
    int32s(secondaryOk),
    utf8Bytes(`${database}.$cmd`),
    NUL,
    int32s(0, -1),
    encodeBson(command),
  );
  return buildMessage(Opcode.QUERY, requestId, 0, body);
}

/** OP_REPLY with one document, or none (mongos `replyToQuery`, `OpQueryReplyBuilder::sendCommandReply`). */
export function buildReply(
  requestId: number,
  responseTo: number,
  document: Encodable | undefined,
  flags = 8,
): Uint8Array {
  const head = int32s(flags, 0, 0, 0, document ? 1 : 0);
  return buildMessage(Opcode.REPLY, requestId, responseTo, document ? concat(head, encoded(document)) : head);
}

export interface MsgOptions {
  readonly flags?: number;
  /** Append CRC-32C and set its flag. */
  readonly checksum?: boolean;
  readonly sequences?: readonly { readonly identifier: string; readonly documents: readonly Document[] }[];
}

/** OP_MSG with a body section. A request's document carries `$db`. */
export function buildMsg(
  requestId: number,
  responseTo: number,
  document: Encodable,
  options: MsgOptions = {},
): Uint8Array {
  const parts = [new Uint8Array(1), encoded(document)];
  for (const sequence of options.sequences ?? []) {
    const content = joined([utf8Bytes(sequence.identifier), NUL, ...sequence.documents.map(encodeBson)]);
    parts.push(Uint8Array.of(1), int32s(content.length + 4), content);
  }
  const flags = (options.flags ?? 0) | (options.checksum ? MsgFlag.CHECKSUM_PRESENT : 0);
  if (options.checksum) parts.push(new Uint8Array(4));
  const message = buildMessage(Opcode.MSG, requestId, responseTo, joined([int32s(flags), ...parts]));
  if (options.checksum) {
    const end = message.length - 4;
    new DataView(message.buffer).setUint32(end, crc32c(message.subarray(0, end)), true);
  }
  return message;
}
