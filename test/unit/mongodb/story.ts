/** Conversations written line by line, for what an observer says about them. */
import { Binary } from 'bson';
import { utf8Bytes } from '../../../src/base/bytes';
import type { Side } from '../../../src/base/mark';
import type { Document } from '../../../src/mongodb/wire/bson';
import { buildMsg } from '../../../src/mongodb/wire/wire-build';
import { Watcher } from './observe';

export type Line = readonly [Side, Uint8Array];

let id = 0;

/** The id of the next request. Lines are made in the order in which they are said. */
export function messageId(): number {
  return ++id;
}

export function ask(command: Document, db = 'admin'): Line {
  return ['client', buildMsg(messageId(), 0, { ...command, $db: db })];
}

/** Answers the last request. */
export function say(document: Document): Line {
  return ['server', buildMsg(id, id, { ok: 1, ...document })];
}

export function sasl(text: string): Binary {
  return new Binary(utf8Bytes(text));
}

/** @param midStream the capture has no SYN */
export function tell(lines: readonly Line[], midStream = false, secure = false): Watcher {
  const watcher = new Watcher(secure);
  if (!midStream) for (const from of ['client', 'server'] as const) watcher.feed({ kind: 'open', from });
  for (const [from, bytes] of lines) watcher.bytes(from, bytes);
  return watcher;
}
