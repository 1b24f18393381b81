import { unwrapQuery } from '../exchange';
import { BsonView } from '../wire/bson-value';
import { bodyOf } from '../wire/message-reader';
import { compressorName, Opcode, opcodeName } from '../wire/opcodes';
import type { WireMessage } from '../wire/wire';

/** The command that a request carries, out of its wrapping; `undefined` for one that is not a command or not read. */
export function commandOf(message: WireMessage, bytes: Uint8Array): BsonView | undefined {
  if (message.kind === 'query' && !message.collection.endsWith('.$cmd')) return undefined;
  const span = bodyOf(message);
  if (!span) return undefined;
  const view = BsonView.of(bytes, span);
  return message.kind === 'query' ? unwrapQuery(view) : view;
}

/** The database that a request is for; empty where it is not said. */
export function databaseOf(message: WireMessage, command: BsonView | undefined): string {
  switch (message.kind) {
    case 'query':
      return beforeDot(message.collection);
    case 'msg':
      return command?.sharedString('$db') ?? '';
    case 'command':
      return message.database;
    default:
      return '';
  }
}

function beforeDot(namespace: string): string {
  const dot = namespace.indexOf('.');
  return dot < 0 ? namespace : namespace.slice(0, dot);
}

/** OP_GET_MORE is answered; the old writes are not. */
export function isQuestion(message: WireMessage): boolean {
  return message.header.opcode === Opcode.GET_MORE;
}

/** One line about a message whose content was not read. */
export function unread(message: WireMessage): string {
  switch (message.kind) {
    case 'compressed': {
      const original = opcodeName(message.originalOpcode) ?? String(message.originalOpcode);
      return `${original} compressed with ${compressorName(message.compressorId)}, not unpacked`;
    }
    case 'query':
      return `query on ${message.collection}`;
    case 'reply':
      return `${message.numberReturned} documents`;
    default:
      return 'not read';
  }
}
