import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TcpStream } from '../../../src/network/reassembly';
import { ACK, FIN, SYN } from '../../../src/network/segment';
import { mark, StreamLog } from './stream-log';

/** A part of a stream as one segment. */
interface Piece {
  readonly start: number;
  readonly end: number;
}

const content = fc
  .array(fc.integer({ min: 0, max: 255 }), { minLength: 1, maxLength: 120 })
  .map((values) => String.fromCharCode(...values));
const initial = fc.oneof(
  fc.integer({ min: 0, max: 0xffffffff }),
  fc.integer({ min: 0xffffff80, max: 0xffffffff }),
);

/** A stream, cut into segments that cover it, with further copies of any parts, in any order. */
const shuffled = content.chain((stream) => {
  const place = fc.integer({ min: 0, max: stream.length });
  const cuts = fc.array(place, { maxLength: 12 });
  const copies = fc.array(fc.tuple(place, place), { maxLength: 12 });
  return fc.tuple(cuts, copies).chain(([places, extra]) => {
    const borders = [...new Set([0, ...places, stream.length])].sort((a, b) => a - b);
    const pieces: Piece[] = borders.slice(1).map((end, i) => ({ start: borders[i], end }));
    for (const [a, b] of extra) pieces.push({ start: Math.min(a, b), end: Math.max(a, b) });
    return fc.record({
      stream: fc.constant(stream),
      pieces: fc.shuffledSubarray(pieces, { minLength: pieces.length, maxLength: pieces.length }),
      isn: initial,
    });
  });
});

describe('TcpStream, for any stream', () => {
  it('gives it back from any order, repetition and overlap of its segments', () => {
    fc.assert(
      fc.property(shuffled, ({ stream, pieces, isn }) => {
        const log = new StreamLog().segment(isn, SYN);
        for (const { start, end } of pieces) {
          const flags = end === stream.length ? ACK | FIN : ACK;
          log.segment(isn + 1 + start, flags, stream.slice(start, end));
        }
        expect(log.content).toBe(stream);
        expect(log.told[0]).toEqual(['open', 1]);
        expect(log.told.at(-1)?.slice(0, 2)).toEqual(['close', 'fin']);
        expect(log.told.filter(([kind]) => kind === 'gap' || kind === 'conflict')).toEqual([]);
        expect(log.stream.buffered).toBe(0);
        let offset = 0;
        for (const entry of log.told) {
          if (entry[0] !== 'bytes') continue;
          // Frame 1 is the SYN; the frame must be that of a segment that carried all of these bytes.
          const piece = pieces[entry[2] - 2];
          expect(piece.start).toBeLessThanOrEqual(offset);
          expect(piece.end).toBeGreaterThanOrEqual(offset + entry[1].length);
          offset += entry[1].length;
        }
      }),
    );
  });

  it('shows exactly the bytes that are missing when segments are lost', () => {
    fc.assert(
      fc.property(
        shuffled,
        fc.array(fc.boolean(), { minLength: 30, maxLength: 30 }),
        ({ stream, pieces, isn }, kept) => {
          const log = new StreamLog().segment(isn, SYN);
          const seen = new Array<boolean>(stream.length).fill(false);
          pieces.forEach(({ start, end }, i) => {
            if (!kept[i]) return;
            seen.fill(true, start, end);
            log.segment(isn + 1 + start, ACK, stream.slice(start, end));
          });
          log.acknowledge((isn + 1 + stream.length) | 0).finish();
          const expected = [...stream].map((char, i) => (seen[i] ? char : '#')).join('');
          expect(log.content).toBe(expected);
        },
      ),
    );
  });

  it('keeps its bounds and its count whatever arrives', () => {
    const limits = { bytes: 64, segments: 4, tail: 8 };
    const near = fc.integer({ min: -80, max: 200 });
    const action = fc.record({
      sequence: fc.oneof({ weight: 5, arbitrary: near }, { weight: 1, arbitrary: fc.integer() }),
      flags: fc.oneof(
        { weight: 8, arbitrary: fc.constant(ACK) },
        { weight: 1, arbitrary: fc.integer({ min: 0, max: 255 }) },
      ),
      payload: fc.uint8Array({ maxLength: 40 }),
      missing: fc.oneof(
        { weight: 8, arbitrary: fc.constant(0) },
        { weight: 1, arbitrary: fc.integer({ min: 0, max: 70_000 }) },
      ),
      acknowledge: fc.boolean(),
      decisive: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        let told = 0;
        let closes = 0;
        const stream = new TcpStream(
          {
            onBytes: (bytes) => {
              expect(closes).toBe(0);
              expect(bytes.length).toBeGreaterThan(0);
              told += bytes.length;
            },
            onGap: (length) => {
              expect(length).toBeGreaterThan(0);
              told += length;
            },
            onClose: () => closes++,
          },
          limits,
        );
        actions.forEach((act, i) => {
          if (act.acknowledge) stream.handleAcknowledgment(act.sequence, act.decisive, mark(i));
          else stream.handleSegment(act.sequence, act.flags, act.payload, act.missing, mark(i));
          expect(stream.offset).toBe(told);
          expect(stream.buffered).toBeLessThanOrEqual(limits.bytes);
        });
        stream.finish(mark(actions.length));
        expect(stream.offset).toBe(told);
        expect(stream.buffered).toBe(0);
        expect(closes).toBeLessThanOrEqual(1);
      }),
      { numRuns: 500 },
    );
  });
});
