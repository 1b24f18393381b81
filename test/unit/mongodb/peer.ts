import { expect } from 'vitest';
import { MongosConnection } from '../../../src/mongodb/server/connection';
import type { NoteEffect } from '../../../src/mongodb/server/effects';
import type { Document } from '../../../src/mongodb/wire/bson';
import { decodeBson } from '../../../src/mongodb/wire/bson';
import { bodyOf } from '../../../src/mongodb/wire/message-reader';
import { parseHeader, parseMessage } from '../../../src/mongodb/wire/wire';
import { buildMsg } from '../../../src/mongodb/wire/wire-build';
import { answer, type Lab } from './support';

/** A connection spoken to by hand. */
export class Peer {
  readonly server: MongosConnection;
  readonly timers: number[] = [];
  closed = false;
  #id = 0;

  constructor(private readonly lab: Lab) {
    this.server = new MongosConnection(lab.service, {
      remote: '127.0.0.1:1',
      local: '127.0.0.1:27017',
      wake: () => this.drain(),
    });
    this.server.handleConnected();
    this.drain();
  }

  readonly replies: Document[] = [];
  /** Messages as they were sent. */
  readonly written: Uint8Array[] = [];
  readonly notes: NoteEffect[] = [];
  /** Timers are kept in `sleeping` instead of running out at once. */
  holdTimers = false;
  readonly sleeping: string[] = [];

  drain(): void {
    for (let effect = this.server.pollEffect(); effect; effect = this.server.pollEffect()) {
      if (effect.type === 'write') {
        this.written.push(effect.bytes);
        this.replies.push(documentOf(effect.bytes));
      }
      if (effect.type === 'note') this.notes.push(effect);
      if (effect.type === 'close') this.closed = true;
      if (effect.type === 'timer') {
        this.timers.push(effect.milliseconds);
        this.sleeping.push(effect.id);
        if (this.holdTimers) continue;
      }
      answer(this.lab, this.server, effect);
    }
  }

  /** The oldest timer runs out. */
  wake(): void {
    const id = this.sleeping.shift();
    if (id === undefined) throw new Error('nobody sleeps');
    this.server.handleTimer(id);
    this.drain();
  }

  send(bytes: Uint8Array): Document | undefined {
    const before = this.replies.length;
    this.server.handleBytes(bytes);
    this.drain();
    return this.replies[before];
  }

  run(command: Document, db = 'admin'): Document {
    const reply = this.send(buildMsg(++this.#id, 0, { ...command, $db: db }));
    if (!reply) throw new Error('no reply');
    return reply;
  }
}

/** The document that a reply carries. */
export function documentOf(bytes: Uint8Array): Document {
  const result = parseHeader(bytes);
  if (result.kind !== 'header') throw new Error('no header');
  const { value, issues } = parseMessage(bytes, result.header);
  expect(issues).toEqual([]);
  const span = bodyOf(value);
  if (!span) return {};
  return decodeBson(bytes.slice(span.offset, span.offset + span.length)).value;
}
