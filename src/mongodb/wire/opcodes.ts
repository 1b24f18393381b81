/**
 * Operation codes of the MongoDB wire protocol (mongodb.com/docs/manual/reference/mongodb-wire-protocol; the retired ones from
 * `networkOpToString` in mongos, `src/mongo/util/net/message.h`).
 */
export const Opcode = {
  REPLY: 1,
  DB_MSG: 1000,
  UPDATE: 2001,
  INSERT: 2002,
  GET_BY_OID: 2003,
  QUERY: 2004,
  GET_MORE: 2005,
  DELETE: 2006,
  KILL_CURSORS: 2007,
  COMMAND: 2010,
  COMMANDREPLY: 2011,
  COMPRESSED: 2012,
  MSG: 2013,
} as const;

const NAMES: ReadonlyMap<number, string> = new Map([
  [Opcode.REPLY, 'OP_REPLY'],
  [Opcode.DB_MSG, 'dbMsg'],
  [Opcode.UPDATE, 'OP_UPDATE'],
  [Opcode.INSERT, 'OP_INSERT'],
  [Opcode.GET_BY_OID, 'OP_GET_BY_OID'],
  [Opcode.QUERY, 'OP_QUERY'],
  [Opcode.GET_MORE, 'OP_GET_MORE'],
  [Opcode.DELETE, 'OP_DELETE'],
  [Opcode.KILL_CURSORS, 'OP_KILL_CURSORS'],
  [Opcode.COMMAND, 'OP_COMMAND'],
  [Opcode.COMMANDREPLY, 'OP_COMMANDREPLY'],
  [Opcode.COMPRESSED, 'OP_COMPRESSED'],
  [Opcode.MSG, 'OP_MSG'],
]);

/** `OP_MSG`, `OP_QUERY`, …; `undefined` for a number that never was an opcode. */
export function opcodeName(opcode: number): string | undefined {
  return NAMES.get(opcode);
}

/** Compressor ids of OP_COMPRESSED (compression specification). */
export function compressorName(id: number): string {
  return ['noop', 'snappy', 'zlib', 'zstd'][id] ?? `compressor ${id}`;
}

/** Bytes of the standard message header. */
export const HEADER_BYTES = 16;

/** Where in it `responseTo` and the opcode are. */
export const RESPONSE_TO_AT = 8;
export const OPCODE_AT = 12;

/** `maxMessageSizeBytes` of every server so far; a longer claim is not a message. */
export const MAX_MESSAGE_BYTES = 48_000_000;

/** OP_MSG flag bits. The first 16 are required: a receiver that does not know one must refuse the message. */
export const MsgFlag = { CHECKSUM_PRESENT: 1, MORE_TO_COME: 2, EXHAUST_ALLOWED: 1 << 16 } as const;

/** OP_REPLY flag bits. */
export const ReplyFlag = {
  CURSOR_NOT_FOUND: 1,
  QUERY_FAILURE: 2,
  SHARD_CONFIG_STALE: 4,
  AWAIT_CAPABLE: 8,
} as const;
