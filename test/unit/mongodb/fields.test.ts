/** Every field that is shown of a message has its place in the message's bytes, inside what it belongs to. */
import { Binary } from 'bson';
import { describe, expect, it } from 'vitest';
import { concat, utf8, utf8Bytes } from '../../../src/base/bytes';
import { messageFields } from '../../../src/mongodb/observer/fields';
import { encodeBson } from '../../../src/mongodb/wire/bson';
import { MsgFlag, Opcode } from '../../../src/mongodb/wire/opcodes';
import { parseHeader, parseMessage } from '../../../src/mongodb/wire/wire';
import { buildMessage, buildMsg, buildQuery, buildReply } from '../../../src/mongodb/wire/wire-build';
import type { Field } from '../../../src/trace/model';
import { maskBytes, redactStep } from '../../../src/trace/redact';
import { stepOf } from '../../support/traces';
import { captures, conversationsOf } from './recorded';

interface Range {
  readonly offset: number;
  readonly length: number;
}

/** Checks the places of fields that lie side by side in `within`, and of what they hold. Gives how many there are. */
function check(fields: readonly Field[], within: Range, path: string): number {
  let count = 0;
  let end = within.offset;
  for (const { name, offset, length, fields: inner } of fields) {
    const place = `${path}/${name}`;
    expect([place, typeof offset, typeof length]).toEqual([place, 'number', 'number']);
    const range = { offset: offset ?? -1, length: length ?? -1 };
    // In order, without overlap, and not beyond what they belong to.
    expect([place, range.offset >= end, range.length >= 0]).toEqual([place, true, true]);
    end = range.offset + range.length;
    expect([place, end <= within.offset + within.length]).toEqual([place, true]);
    count += 1 + check(inner ?? [], range, place);
  }
  return count;
}

function fieldsOf(bytes: Uint8Array, kind: 'command' | 'saslStart' | 'hello' = 'command'): Field[] {
  const result = parseHeader(bytes);
  if (result.kind !== 'header') throw new Error('no header');
  const { value } = parseMessage(bytes, result.header);
  return messageFields(bytes, value, { from: 'client', kind, mechanism: 'SCRAM-SHA-256' });
}

const START = {
  saslStart: 1,
  mechanism: 'SCRAM-SHA-256',
  payload: new Binary(utf8Bytes('n,,n=app_user,r=abcdef')),
  options: { skipEmptyExchange: true, deeper: { list: [1, { two: 'x' }, 'é'] } },
};

function opCommand(): Uint8Array {
  const body = concat(utf8Bytes('bücher\0find\0'), encodeBson({ find: 'c' }), encodeBson({ meta: 1 }));
  return buildMessage(Opcode.COMMAND, 1, 0, body);
}

function withSequence(): Uint8Array {
  const documents = concat(encodeBson({ _id: 1 }), encodeBson({ _id: 2 }));
  const name = utf8Bytes('documents\0');
  const length = new Uint8Array(4);
  new DataView(length.buffer).setInt32(0, 4 + name.length + documents.length, true);
  const body = concat(
    new Uint8Array(5),
    encodeBson({ insert: 'c', $db: 'app' }),
    Uint8Array.of(1),
    length,
    name,
    documents,
  );
  return buildMessage(Opcode.MSG, 1, 0, body);
}

const KINDS: readonly (readonly [string, () => Uint8Array])[] = [
  ['OP_QUERY', () => buildQuery(1, 'admin', START)],
  ['OP_REPLY', () => buildReply(1, 1, { ok: 1, ismaster: true, hosts: ['a:1', 'b:2'] })],
  ['OP_MSG', () => buildMsg(1, 0, { ...START, $db: 'admin' })],
  ['OP_MSG with a checksum', () => buildMsg(1, 0, { ping: 1 }, { flags: MsgFlag.CHECKSUM_PRESENT })],
  ['OP_MSG with a sequence', withSequence],
  ['OP_COMMAND', opCommand],
  ['OP_COMMANDREPLY', () => buildMessage(Opcode.COMMANDREPLY, 1, 1, encodeBson({ ok: 1 }))],
  [
    'OP_COMPRESSED',
    () => buildMessage(Opcode.COMPRESSED, 1, 0, Uint8Array.of(0xdd, 7, 0, 0, 9, 0, 0, 0, 1, 0)),
  ],
];

describe('the fields of a message', () => {
  it.each(KINDS)('%s: each has its place', (name, build) => {
    const bytes = build();
    const fields = fieldsOf(bytes, name === 'OP_QUERY' || name === 'OP_MSG' ? 'saslStart' : 'command');
    expect(check(fields, { offset: 0, length: bytes.length }, name)).toBeGreaterThan(5);
    // A place is where the bytes of the value are.
    for (const { offset = 0, length = 0, name: field, value } of fields) {
      if (!/Name$|^database$/.test(field)) continue;
      expect(utf8(bytes.subarray(offset, offset + length))).toBe(value);
    }
  });

  it.each(captures)('%s: each of every recorded message', (capture) => {
    let count = 0;
    for (const { trace } of conversationsOf(capture)) {
      for (const { layer, bytes, fields, message } of trace.steps) {
        if (layer === 'mongodb') count += check(fields, { offset: 0, length: bytes }, message);
      }
    }
    expect(count).toBeGreaterThan(50);
  });
});

describe('passwords and keys in commands that are no login', () => {
  const secret = 'not-to-be-shown';
  const commands: readonly (readonly [string, Record<string, unknown>])[] = [
    ['copydb', { copydb: 1, fromhost: 'h', username: 'u', nonce: secret, key: secret, $db: 'admin' }],
    ['copydbsaslstart', { copydbsaslstart: 1, mechanism: 'SCRAM-SHA-1', payload: secret }],
    ['createUser', { createUser: 'u', pwd: secret, roles: [] }],
    ['updateUser', { updateUser: 'u', pwd: secret, customData: { password: secret } }],
    ['a wrapped createUser', { $query: { createUser: 'u', pwd: secret }, $readPreference: {} }],
    ['an insert', { insert: 'users', documents: [{ user: 'u', credentials: { 'MONGODB-CR': secret } }] }],
    ['a reply with a nonce', { nonce: secret, ok: 1 }],
  ];

  it.each(commands)('%s: neither a field nor a byte holds them', (_, command) => {
    for (const bytes of [buildMsg(1, 0, command), buildQuery(1, 'admin', command)]) {
      const step = { ...stepOf({ layer: 'mongodb', bytes: bytes.length }), fields: fieldsOf(bytes) };
      expect(JSON.stringify(redactStep(step))).not.toContain(secret);
      expect(utf8(maskBytes(step, bytes).bytes)).not.toContain(secret);
    }
  });

  it('the key of an index is no secret', () => {
    const bytes = buildMsg(1, 0, { createIndexes: 'c', key: 'field' });
    expect(fieldsOf(bytes)[5].fields?.[1]).toMatchObject({ name: 'key', value: 'field' });
    expect(JSON.stringify(fieldsOf(bytes))).not.toContain('"secret"');
  });
});
