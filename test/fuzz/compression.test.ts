/** Damaged and invented compressed files: unpacking ends, in time, with bytes or with the one error that it has. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat } from '../../src/base/bytes';
import { Lz4Unpacker } from '../../src/capture/compression/lz4';
import { CompressionError, type Unpacker } from '../../src/capture/compression/unpacker';
import { ZstdUnpacker } from '../../src/capture/compression/zstd';
import { tries } from '../support/fuzz';
import { guarded } from '../support/guard';
import { part } from '../support/mutants/mutants';

const folder = join(__dirname, '../fixtures/compressed');
const seeds = readdirSync(folder).map((name) => ({
  make: (): Unpacker => (name.endsWith('.zst') ? new ZstdUnpacker() : new Lz4Unpacker()),
  bytes: new Uint8Array(readFileSync(join(folder, name))),
}));

/** Most bytes that are taken out of a file: nothing holds more than a piece of them at once. */
const ENOUGH = 1 << 24;

function unpack(make: () => Unpacker, chunks: readonly Uint8Array[]): void {
  const size = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  guarded('compression', size, () => takeAll(make(), chunks));
}

function takeAll(unpacker: Unpacker, chunks: readonly Uint8Array[]): void {
  let made = 0;
  try {
    for (const chunk of chunks) {
      for (const piece of unpacker.push(chunk)) {
        expect(piece.length).toBeLessThanOrEqual(4 << 20);
        made += piece.length;
        if (made > ENOUGH) return;
      }
    }
    unpacker.finish();
  } catch (error) {
    expect(error).toBeInstanceOf(CompressionError);
  }
}

const change = fc.record({
  at: part,
  value: fc.nat(255),
});

describe('compressed files', () => {
  it('changed in places', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...seeds),
        fc.array(change, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 5000 }),
        ({ make, bytes }, changes, size) => {
          const copy = bytes.slice();
          for (const { at, value } of changes) copy[Math.floor(at * copy.length)] = value;
          const chunks = Array.from({ length: Math.ceil(copy.length / size) }, (_, i) =>
            copy.subarray(i * size, (i + 1) * size),
          );
          unpack(make, chunks);
        },
      ),
      { numRuns: tries(500) },
    );
  });

  it('invented behind a true beginning', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...seeds),
        fc.nat(120),
        fc.uint8Array({ maxLength: 2000 }),
        ({ make, bytes }, kept, rest) => {
          unpack(make, [concat(bytes.subarray(0, kept), rest)]);
        },
      ),
      { numRuns: tries(500) },
    );
  });

  it('invented blocks of zstd', () => {
    const block = fc
      .tuple(fc.constantFrom(0, 1, 2, 2, 2), fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.boolean())
      .map(([type, body, last]) => {
        const header = (body.length << 3) | (type << 1) | (last ? 1 : 0);
        return concat(Uint8Array.of(header & 255, (header >> 8) & 255, header >> 16), body);
      });
    fc.assert(
      fc.property(fc.nat(136), fc.array(block, { maxLength: 12 }), (window, blocks) => {
        unpack(
          () => new ZstdUnpacker(),
          [concat(Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, window), ...blocks)],
        );
      }),
      { numRuns: tries(500) },
    );
  });
});
