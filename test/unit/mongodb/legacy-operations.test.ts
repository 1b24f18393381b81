/** Operations that are no command: carried out by older servers, refused by newer ones, and told by getLastError where nobody waits. */
import { describe, expect, it } from 'vitest';
import { mongoCrKey, mongoPasswordDigest } from '../../../src/auth/mongodb-cr';
import { concat, utf8Bytes } from '../../../src/base/bytes';
import { encodeBson } from '../../../src/mongodb/wire/bson';
import { Opcode, ReplyFlag } from '../../../src/mongodb/wire/opcodes';
import { parseHeader, parseMessage } from '../../../src/mongodb/wire/wire';
import { buildMessage } from '../../../src/mongodb/wire/wire-build';
import { Peer } from './peer';
import { makeLab } from './support';

const USER = {
  user: 'app_user',
  db: 'admin',
  password: 'correct horse',
  mechanisms: ['MONGODB-CR'] as const,
};
const NAMESPACE = utf8Bytes('app.things\0');
const zeros = (length: number) => new Uint8Array(length);

const OPERATIONS = {
  query: buildMessage(Opcode.QUERY, 5, 0, concat(zeros(4), NAMESPACE, zeros(8), encodeBson({}))),
  getMore: buildMessage(Opcode.GET_MORE, 5, 0, concat(zeros(4), NAMESPACE, zeros(12))),
  insert: buildMessage(Opcode.INSERT, 5, 0, concat(zeros(4), NAMESPACE, encodeBson({ a: 1 }))),
  update: buildMessage(
    Opcode.UPDATE,
    5,
    0,
    concat(zeros(4), NAMESPACE, zeros(4), encodeBson({}), encodeBson({})),
  ),
  delete: buildMessage(Opcode.DELETE, 5, 0, concat(zeros(4), NAMESPACE, zeros(4), encodeBson({}))),
  killCursors: buildMessage(Opcode.KILL_CURSORS, 5, 0, zeros(16)),
  dbMsg: buildMessage(Opcode.DB_MSG, 5, 0, utf8Bytes('hello\0')),
  getByOid: buildMessage(Opcode.GET_BY_OID, 5, 0, zeros(4)),
  reply: buildMessage(
    Opcode.REPLY,
    5,
    0,
    concat(zeros(16), Uint8Array.of(1, 0, 0, 0), encodeBson({ ok: 1 })),
  ),
};
type Name = keyof typeof OPERATIONS;

const OLD = { maxWireVersion: 6 };

async function peerOf(options: object, authenticated = false): Promise<Peer> {
  const peer = new Peer(await makeLab([USER], options));
  if (authenticated) {
    const nonce = String(peer.run({ getnonce: 1 }).nonce);
    const key = mongoCrKey(nonce, USER.user, mongoPasswordDigest(USER.user, USER.password));
    expect(peer.run({ authenticate: 1, user: USER.user, nonce, key })).toMatchObject({ ok: 1 });
  }
  peer.written.length = 0;
  return peer;
}

function flagsOf(bytes: Uint8Array): readonly [number, number] {
  const result = parseHeader(bytes);
  if (result.kind !== 'header') throw new Error(result.kind);
  expect(result.header.responseTo).toBe(5);
  const { value, issues } = parseMessage(bytes, result.header);
  expect(issues).toEqual([]);
  if (value.kind !== 'reply') throw new Error(value.kind);
  return [value.flags, value.documents.length];
}

describe('a server from 5.1 on', () => {
  it.each(['query', 'getMore'] as const)('answers %s with an error', async (name) => {
    const peer = await peerOf({});
    expect(peer.send(OPERATIONS[name])).toMatchObject({
      ok: 0,
      code: 5_739_101,
      $err: expect.stringMatching(/^OP_(QUERY|GET_MORE) is no longer supported/),
    });
    expect(flagsOf(peer.written[0])).toEqual([ReplyFlag.QUERY_FAILURE, 1]);
    expect(peer.run({ ping: 1 })).toMatchObject({ ok: 1 });
  });

  it.each(['insert', 'update', 'delete', 'killCursors', 'dbMsg', 'getByOid', 'reply'] as const)(
    'cannot answer %s: it ends the connection and says so',
    async (name) => {
      const peer = await peerOf({});
      expect(peer.send(OPERATIONS[name])).toBeUndefined();
      expect(peer.closed).toBe(true);
      const note = peer.notes.find(({ message }) => message === 'AssertionException');
      expect(note?.summary).toMatch(/^(OP_|dbMsg).* is no longer supported/);
    },
  );
});

describe('a server before 5.1', () => {
  it.each([
    ['query', false, ReplyFlag.QUERY_FAILURE, 1],
    ['query', true, ReplyFlag.AWAIT_CAPABLE, 0],
    ['getMore', false, ReplyFlag.CURSOR_NOT_FOUND, 0],
    ['getMore', true, ReplyFlag.CURSOR_NOT_FOUND, 0],
  ] as const)('%s, authenticated %s, has an answer', async (name, authenticated, flag, documents) => {
    const peer = await peerOf(OLD, authenticated);
    const reply = peer.send(OPERATIONS[name]);
    expect(flagsOf(peer.written[0])).toEqual([flag, documents]);
    if (documents === 1)
      expect(reply).toMatchObject({ code: 13, $err: 'not authorized for query on app.things' });
    expect(peer.closed).toBe(false);
  });

  it.each([
    ['insert', false, 13],
    ['insert', true, 115],
    ['update', true, 115],
    ['delete', true, 115],
    ['dbMsg', false, 2],
    ['getByOid', false, 2],
    ['reply', false, 2],
  ] as readonly [Name, boolean, number][])(
    '%s, authenticated %s, is told by getLastError, once for the message before it',
    async (name, authenticated, code) => {
      const peer = await peerOf(OLD, authenticated);
      expect(peer.send(OPERATIONS[name])).toBeUndefined();
      expect(peer.closed).toBe(false);
      expect(peer.run({ getLastError: 1 })).toMatchObject({ ok: 1, code, err: expect.any(String) });
      expect(peer.run({ getlasterror: 1 })).toMatchObject({ code });
      peer.run({ ping: 1 });
      expect(peer.run({ getLastError: 1 })).toMatchObject({ ok: 1, err: null });
    },
  );

  it('killCursors finds none and says nothing', async () => {
    const peer = await peerOf(OLD);
    expect(peer.send(OPERATIONS.killCursors)).toBeUndefined();
    expect(peer.run({ getLastError: 1 })).toMatchObject({ err: null });
  });

  it('a failed query is told by getLastError as well', async () => {
    const peer = await peerOf(OLD);
    peer.send(OPERATIONS.query);
    expect(peer.run({ getLastError: 1 })).toMatchObject({ code: 13 });
  });
});
