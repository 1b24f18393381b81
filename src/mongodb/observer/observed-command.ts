import { MongoCode } from '../errors';
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

/** Commands that a server answers also to whoever has not logged in (mongod `requiresAuth() == false`), or that say goodbye. */
const WITHOUT_LOGIN = new Set([
  'ping',
  'buildInfo',
  'buildinfo',
  'whatsmyuri',
  'connectionStatus',
  'logout',
  'endSessions',
  'killCursors',
  'isdbgrid',
  'getLastError',
  'getlasterror',
]);

/** What shells and tools ask for their own sake. Whether they may see it says nothing about the application. */
const PROBING = new Set([
  ...WITHOUT_LOGIN,
  'atlasVersion',
  'hostInfo',
  'serverStatus',
  'getParameter',
  'getCmdLineOpts',
  'getLog',
  'getFreeMonitoringStatus',
  'replSetGetStatus',
  'connPoolStats',
  'top',
  'features',
]);

/** Refusals that say no more than that this one command is not to be had: no privilege, or no such command. Old servers gave no code. */
const NOT_HERE = new Set<number | undefined>([
  undefined,
  MongoCode.UNAUTHORIZED,
  MongoCode.COMMAND_NOT_FOUND,
  MongoCode.COMMAND_NOT_SUPPORTED,
  76,
  303,
]);

export function needsNoLogin(name: string): boolean {
  return WITHOUT_LOGIN.has(name);
}

/** A refusal that no application notices. ping and buildInfo are answered to everybody, so that their refusal counts. */
export function isProbing(name: string, code: number | undefined): boolean {
  if (name === 'endSessions' || name === 'killCursors' || name === 'logout') return true;
  return PROBING.has(name) && !(name === 'ping' || name.toLowerCase() === 'buildinfo') && NOT_HERE.has(code);
}

/** The collection that a command names first, `{ find: 'orders' }`; empty where it names none. */
export function collectionOf(command: BsonView): string {
  return command.sharedString(command.firstName) ?? '';
}
