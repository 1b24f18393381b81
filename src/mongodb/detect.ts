import { utf8 } from '../base/bytes';
import { beginsWithElement, i32le } from './wire/bson-span';
import {
  compressorName,
  HEADER_BYTES,
  MAX_MESSAGE_BYTES,
  OPCODE_AT,
  Opcode,
  RESPONSE_TO_AT,
} from './wire/opcodes';

export type Detected = 'yes' | 'no' | 'more';

/** Opcodes that a client opens with, or is seen with when a capture starts in the middle. */
const FROM_CLIENT = new Set<number>([
  Opcode.QUERY,
  Opcode.MSG,
  Opcode.COMMAND,
  Opcode.COMPRESSED,
  Opcode.INSERT,
  Opcode.UPDATE,
  Opcode.DELETE,
  Opcode.GET_MORE,
  Opcode.KILL_CURSORS,
]);
const FROM_SERVER = new Set<number>([Opcode.REPLY, Opcode.MSG, Opcode.COMMANDREPLY, Opcode.COMPRESSED]);

/** Bytes of a message looked at before it must be called one; a BSON root shows itself well before. */
const ENOUGH = 512;

/**
 * Whether a conversation is MongoDB's wire protocol, by the first bytes of either side and on any port. Conservative: header, ids and
 * the start of the body must all make sense; a header alone is not enough.
 *
 * @param client first bytes from the side taken for the client, may be empty; @param server of the other.
 */
export function detectMongo(client: Uint8Array, server: Uint8Array): Detected {
  const fromClient = looksLike(client, FROM_CLIENT, false);
  const fromServer = looksLike(server, FROM_SERVER, true);
  // A request says it all, whoever answers; a reply only where the other side has said nothing that contradicts it.
  if (fromClient === 'yes') return 'yes';
  if (fromClient === 'no' || fromServer === 'no') return 'no';
  return fromServer === 'yes' ? 'yes' : 'more';
}

/** What mongod and mongos answer to an HTTP request: it names itself in plain text. */
export function answersHttpAsMongo(server: Uint8Array): boolean {
  return /trying to access MongoDB over HTTP/i.test(utf8(server.subarray(0, ENOUGH)));
}

function looksLike(bytes: Uint8Array, opcodes: ReadonlySet<number>, reply: boolean): Detected {
  if (bytes.length === 0) return 'more';
  // A length of four bytes whose top byte is not 0, 1 or 2 is already too long: text and TLS fail here early.
  if (bytes.length < HEADER_BYTES) return bytes.length >= 4 && bytes[3] > 2 ? 'no' : 'more';
  const length = i32le(bytes, 0);
  const responseTo = i32le(bytes, RESPONSE_TO_AT);
  const opcode = i32le(bytes, OPCODE_AT);
  if (length < HEADER_BYTES || length > MAX_MESSAGE_BYTES || !opcodes.has(opcode)) return 'no';
  // Requests answer nothing (some clients write -1), replies always something: this also tells the two sides apart.
  const answers = responseTo !== 0 && responseTo !== -1;
  if (answers !== reply) return 'no';
  return bodyLooksLike(bytes.length > length ? bytes.subarray(0, length) : bytes, opcode, length);
}

function bodyLooksLike(bytes: Uint8Array, opcode: number, length: number): Detected {
  const cut: Detected = bytes.length < Math.min(length, ENOUGH) ? 'more' : 'no';
  switch (opcode) {
    case Opcode.MSG: {
      if (bytes.length < HEADER_BYTES + 5) return cut;
      const flags = i32le(bytes, HEADER_BYTES);
      const kind = bytes[HEADER_BYTES + 4];
      if ((flags & 0xfffc) !== 0 || kind > 1) return 'no';
      return kind === 1
        ? length > HEADER_BYTES + 9
          ? 'yes'
          : 'no'
        : root(bytes, HEADER_BYTES + 5, length, cut);
    }
    case Opcode.REPLY: {
      if (bytes.length < HEADER_BYTES + 20) return cut;
      const returned = i32le(bytes, HEADER_BYTES + 16);
      if (returned === 0) return length === HEADER_BYTES + 20 ? 'yes' : 'no';
      return returned < 0 ? 'no' : root(bytes, HEADER_BYTES + 20, length, cut);
    }
    case Opcode.COMPRESSED: {
      if (bytes.length < HEADER_BYTES + 9) return cut;
      const original = i32le(bytes, HEADER_BYTES);
      const size = i32le(bytes, HEADER_BYTES + 4);
      const known = FROM_CLIENT.has(original) || FROM_SERVER.has(original);
      const named = !compressorName(bytes[HEADER_BYTES + 8]).includes(' ');
      return known && named && size >= 0 && size <= MAX_MESSAGE_BYTES ? 'yes' : 'no';
    }
    case Opcode.COMMANDREPLY:
      return root(bytes, HEADER_BYTES, length, cut);
    case Opcode.COMMAND: {
      const database = nameLength(bytes, HEADER_BYTES);
      if (database <= 0) return database === CUT_NAME ? cut : 'no';
      const command = nameLength(bytes, HEADER_BYTES + database + 1);
      if (command <= 0) return command === CUT_NAME ? cut : 'no';
      return root(bytes, HEADER_BYTES + database + 1 + command + 1, length, cut);
    }
    case Opcode.KILL_CURSORS: {
      if (bytes.length < HEADER_BYTES + 8) return cut;
      return i32le(bytes, HEADER_BYTES + 4) * 8 === length - HEADER_BYTES - 8 ? 'yes' : 'no';
    }
    default: {
      // OP_QUERY and the old writes: flags or zero, then a namespace with a dot.
      const at = HEADER_BYTES + 4;
      const namespace = nameLength(bytes, at);
      if (namespace <= 0) return namespace === CUT_NAME ? cut : 'no';
      const dot = bytes.indexOf(0x2e, at);
      if (dot < 0 || dot > at + namespace) return 'no';
      return opcode === Opcode.QUERY ? root(bytes, at + namespace + 1 + 8, length, cut) : 'yes';
    }
  }
}

const NO_NAME = -1;
const CUT_NAME = -2;

/** Length of the short printable name that ends in NUL at `at`; {@link NO_NAME}, or {@link CUT_NAME} where its end is not there yet. */
function nameLength(bytes: Uint8Array, at: number): number {
  let length = 0;
  for (; at + length < bytes.length; length++) {
    const byte = bytes[at + length];
    if (byte === 0) return length;
    if (length >= 250 || byte < 0x20 || byte === 0x7f) return NO_NAME;
  }
  return CUT_NAME;
}

/** A document at `at` that fits the message and begins with an element of a known type. */
function root(bytes: Uint8Array, at: number, messageLength: number, cut: Detected): Detected {
  if (at + 5 > messageLength) return 'no';
  if (bytes.length < at + 5) return cut;
  const size = i32le(bytes, at);
  if (size < 5 || at + size > messageLength) return 'no';
  if (size === 5) return bytes[at + 4] === 0 ? 'yes' : 'no';
  return beginsWithElement(bytes, at, at + size) ? 'yes' : cut;
}
