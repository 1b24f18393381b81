/**
 * What a command is to the handshake: the part of the transition table that depends on names. Commands are matched as servers do
 * for these few, without regard to case (`ismaster`, `isMaster`).
 */

import { fromBase64 } from '../auth/base64';
import { MongoCode } from './errors';
import type { Event } from './transitions';
import type { BsonView } from './wire/bson-value';

export type RequestKind = 'hello' | 'getnonce' | 'authenticate' | 'saslStart' | 'saslContinue' | 'command';

/** A command's kind, its usual spelling, and what its reply is called. */
export interface RequestName {
  readonly kind: RequestKind;
  readonly name: string;
  readonly reply: string;
}

const KINDS: ReadonlyMap<string, RequestName> = new Map([
  ['hello', { kind: 'hello', name: 'hello', reply: 'hello reply' }],
  ['ismaster', { kind: 'hello', name: 'isMaster', reply: 'isMaster reply' }],
  ['getnonce', { kind: 'getnonce', name: 'getnonce', reply: 'getnonce reply' }],
  ['authenticate', { kind: 'authenticate', name: 'authenticate', reply: 'authenticate reply' }],
  ['saslstart', { kind: 'saslStart', name: 'saslStart', reply: 'saslStart reply' }],
  ['saslcontinue', { kind: 'saslContinue', name: 'saslContinue', reply: 'saslContinue reply' }],
]);

/** The kind of a command and its usual spelling. Names of other commands are kept, cut to 64 characters. */
export function requestKind(commandName: string): RequestName {
  const known = commandName.length <= 16 ? KINDS.get(commandName.toLowerCase()) : undefined;
  return known ?? otherRequest(commandName.slice(0, 64) || '(empty command)');
}

/** What is called so, and is no step of a handshake. */
export function otherRequest(name: string): RequestName {
  return { kind: 'command', name, reply: `${name} reply` };
}

/** The table's event for a request. */
export function requestEvent(kind: RequestKind, command: BsonView | undefined): Event {
  return kind === 'hello' && command && isAwaitable(command) ? 'awaitable hello' : kind;
}

/** A monitor's hello: its answer may wait (Server Monitoring specification, Awaitable hello). */
export function isAwaitable(hello: BsonView): boolean {
  return hello.has('topologyVersion') && hello.has('maxAwaitTimeMS');
}

/** Whether a command carries secrets or decides who the client is. */
export function isAuthentication(kind: RequestKind): boolean {
  return kind !== 'hello' && kind !== 'command';
}

/** Old shells wrap a command: `{ $query: { isMaster: 1 }, $readPreference: … }` (mongos `Strategy::clientCommandOp` unwraps it). */
export function unwrapQuery(document: BsonView): BsonView {
  return document.document('$query') ?? document;
}

/** SASL payload: binary, or base64 text from old clients. */
export function saslPayload(document: BsonView): Uint8Array | undefined {
  const bytes = document.binary('payload');
  if (bytes) return bytes;
  const text = document.string('payload');
  return text === undefined ? undefined : fromBase64(text);
}

/** The table's event for a reply to a request of `kind`. `moreToCome`: the flag of an OP_MSG. */
export function replyEvent(kind: RequestKind, reply: BsonView, moreToCome = false): Event {
  const ok = reply.truthy('ok');
  switch (kind) {
    case 'command':
      // Any other error is an answer too: the connection can be used.
      return !ok && reply.number('code') === MongoCode.UNAUTHORIZED ? 'unauthorized' : 'command reply';
    case 'hello': {
      // Servers before 2.x answer without ok to some; an errmsg is what makes it a refusal.
      if (!ok) return 'hello error';
      if (moreToCome) return 'hello reply, more to come';
      const speculative = reply.document('speculativeAuthenticate');
      if (!speculative) return 'hello reply';
      const finished = speculative.has('conversationId') ? speculative.truthy('done') : true;
      return finished ? 'hello reply, authenticated' : 'hello reply, challenge';
    }
    case 'getnonce':
      return ok ? 'getnonce reply' : 'auth error';
    case 'authenticate':
      return ok ? 'authenticate reply' : 'auth error';
    case 'saslStart':
    case 'saslContinue':
      if (!ok) return 'auth error';
      if (reply.truthy('done')) return 'sasl done';
      return isServerFinal(saslPayload(reply)) ? 'server final' : 'challenge';
    default: {
      const never: never = kind;
      return never;
    }
  }
}

/** server-final-message: `v=` or `e=` first (RFC 5802 section 7). */
export function isServerFinal(payload: Uint8Array | undefined): boolean {
  return (
    payload !== undefined && payload[1] === EQUALS && (payload[0] === LETTER_V || payload[0] === LETTER_E)
  );
}

const EQUALS = 0x3d;
const LETTER_E = 0x65;
const LETTER_V = 0x76;
