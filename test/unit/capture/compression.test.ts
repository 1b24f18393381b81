import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { concat, utf8Bytes } from '../../../src/base/bytes';
import { BackwardBits } from '../../../src/capture/compression/bits-backwards';
import { isLz4, Lz4Unpacker } from '../../../src/capture/compression/lz4';
import { CompressionError, type Unpacker } from '../../../src/capture/compression/unpacker';
import { xxh32 } from '../../../src/capture/compression/xxh32';
import { isZstd, ZstdUnpacker } from '../../../src/capture/compression/zstd';
import { countCopied } from '../../support/counted-bytes';

const fixtures = join(__dirname, '../../fixtures');
const original = new Uint8Array(readFileSync(join(fixtures, 'pg18-tls-scram-keys.pcapng')));
const compressed = (name: string) => new Uint8Array(readFileSync(join(fixtures, 'compressed', name)));

/** @returns what came out, and the error that ended it. */
function unpack(unpacker: Unpacker, chunks: readonly Uint8Array[]) {
  const out: Uint8Array[] = [];
  try {
    for (const chunk of chunks) for (const piece of unpacker.push(chunk)) out.push(piece.slice());
    unpacker.finish();
    return { bytes: new Uint8Array(Buffer.concat(out)), error: undefined };
  } catch (error) {
    return { bytes: new Uint8Array(Buffer.concat(out)), error };
  }
}

function pieces(bytes: Uint8Array, size: number): Uint8Array[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
    bytes.subarray(i * size, (i + 1) * size),
  );
}

function words(...values: number[]): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  for (const [i, value] of values.entries()) new DataView(bytes.buffer).setUint32(4 * i, value, true);
  return bytes;
}

const SKIPPABLE = concat(words(0x184d2a53, 5), utf8Bytes('hello'));

const KINDS = [
  { name: 'zstd, size known', file: 'single-segment.pcapng.zst', is: isZstd, make: () => new ZstdUnpacker() },
  { name: 'zstd, streamed', file: 'streamed.pcapng.zst', is: isZstd, make: () => new ZstdUnpacker() },
  {
    name: 'lz4, independent blocks',
    file: 'independent.pcapng.lz4',
    is: isLz4,
    make: () => new Lz4Unpacker(),
  },
  {
    name: 'lz4, linked blocks with checksums',
    file: 'linked.pcapng.lz4',
    is: isLz4,
    make: () => new Lz4Unpacker(),
  },
];

describe.each(KINDS)('$name', ({ file, is, make }) => {
  const bytes = compressed(file);

  it('is unpacked whole, byte by byte and in pieces', () => {
    expect(is(bytes)).toBe(true);
    for (const size of [bytes.length, 1, 7, 1000]) {
      expect(unpack(make(), pieces(bytes, size))).toEqual({ bytes: original, error: undefined });
    }
  });

  it('may be several frames, with frames to skip between and behind them', () => {
    const twice = concat(bytes, SKIPPABLE, bytes, SKIPPABLE);
    expect(unpack(make(), pieces(twice, 50))).toEqual({
      bytes: concat(original, original),
      error: undefined,
    });
  });

  it('cut anywhere gives what came before', () => {
    for (let length = 4; length < bytes.length; length += 37) {
      const { bytes: out, error } = unpack(make(), [bytes.subarray(0, length)]);
      expect(error).toBeInstanceOf(CompressionError);
      expect(out).toEqual(original.subarray(0, out.length));
    }
  });

  it('with something else behind it gives an error after all of it', () => {
    const { bytes: out, error } = unpack(make(), [concat(bytes, utf8Bytes('something else'))]);
    expect(error).toBeInstanceOf(CompressionError);
    expect(out).toEqual(original);
  });

  it('damaged gives an error or other bytes, never another exception', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const damaged = bytes.slice();
        damaged[at % damaged.length] ^= flip;
        const { error } = unpack(make(), [damaged]);
        if (error !== undefined) expect(error).toBeInstanceOf(CompressionError);
      }),
    );
  });
});

describe('lz4', () => {
  it('finds every changed byte by its checksums', () => {
    const bytes = compressed('linked.pcapng.lz4');
    for (let at = 4; at < bytes.length; at += 13) {
      const damaged = bytes.slice();
      damaged[at] ^= 0x40;
      expect(unpack(new Lz4Unpacker(), [damaged]).error, `byte ${at}`).toBeInstanceOf(CompressionError);
    }
  });

  it('knows the test values of xxHash', () => {
    expect(xxh32(new Uint8Array(0))).toBe(0x02cc5d05);
    expect(xxh32(utf8Bytes('abc'))).toBe(0x32d153ff);
    expect(xxh32(utf8Bytes('Nobody inspects the spammish repetition'))).toBe(0xe2293b2f);
  });
});

describe('bombs', () => {
  afterEach(() => vi.restoreAllMocks());

  /** A frame with a window of 2^(10+exponent) bytes. */
  const zstdFrame = (exponent: number, ...blocks: Uint8Array[]) =>
    new Uint8Array(Buffer.concat([words(0xfd2fb528), Uint8Array.of(0, exponent << 3), ...blocks]));
  const repeated = (size: number, last: boolean) => {
    const header = (size << 3) | 2 | (last ? 1 : 0);
    return Uint8Array.of(header & 255, (header >> 8) & 255, header >> 16, 0x41);
  };

  it('come out block by block', () => {
    const blocks = Array.from({ length: 400 }, (_, i) => repeated(128 << 10, i === 399));
    let [count, longest] = [0, 0];
    for (const piece of new ZstdUnpacker().push(zstdFrame(7, ...blocks))) {
      count += piece.length;
      longest = Math.max(longest, piece.length);
    }
    expect([count, longest]).toEqual([400 * (128 << 10), 128 << 10]);
  });

  it('of tiny blocks under a large window cost what they hold', () => {
    const blocks = Array.from({ length: 20_000 }, (_, i) => repeated(1, i === 19_999));
    const packed = Buffer.concat([zstdFrame(17), ...blocks]);
    let length = 0;
    const copied = countCopied(() => {
      for (const piece of new ZstdUnpacker().push(packed)) length += piece.length;
    });
    expect(length).toBe(20_000);
    // What came in once, and what came out each time that its room was doubled: not the window for every block.
    expect(copied).toBeGreaterThanOrEqual(packed.length);
    expect(copied).toBeLessThan(2 * (packed.length + length));
  });

  it('of sequences without bits end at once', () => {
    // No literals, 98,047 sequences, each of one literal length, distance and the longest match.
    const block = Uint8Array.of(0, 0xff, 0xff, 0xff, 0x54, 0, 0, 52, 1);
    const header = (block.length << 3) | 4 | 1;
    const read = vi.spyOn(BackwardBits.prototype, 'read');
    const frame = zstdFrame(7, Uint8Array.of(header & 255, header >> 8, 0), block);
    expect(unpack(new ZstdUnpacker(), [frame]).error).toBeInstanceOf(CompressionError);
    // The three states, then what the first sequence asks for.
    expect(read.mock.calls.length).toBeGreaterThan(0);
    expect(read.mock.calls.length).toBeLessThan(20);
  });

  it.each([
    ['a window above the bound', zstdFrame(18, repeated(1, true)), 'window'],
    ['a window above all bounds', zstdFrame(31, repeated(1, true)), 'window'],
    ['a content size as window', concat(words(0xfd2fb528), Uint8Array.of(0xa0), words(0x7fffffff)), 'window'],
    ['a block above 128 KiB', zstdFrame(7, repeated((128 << 10) + 1, true)), 'damaged'],
  ])('are refused: %s', (_, bytes, words) => {
    const copied = countCopied(() => {
      const { error, bytes: out } = unpack(new ZstdUnpacker(), [bytes]);
      expect(String(error)).toContain(words);
      expect(out).toHaveLength(0);
    });
    expect(copied).toBeLessThanOrEqual(bytes.length);
  });
});

const tool = (name: string) => spawnSync(name, ['--version'], { stdio: 'ignore' }).error === undefined;

/** Something with matches near and far, larger than a window and several blocks. */
function large(): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let i = 0; i < 400; i++) parts.push(original, utf8Bytes(String(i * 7919).repeat(i % 50)));
  return concat(...parts);
}

describe.each([
  {
    program: 'zstd',
    options: [['-1'], ['-12', '--check'], ['--ultra', '-22'], ['--no-check', '-3']],
    make: () => new ZstdUnpacker(),
  },
  {
    program: 'lz4',
    options: [['-1'], ['-9', '-BD'], ['-B7', '-BD', '-BX'], ['-B4', '--no-frame-crc']],
    make: () => new Lz4Unpacker(),
  },
])('the program $program', ({ program, options, make }) => {
  it.skipIf(!tool(program))('is understood at every level', () => {
    const input = large();
    for (const some of options) {
      const { stdout } = spawnSync(program, [...some, '-q', '-c'], { input, maxBuffer: 1 << 28 });
      const out = unpack(make(), pieces(new Uint8Array(stdout), 100_000));
      expect(out.error).toBeUndefined();
      expect(out.bytes.length).toBe(input.length);
      expect(Buffer.compare(out.bytes, input), some.join(' ')).toBe(0);
    }
  });
});
