import { describe, expect, it } from 'vitest';
import { utf8Bytes } from '../../../src/base/bytes';
import { detectMongo } from '../../../src/mongodb/detect';
import { Opcode } from '../../../src/mongodb/wire/opcodes';
import { buildMessage, buildMsg, buildQuery, buildReply } from '../../../src/mongodb/wire/wire-build';

const NONE = new Uint8Array(0);

describe('detection by content', () => {
  const requests = [
    ['OP_QUERY', buildQuery(1, 'admin', { isMaster: 1 })],
    ['OP_MSG', buildMsg(1, 0, { ping: 1, $db: 'admin' })],
    ['OP_MSG with checksum', buildMsg(1, 0, { ping: 1, $db: 'admin' }, { checksum: true })],
    ['an empty OP_MSG', buildMsg(1, 0, {})],
  ] as const;

  it.each(requests)('knows %s, also when it comes in pieces', (_name, bytes) => {
    expect(detectMongo(bytes, NONE)).toBe('yes');
    for (let end = 0; end < bytes.length; end++)
      expect(detectMongo(bytes.subarray(0, end), NONE)).not.toBe('no');
  });

  it('knows a server by its reply, and takes no request for one', () => {
    expect(detectMongo(NONE, buildReply(1, 1, { ok: 1 }))).toBe('yes');
    expect(detectMongo(NONE, buildMsg(1, 1, { ok: 1 }))).toBe('yes');
    expect(detectMongo(NONE, buildMsg(1, 0, { ping: 1 }))).toBe('no');
    expect(detectMongo(buildMsg(1, 1, { ok: 1 }), NONE)).toBe('no');
  });

  it.each([
    ['HTTP', utf8Bytes('GET / HTTP/1.1\r\nHost: db\r\n\r\n')],
    ['a TLS ClientHello', Uint8Array.of(0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0)],
    ['an SSLRequest', Uint8Array.of(0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f)],
    ['PostgreSQL start-up', Uint8Array.of(0, 0, 0, 0x20, 0, 3, 0, 0, 0x75, 0x73, 0x65, 0x72, 0, 0x61, 0, 0)],
    ['MySQL', Uint8Array.of(0x4a, 0, 0, 0, 0x0a, 0x38, 0x2e, 0x30, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)],
    ['zeros', new Uint8Array(64)],
    ['a header and nothing like a document', buildMessage(Opcode.MSG, 1, 0, new Uint8Array(600).fill(0xff))],
    ['a namespace without a dot', buildMessage(Opcode.QUERY, 1, 0, new Uint8Array(600).fill(0x61))],
  ])('does not take %s for MongoDB', (_name, bytes) => {
    expect(detectMongo(bytes, NONE)).toBe('no');
  });
});
