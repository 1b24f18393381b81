import { Binary, BSON, Decimal128, Double, Int32, Long, MaxKey, MinKey, ObjectId, Timestamp } from 'bson';
import { describe, expect, it } from 'vitest';
import { utf8Bytes } from '../../../src/base/bytes';
import { decodeBson, encodeBson } from '../../../src/mongodb/wire/bson';
import { BSON_LIMITS, walkBson } from '../../../src/mongodb/wire/bson-span';
import { BsonView, bsonValueText } from '../../../src/mongodb/wire/bson-value';
import { crc32c } from '../../../src/mongodb/wire/crc32c';
import { MAX_MESSAGE_BYTES, Opcode } from '../../../src/mongodb/wire/opcodes';
import { type Header, parseHeader, parseMessage } from '../../../src/mongodb/wire/wire';
import { buildMessage, buildMsg, buildQuery, buildReply } from '../../../src/mongodb/wire/wire-build';
import { countedBytes } from '../../support/counted-bytes';

const EVERY_TYPE = {
  double: new Double(1.5),
  string: 'grüße',
  document: { inner: new Int32(1), deeper: { text: 'x' } },
  array: ['a', new Int32(2)],
  binary: new Binary(Uint8Array.of(1, 2, 3)),
  id: new ObjectId('0123456789abcdef01234567'),
  yes: true,
  date: new Date(0),
  nothing: null,
  pattern: /^a/i,
  int32: new Int32(-7),
  timestamp: new Timestamp({ t: 5, i: 6 }),
  int64: Long.fromString('9007199254740993'),
  decimal: Decimal128.fromString('1.10'),
  min: new MinKey(),
  max: new MaxKey(),
};

function headerOf(bytes: Uint8Array): Header {
  const result = parseHeader(bytes);
  if (result.kind !== 'header') throw new Error(result.kind);
  return result.header;
}

describe('BSON spans', () => {
  it('cover every byte of a document of every type', () => {
    const bytes = Uint8Array.from(BSON.serialize(EVERY_TYPE));
    const { value, issues } = walkBson(bytes);
    expect(issues).toEqual([]);
    expect(value.elements.map((element) => element.name)).toEqual(Object.keys(EVERY_TYPE));
    let at = 4;
    for (const element of value.elements) {
      expect(element.offset).toBe(at);
      at += element.length;
    }
    expect(at).toBe(bytes.length - 1);
  });

  it('read values without decoding the rest', () => {
    const bytes = Uint8Array.from(BSON.serialize(EVERY_TYPE));
    const view = BsonView.of(bytes, walkBson(bytes).value);
    expect(view.string('string')).toBe('grüße');
    expect(view.number('int32')).toBe(-7);
    expect(view.number('double')).toBe(1.5);
    expect(view.binary('binary')).toEqual(Uint8Array.of(1, 2, 3));
    expect(view.strings('array')).toEqual(['a']);
    expect(view.document('document')?.document('deeper')?.string('text')).toBe('x');
    expect(view.string('int32')).toBeUndefined();
    const texts = view.elements.map((element) => bsonValueText(bytes, element));
    expect(texts.slice(0, 5)).toEqual(['1.5', 'grüße', '2 fields', '2 items', '010203']);
    expect(texts).toContain('9007199254740993');
    expect(texts).toContain('1970-01-01T00:00:00.000Z');
  });

  it('survive every cut and every changed length word', () => {
    const bytes = Uint8Array.from(BSON.serialize(EVERY_TYPE));
    for (let end = 0; end < bytes.length; end++) {
      expect(walkBson(bytes.subarray(0, end)).issues.length).toBeGreaterThan(0);
    }
    for (let at = 0; at < bytes.length; at++) {
      for (const byte of [0x00, 0x7f, 0x80, 0xff]) {
        const changed = bytes.slice();
        changed[at] = byte;
        walkBson(changed);
        decodeBson(changed);
      }
    }
  });

  it('stop at the depth bound in a document nested 1,000 deep', () => {
    let nested: Uint8Array = encodeBson({});
    for (let depth = 0; depth < 1_000; depth++) {
      const length = nested.length + 8;
      const outer = new Uint8Array(length);
      new DataView(outer.buffer).setInt32(0, length, true);
      outer.set([0x03, 0x61, 0x00], 4);
      outer.set(nested, 7);
      nested = outer;
    }
    const { value, issues } = walkBson(nested);
    expect(issues.map((found) => found.code)).toEqual(['BSON_TOO_DEEP']);
    let depth = 1;
    for (let elements = value.elements; elements[0]?.children; elements = elements[0].children) depth++;
    expect(depth).toBe(BSON_LIMITS.depth);
    expect(decodeBson(nested).value).toEqual({});
  });

  it('stop at the element bound', () => {
    const element = Uint8Array.of(0x0a, 0x61, 0x00);
    const count = BSON_LIMITS.elements + 10;
    const bytes = new Uint8Array(4 + 3 * count + 1);
    new DataView(bytes.buffer).setInt32(0, bytes.length, true);
    for (let i = 0; i < count; i++) bytes.set(element, 4 + 3 * i);
    const { value, issues } = walkBson(bytes);
    expect(value.elements).toHaveLength(BSON_LIMITS.elements);
    expect(issues[0].code).toBe('BSON_TOO_MANY');
  });

  it('is not slowed down by names without an end', () => {
    // Documents side by side, as messages are in a stream. Each looks for a zero, which only the last byte has.
    const [size, count] = [32, 512];
    const plain = new Uint8Array(size * count).fill(0x41);
    for (let at = 0; at < plain.length; at += size) new DataView(plain.buffer).setUint32(at, 0x41414141);
    plain[plain.length - 1] = 0;
    const counted = countedBytes(plain);
    for (let at = 0; at < plain.length; at += size) {
      expect(walkBson(counted.bytes, at, at + size).issues.length).toBeGreaterThan(0);
    }
    expect(counted.reads).toBeGreaterThan(plain.length / 2);
    expect(counted.reads).toBeLessThan(2 * plain.length);
  });
});

describe('CRC-32C', () => {
  it('meets the check value of the catalogue and the zeros of RFC 3720', () => {
    expect(crc32c(utf8Bytes('123456789'))).toBe(0xe3069283);
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  });
});

describe('wire messages', () => {
  it('read back what was built: OP_QUERY', () => {
    const bytes = buildQuery(7, 'admin', { isMaster: 1 });
    const { value, issues } = parseMessage(bytes, headerOf(bytes));
    expect(issues).toEqual([]);
    expect(value).toMatchObject({
      kind: 'query',
      collection: 'admin.$cmd',
      numberToReturn: -1,
      header: { requestId: 7, responseTo: 0 },
    });
    if (value.kind === 'query') expect(BsonView.of(bytes, value.document).number('isMaster')).toBe(1);
  });

  it('read back what was built: OP_REPLY', () => {
    const bytes = buildReply(8, 7, { ok: 1 });
    const { value, issues } = parseMessage(bytes, headerOf(bytes));
    expect(issues).toEqual([]);
    expect(value).toMatchObject({
      kind: 'reply',
      numberReturned: 1,
      cursorId: 0n,
      header: { responseTo: 7 },
    });
  });

  it.each([false, true])('read back what was built: OP_MSG, checksum %s', (checksum) => {
    const sequences = [{ identifier: 'documents', documents: [{ a: 1 }, { a: 2 }] }];
    const bytes = buildMsg(9, 0, { insert: 'c', $db: 'app' }, { checksum, sequences });
    const { value, issues } = parseMessage(bytes, headerOf(bytes));
    expect(issues).toEqual([]);
    expect(value.kind).toBe('msg');
    if (value.kind !== 'msg') return;
    expect(value.sequences[0]).toMatchObject({ identifier: 'documents', documents: [{}, {}] });
    expect(value.checksum === null).toBe(!checksum);
    if (!checksum) return;
    bytes[bytes.length - 1] ^= 1;
    expect(parseMessage(bytes, value.header).issues.map((found) => found.code)).toEqual(['MONGO_CHECKSUM']);
  });

  it('recognises OP_COMPRESSED and does not believe its size', () => {
    const body = new Uint8Array(20);
    const view = new DataView(body.buffer);
    view.setInt32(0, Opcode.MSG, true);
    view.setInt32(4, 2_000_000_000, true);
    body[8] = 2;
    const bytes = buildMessage(Opcode.COMPRESSED, 1, 0, body);
    const { value, issues } = parseMessage(bytes, headerOf(bytes));
    expect(value).toMatchObject({ kind: 'compressed', originalOpcode: Opcode.MSG, compressorId: 2 });
    expect(issues).toMatchObject([{ code: 'MONGO_COMPRESSED_SIZE', offset: 20 }]);
  });

  it.each([
    ['a length of 15', 15, Opcode.MSG, 'MONGO_BAD_LENGTH'],
    ['a negative length', -1, Opcode.MSG, 'MONGO_BAD_LENGTH'],
    ['a length past the limit', MAX_MESSAGE_BYTES + 1, Opcode.MSG, 'MONGO_BAD_LENGTH'],
    ['an opcode that never was', 100, 4242, 'MONGO_BAD_OPCODE'],
  ])('refuses %s', (_name, length, opcode, code) => {
    const bytes = new Uint8Array(16);
    const view = new DataView(bytes.buffer);
    view.setInt32(0, length, true);
    view.setInt32(12, opcode, true);
    expect(parseHeader(bytes)).toMatchObject({ kind: 'bad', issue: { code } });
  });

  it('gives what it understood of a message cut anywhere', () => {
    const bytes = buildMsg(
      1,
      0,
      { hello: 1, $db: 'admin' },
      { sequences: [{ identifier: 'x', documents: [{}] }] },
    );
    const header = headerOf(bytes);
    for (let end = 16; end < bytes.length; end++) {
      expect(parseMessage(bytes.subarray(0, end), header).issues.length).toBeGreaterThan(0);
    }
  });

  it.each([
    ['no body', [], 'MONGO_MSG_SECTIONS'],
    ['an unknown section', [7, 0], 'MONGO_MSG_SECTIONS'],
    ['a lying sequence', [1, 0xff, 0xff, 0xff, 0x7f, 0x61, 0], 'MONGO_MSG_SECTIONS'],
  ])('reports OP_MSG with %s', (_name, sections, code) => {
    const bytes = buildMessage(Opcode.MSG, 1, 0, Uint8Array.of(0, 0, 0, 0, ...sections));
    expect(parseMessage(bytes, headerOf(bytes)).issues.map((found) => found.code)).toContain(code);
  });
});
