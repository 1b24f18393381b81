import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { Unzlib } from 'fflate';
import { describe, expect, it, vi } from 'vitest';
import { COMPRESSORS, type Compressor, pack, unpack } from '../../../src/mongodb/wire/compression';
import { MessageReader } from '../../../src/mongodb/wire/message-reader';
import { Opcode } from '../../../src/mongodb/wire/opcodes';
import { unpackSnappy } from '../../../src/mongodb/wire/snappy';
import { type CompressedMessage, parseHeader, parseMessage } from '../../../src/mongodb/wire/wire';
import { buildMessage, buildMsg } from '../../../src/mongodb/wire/wire-build';

const LIMIT = 1 << 20;

function outerOf(bytes: Uint8Array): CompressedMessage {
  const result = parseHeader(bytes);
  if (result.kind !== 'header') throw new Error('no header');
  const { value } = parseMessage(bytes, result.header);
  if (value.kind !== 'compressed') throw new Error('not compressed');
  return value;
}

function compressed(
  compressor: number,
  size: number,
  body: Uint8Array,
  opcode: number = Opcode.MSG,
): Uint8Array {
  const prefix = new DataView(new ArrayBuffer(9));
  prefix.setInt32(0, opcode, true);
  prefix.setInt32(4, size, true);
  prefix.setUint8(8, compressor);
  return buildMessage(Opcode.COMPRESSED, 7, 0, Uint8Array.from([...new Uint8Array(prefix.buffer), ...body]));
}

/** Made by the reference tools of each format: `abcabc…` forty times. */
const TEXT = Buffer.from('abc'.repeat(40));
const REFERENCE: readonly (readonly [string, number, Buffer])[] = [
  ['snappy', 1, Buffer.from('7808616263fe0300d20300', 'hex')],
  ['zlib', 2, deflateSync(TEXT)],
  ['zstd', 3, Buffer.from('28b52ffd2078550000186162630100d2d40d01', 'hex')],
];

describe('OP_COMPRESSED', () => {
  it.each(COMPRESSORS)('is packed with %s and unpacked again, of every size', (compressor: Compressor) => {
    for (const size of [0, 1, 59, 60, 61, 300, 65_534, 65_535, 65_536, 65_537, 200_000]) {
      const message = buildMsg(5, 3, { ping: 'x'.repeat(size), $db: 'admin' });
      const packed = pack(message, compressor);
      const unpacked = unpack(outerOf(packed), packed, LIMIT);
      expect(unpacked).toMatchObject({
        issues: [],
        message: { kind: 'msg', header: { requestId: 5, responseTo: 3 } },
      });
      expect('bytes' in unpacked && Buffer.compare(unpacked.bytes, message)).toBe(0);
    }
  });

  it.each(REFERENCE)('reads what others compressed with %s', (_name, id, body) => {
    const bytes = compressed(id, TEXT.length, body, Opcode.REPLY);
    const unpacked = unpack(outerOf(bytes), bytes, LIMIT);
    expect('bytes' in unpacked && Buffer.from(unpacked.bytes.subarray(16)).toString()).toBe(TEXT.toString());
  });

  it('allocates nothing for a claim of 2 GB, and names the byte', () => {
    const before = process.memoryUsage().arrayBuffers;
    for (const id of [0, 1, 2, 3]) {
      const bytes = compressed(id, 0x7fff_ffff, Uint8Array.of(1, 2, 3));
      expect(unpack(outerOf(bytes), bytes, LIMIT)).toMatchObject({
        code: 'MONGO_COMPRESSED_SIZE',
        offset: 20,
      });
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(LIMIT);
  });

  it.each([
    ['more than claimed', compressed(2, 50, deflateSync(TEXT))],
    ['less than claimed', compressed(2, 500, deflateSync(TEXT))],
    ['an unknown compressor', compressed(9, 10, TEXT)],
    ['itself', compressed(0, TEXT.length, TEXT, Opcode.COMPRESSED)],
    ['nothing', compressed(3, 10, new Uint8Array(0))],
  ])('with %s is an issue', (_name, bytes) => {
    expect(unpack(outerOf(bytes), bytes, LIMIT)).toMatchObject({ code: 'MONGO_COMPRESSED' });
  });

  it('that is a bomb is looked at no further than it claims to reach', () => {
    const bomb = compressed(2, 100, deflateSync(Buffer.alloc(20 << 20)));
    const pushed = vi.spyOn(Unzlib.prototype, 'push');
    expect(unpack(outerOf(bomb), bomb, LIMIT)).toMatchObject({ code: 'MONGO_COMPRESSED' });
    const bytes = pushed.mock.calls.reduce((sum, [chunk]) => sum + chunk.length, 0);
    pushed.mockRestore();
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThan(bomb.length / 10);
  });

  it('with zlib is what went in, whatever its length and level', () => {
    fc.assert(
      fc.property(
        fc.nat(6_000),
        fc.constantFrom(0, 1, 9),
        fc.constantFrom(1, 7, 256),
        (length, level, values) => {
          const body = Uint8Array.from({ length }, (_, i) => (i * i * 31 + (i >> 5)) % values);
          const bytes = compressed(2, length, deflateSync(body, { level }), Opcode.REPLY);
          const unpacked = unpack(outerOf(bytes), bytes, LIMIT);
          expect('bytes' in unpacked && Buffer.compare(unpacked.bytes.subarray(16), body)).toBe(0);
        },
      ),
    );
  });

  it('never throws and always ends', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4 }),
        fc.nat(5_000),
        fc.uint8Array({ maxLength: 400 }),
        (id, size, body) => {
          const bytes = compressed(id, size, body);
          const result = unpack(outerOf(bytes), bytes, 4_096);
          expect('code' in result || result.bytes.length === size + 16).toBe(true);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('damaged at any place gives the same length or an issue', () => {
    for (const [, id, body] of REFERENCE) {
      for (let at = 0; at < body.length; at++) {
        for (const flip of [1, 0x80, 0xff]) {
          const changed = Buffer.from(body);
          changed[at] ^= flip;
          const bytes = compressed(id, TEXT.length, changed, Opcode.REPLY);
          const result = unpack(outerOf(bytes), bytes, LIMIT);
          expect('code' in result || result.bytes.length === TEXT.length + 16).toBe(true);
        }
      }
    }
  });

  it('snappy literals of a negative length end', () => {
    expect(unpackSnappy(Uint8Array.of(10, 0xfc, 0xfa, 0xff, 0xff, 0xff, 1, 2), 10)).toBeUndefined();
  });

  it('is unpacked by the reader of a machine', () => {
    const reader = new MessageReader(LIMIT);
    reader.append(pack(buildMsg(5, 3, { ping: 1, $db: 'admin' }), 'zstd'));
    expect(reader.next()).toMatchObject({ kind: 'message', compressor: 'zstd', message: { kind: 'msg' } });
  });
});
