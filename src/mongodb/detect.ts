import { beginsWithElement } from './wire/bson-span';
import { compressorName, HEADER_BYTES, MAX_MESSAGE_BYTES, Opcode } from './wire/opcodes';
import { parseHeader } from './wire/wire';

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
  if (fromClient === 'no' || fromServer === 'no') return 'no';
  if (fromClient === 'yes' || fromServer === 'yes') return 'yes';
  return 'more';
}

function looksLike(bytes: Uint8Array, opcodes: ReadonlySet<number>, reply: boolean): Detected {
  if (bytes.length === 0) return 'more';
  const result = parseHeader(bytes);
  // A length of four bytes whose top byte is not 0, 1 or 2 is already too long: text and TLS fail here early.
  if (result.kind === 'more') return bytes.length >= 4 && bytes[3] > 2 ? 'no' : 'more';
  if (result.kind === 'bad') return 'no';
  const { header } = result;
  if (!opcodes.has(header.opcode)) return 'no';
  // Requests answer nothing (some clients write -1), replies always something: this also tells the two sides apart.
  const answers = header.responseTo !== 0 && header.responseTo !== -1;
  if (answers !== reply) return 'no';
  return bodyLooksLike(bytes.subarray(0, header.messageLength), header.opcode, header.messageLength);
}

function bodyLooksLike(bytes: Uint8Array, opcode: number, length: number): Detected {
  const cut: Detected = bytes.length < Math.min(length, ENOUGH) ? 'more' : 'no';
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (opcode) {
    case Opcode.MSG: {
      if (bytes.length < HEADER_BYTES + 5) return cut;
      const flags = view.getUint32(HEADER_BYTES, true);
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
      const returned = view.getInt32(HEADER_BYTES + 16, true);
      if (returned === 0) return length === HEADER_BYTES + 20 ? 'yes' : 'no';
      return returned < 0 ? 'no' : root(bytes, HEADER_BYTES + 20, length, cut);
    }
    case Opcode.COMPRESSED: {
      if (bytes.length < HEADER_BYTES + 9) return cut;
      const original = view.getInt32(HEADER_BYTES, true);
      const size = view.getInt32(HEADER_BYTES + 4, true);
      const known = FROM_CLIENT.has(original) || FROM_SERVER.has(original);
      const named = !compressorName(bytes[HEADER_BYTES + 8]).includes(' ');
      return known && named && size >= 0 && size <= MAX_MESSAGE_BYTES ? 'yes' : 'no';
    }
    case Opcode.COMMANDREPLY:
      return root(bytes, HEADER_BYTES, length, cut);
    case Opcode.COMMAND:
      return afterName(bytes, HEADER_BYTES, cut, (database) =>
        afterName(bytes, database, cut, (command) => root(bytes, command, length, cut)),
      );
    case Opcode.KILL_CURSORS: {
      if (bytes.length < HEADER_BYTES + 8) return cut;
      return view.getInt32(HEADER_BYTES + 4, true) * 8 === length - HEADER_BYTES - 8 ? 'yes' : 'no';
    }
    default:
      // OP_QUERY and the old writes: flags or zero, then a namespace with a dot.
      return afterName(bytes, HEADER_BYTES + 4, cut, (end) => {
        if (!bytes.subarray(HEADER_BYTES + 4, end).includes(0x2e)) return 'no';
        return opcode === Opcode.QUERY ? root(bytes, end + 8, length, cut) : 'yes';
      });
  }
}

/** Checks for a short printable name that ends in NUL at `at`, and goes on behind it. */
function afterName(bytes: Uint8Array, at: number, cut: Detected, next: (end: number) => Detected): Detected {
  const end = bytes.indexOf(0, at);
  const name = bytes.subarray(at, end < 0 ? bytes.length : end);
  if (name.length > 250 || name.some((byte) => byte < 0x20 || byte === 0x7f)) return 'no';
  if (end < 0) return cut;
  return name.length === 0 ? 'no' : next(end + 1);
}

/** A document at `at` that fits the message and begins with an element of a known type. */
function root(bytes: Uint8Array, at: number, messageLength: number, cut: Detected): Detected {
  if (at + 5 > messageLength) return 'no';
  if (bytes.length < at + 5) return cut;
  const size = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getInt32(at, true);
  if (size < 5 || at + size > messageLength) return 'no';
  if (size === 5) return bytes[at + 4] === 0 ? 'yes' : 'no';
  return beginsWithElement(bytes, at, at + size) ? 'yes' : cut;
}
