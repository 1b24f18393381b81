import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { concat } from '../../../src/base/bytes';
import { redactMongo } from '../../../src/inspect/redaction/mongodb';
import { Names } from '../../../src/inspect/redaction/names';
import { packTo } from '../../../src/inspect/redaction/pack-to';
import { pack, unpack } from '../../../src/mongodb/wire/compression';
import { parseHeader, parseMessage } from '../../../src/mongodb/wire/wire';
import { buildMessage, buildMsg } from '../../../src/mongodb/wire/wire-build';

function redacted(bytes: Uint8Array, fromServer = false): Uint8Array {
  const copy = bytes.slice();
  redactMongo(copy, new Names(), fromServer);
  return copy;
}

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');

describe('redactMongo', () => {
  it('keeps what a message is and how long, and takes names and payloads out', () => {
    const bytes = buildMsg(7, 0, {
      find: 'customers',
      filter: { city: 'somewhere', payload: 'x' },
      $db: 'shop',
      lsid: { id: 5 },
    });
    const after = redacted(bytes);
    expect(after.length).toBe(bytes.length);
    for (const word of ['customers', 'somewhere', 'shop']) expect(text(after)).not.toContain(word);
    const header = parseHeader(after);
    expect(header.kind).toBe('header');
    if (header.kind === 'header') expect(parseMessage(after, header.header).issues).toEqual([]);
    expect(text(after)).toContain('find');
  });

  it('keeps the databases that every MongoDB has, and mechanisms', () => {
    const bytes = buildMsg(7, 0, { saslStart: 1, mechanism: 'SCRAM-SHA-256', $db: 'admin' });
    expect(redacted(bytes)).toEqual(bytes);
  });

  it('replaces names in the sentences of errors', () => {
    const bytes = buildMsg(8, 7, { ok: 0, errmsg: 'Could not find user "somebody" for db "shop"', code: 11 });
    const after = text(redacted(bytes, true));
    expect(after).toContain('Could not find user "');
    expect(after).not.toMatch(/somebody|shop/);
  });

  const SECRET = 'Zq7#vW9!kT3$';
  const secret = Buffer.from(SECRET);
  const document = buildMsg(7, 0, { find: 'a', payload: Buffer.from('n,,n=u,r=abc'), $db: 'admin' });
  const body = document.subarray(20);
  const flags = (value: number) => Uint8Array.of(value, 0, 0, 0);
  const sized = (bytes: Uint8Array) => {
    const word = new Uint8Array(4);
    new DataView(word.buffer).setInt32(0, 4 + bytes.length, true);
    return concat(word, bytes);
  };
  const element = (type: number, name: string, value: Uint8Array) =>
    concat(Uint8Array.of(type), Buffer.from(`${name}\0`), value);
  const bson = (...elements: Uint8Array[]) => sized(concat(...elements, Uint8Array.of(0)));
  const msg = (...parts: Uint8Array[]) => buildMessage(2013, 1, 0, concat(...parts));
  const string = (text: string) =>
    concat(sized(Buffer.from(`${text}\0`)).map((byte, at) => (at === 0 ? byte - 4 : byte)));
  const only = (...elements: Uint8Array[]) => msg(flags(0), Uint8Array.of(0), bson(...elements));
  it.each([
    ['behind the document', msg(flags(0), body, secret)],
    ['in a section of unknown kind', msg(flags(0), Uint8Array.of(7), secret, secret)],
    [
      'as the name of a sequence',
      msg(flags(0), Uint8Array.of(1), sized(concat(secret, Uint8Array.of(0), bson())), body),
    ],
    [
      'in a document of a sequence',
      msg(
        flags(0),
        Uint8Array.of(1),
        sized(concat(Buffer.from('documents\0'), bson(element(2, 'q', string(SECRET))))),
        body,
      ),
    ],
    ['in a sequence with a wrong length', msg(flags(0), Uint8Array.of(1, 0xff, 0xff, 0, 0), secret, body)],
    ['in place of the length of a document', msg(flags(0), Uint8Array.of(0), secret, body)],
    ['in a document of four bytes', msg(flags(0), body, Uint8Array.of(0), secret.subarray(0, 4), secret)],
    ['in place of the length of a sequence', msg(flags(0), Uint8Array.of(1), secret, body)],
    ['in place of the length of a document inside', only(element(3, 'client', secret))],
    ['as a key', only(element(2, SECRET, string('x')))],
    ['as a key in an array', only(element(4, 'list', bson(element(2, SECRET, string('x')))))],
    [
      'in a string that says it is longer',
      only(element(2, 'ping', concat(Uint8Array.of(0xff, 0, 0, 0), secret))),
    ],
    ['behind the NUL of a string', only(element(2, 'ping', string(`x\0${SECRET}`)))],
    ['in a string that may be known', only(element(2, 'mechanism', string(SECRET)))],
    ['in a sentence', only(element(2, 'errmsg', string(`not found ${SECRET}`)))],
    ['in the name of a code', only(element(2, 'codeName', string(SECRET)))],
    ['in a version', only(element(2, 'version', string(`7.0.1-${SECRET}`)))],
    ['in an object id', only(element(7, '_id', secret))],
    ['in a decimal', only(element(19, 'ok', concat(secret, secret.subarray(0, 4))))],
    ['in a date', only(element(9, 'localTime', secret.subarray(0, 8)))],
    ['in a timestamp', only(element(17, 'operationTime', secret.subarray(0, 8)))],
    ['in a double of a known name', only(element(1, 'secretNumber', secret.subarray(0, 8)))],
    ['in a regular expression', only(element(11, 'name', Buffer.from(`${SECRET}\0${SECRET}\0`)))],
    ['in a pointer', only(element(12, 'p', concat(string(SECRET), secret)))],
    ['in code', only(element(13, 'c', string(SECRET)))],
    [
      'in code with a scope',
      only(element(15, 'c', sized(concat(string(SECRET), bson(element(2, SECRET, string(SECRET))))))),
    ],
    ['in binary data', only(element(5, 'payload', concat(Uint8Array.of(12, 0, 0, 0, 0), secret)))],
    [
      'in binary data of the old form',
      only(element(5, 'b', concat(Uint8Array.of(16, 0, 0, 0, 2, 12, 0, 0, 0), secret))),
    ],
    ['in a value of unknown type', only(element(99, 'x', secret))],
    [
      'in a document inside with a wrong length',
      only(element(3, 'client', concat(Uint8Array.of(0xff, 0, 0, 0), secret))),
    ],
    [
      'in a query',
      buildMessage(
        2004,
        1,
        0,
        concat(
          flags(0),
          Buffer.from(`${SECRET}.$cmd\0`),
          new Uint8Array(8),
          bson(element(2, 'q', string(SECRET))),
          secret,
        ),
      ),
    ],
    [
      'in the cursor of a reply',
      buildMessage(1, 1, 0, concat(flags(0), secret.subarray(0, 8), new Uint8Array(8), bson(), secret)),
    ],
    [
      'in a command',
      buildMessage(2010, 1, 0, concat(Buffer.from(`${SECRET}\0${SECRET}\0`), bson(), bson(), secret)),
    ],
    [
      'in an insert',
      buildMessage(
        2002,
        1,
        0,
        concat(flags(0), Buffer.from(`${SECRET}\0`), bson(element(2, 'q', string(SECRET)))),
      ),
    ],
    ['behind a compressor of no meaning', buildMessage(2012, 1, 0, concat(prefixOf(9, 12), secret))],
    ['behind noop', buildMessage(2012, 1, 0, concat(prefixOf(0, body.length + 4), flags(0), body, secret))],
    [
      'in noop',
      buildMessage(
        2012,
        1,
        0,
        concat(
          prefixOf(0, 4 + 1 + bson(element(2, 'q', string(SECRET))).length),
          flags(0),
          Uint8Array.of(0),
          bson(element(2, 'q', string(SECRET))),
        ),
      ),
    ],
    [
      'in a compressed message inside of one',
      buildMessage(2012, 1, 0, concat(Uint8Array.of(0xdc, 7, 0, 0, 12, 0, 0, 0, 0), secret)),
    ],
    ['before a checksum', msg(flags(1), body, secret, new Uint8Array(4))],
  ])('leaves out what is hidden %s', (_, bytes) => {
    expect(text(bytes).includes(SECRET.slice(0, 8))).toBe(true);
    for (const fromServer of [false, true]) {
      const after = redacted(bytes, fromServer);
      expect(after.length).toBe(bytes.length);
      for (let at = 0; at + 4 <= SECRET.length; at++)
        expect(text(after)).not.toContain(SECRET.slice(at, at + 4));
    }
  });

  it.each(['zlib', 'zstd', 'snappy'] as const)('writes what %s packed anew, to the same length', (how) => {
    const ping = pack(buildMsg(7, 0, { ping: 1, $db: 'admin' }), how);
    expect(inside(redacted(ping))).toEqual(inside(ping));
    const find = pack(buildMsg(7, 0, { find: 'customers', filter: { city: 'somewhere' }, $db: 'shop' }), how);
    const after = redacted(find);
    expect(after.length).toBe(find.length);
    expect(text(after)).not.toMatch(/customers|somewhere|shop/);
    const said = inside(after);
    expect(text(said)).toContain('find');
    expect(text(said)).not.toMatch(/customers|somewhere|shop/);
    expect(said.length).toBe(inside(find).length);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 50])('leaves out %i bytes that unpack to nothing', (length) => {
    const mechanisms = Array.from({ length: 40 }, () => 'SCRAM-SHA-256');
    const body = buildMsg(7, 0, { ok: 1, saslSupportedMechs: mechanisms }).subarray(16);
    const [one, other] = ['Q', 'z'].map((letter) => {
      const packed = concat(prefixOf(2, body.length), deflateSync(body), Buffer.alloc(length, letter));
      return redacted(buildMessage(2012, 1, 0, packed), true);
    });
    expect(one).toEqual(other);
    expect(text(inside(one))).toContain('ok');
  });

  it.each([
    [1, 'snappy'],
    [2, 'zlib'],
    [3, 'zstd'],
  ] as const)('packs to any length that is long enough: compressor %i, %s', (id, _name) => {
    const body = Buffer.from(`${'x'.repeat(200)} find ${'y'.repeat(90)} ${'x'.repeat(200)}`);
    let packed = 0;
    for (let length = 60; length < 560; length++) {
      const bytes = packTo(id, body, length);
      if (!bytes) continue;
      packed++;
      expect(bytes.length).toBe(length);
      const whole = buildMessage(2012, 1, 0, concat(prefixOf(id, body.length), bytes));
      expect(text(inside(whole).subarray(16))).toBe(text(body));
    }
    expect(packed).toBeGreaterThan(450);
  });
});

function prefixOf(id: number, size: number): Uint8Array {
  const bytes = new Uint8Array(9);
  new DataView(bytes.buffer).setInt32(0, 2013, true);
  new DataView(bytes.buffer).setInt32(4, size, true);
  bytes[8] = id;
  return bytes;
}

/** What a compressed message holds, as a message. */
function inside(bytes: Uint8Array): Uint8Array {
  const header = parseHeader(bytes);
  if (header.kind !== 'header') throw new Error('no header');
  const { value } = parseMessage(bytes, header.header);
  if (value.kind !== 'compressed') throw new Error(`not compressed: ${value.kind}`);
  const unpacked = unpack(value, bytes, 65_536);
  if (!('bytes' in unpacked)) throw new Error(unpacked.message);
  return unpacked.bytes;
}
