/** Conversations and the cause that must be found in them, each with near misses that must not give it. */
import { utf8Bytes } from '../../../../src/base/bytes';
import type { CauseCode } from '../../../../src/diagnosis/catalogue';
import type { Document } from '../../../../src/mongodb/wire/bson';
import type { Watcher } from '../observe';
import { ask, type Line, sasl, say, tell } from '../story';

/** One conversation. */
export interface Told {
  readonly name: string;
  readonly told: () => Watcher;
}

export interface NearMiss extends Told {
  /** What it is instead. */
  readonly code: CauseCode;
}

export interface CauseStory extends Told {
  readonly code: CauseCode;
  readonly outcome: 'ready' | 'failed' | 'incomplete' | 'encrypted';
  /** Parameters that the words are filled with. */
  readonly params?: Readonly<Record<string, string | number>>;
  readonly near: readonly NearMiss[];
}

/** A conversation line by line; lines may be grouped. */
export function talk(...lines: readonly (Line | readonly Line[])[]): Watcher {
  return tell(lines.flatMap((one) => (isLine(one) ? [one] : [...one])));
}

function isLine(one: Line | readonly Line[]): one is Line {
  return typeof one[0] === 'string';
}

/** Adds to a conversation. */
export function goOn(watcher: Watcher, ...lines: readonly Line[]): Watcher {
  for (const [from, bytes] of lines) watcher.bytes(from, bytes);
  return watcher;
}

/** The client leaves. */
export function left(watcher: Watcher, afterMs = 50): Watcher {
  watcher.wait(afterMs);
  watcher.close('client');
  return watcher;
}

/** The server's side ends it. */
export function ended(watcher: Watcher, afterMs = 50, how: 'fin' | 'rst' = 'fin'): Watcher {
  watcher.wait(afterMs);
  watcher.close('server', how);
  return watcher;
}

export const MONGOD = { ismaster: true, isWritablePrimary: true, minWireVersion: 0, maxWireVersion: 21 };
export const MEMBER = {
  ...MONGOD,
  setName: 'rs0',
  hosts: ['10.0.0.2:27017', '10.0.0.3:27017'],
  primary: '10.0.0.2:27017',
  me: '10.0.0.2:27017',
};

export function driver(name: string, version: string): Document {
  return { client: { driver: { name, version }, os: { type: 'Linux' } } };
}

export const hello = (reply: Document = MONGOD, asks: Document = {}): Line[] => [
  ask({ hello: 1, ...asks }),
  say(reply),
];
export const refuse = (code: number, errmsg: string, more: Document = {}): Line =>
  say({ ok: 0, code, errmsg, ...more });
export const start = (mechanism = 'SCRAM-SHA-256', db = 'admin', payload = 'n,,n=app_user,r=abcdef'): Line =>
  ask({ saslStart: 1, mechanism, payload: sasl(payload) }, db);
export const challenge = (payload = 'r=abcdefgh,s=QUJD,i=15000'): Line =>
  say({ conversationId: 1, done: false, payload: sasl(payload) });
export const proof = (): Line =>
  ask({ saslContinue: 1, conversationId: 1, payload: sasl('c=biws,r=abcdefgh,p=QUJD') });
export const done = (): Line => say({ conversationId: 1, done: true, payload: sasl('v=QUJD') });
/** A whole login that succeeds. */
export const login = (): Line[] => [...hello(), start(), challenge(), proof(), done()];
export const command = (document: Document = { find: 'orders' }, db = 'shop'): Line => ask(document, db);
export const works = (document: Document = { find: 'orders' }, db = 'shop'): Line[] => [
  command(document, db),
  say({ cursor: {} }),
];
export const text = (words: string): Line => ['server', utf8Bytes(words)];
