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
