import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TcpConnection } from '../../../src/network/connection';
import type { Direction } from '../../../src/network/flow-table';
import { ACK, SegmentView } from '../../../src/network/segment';
import { mark, text } from './stream-log';

/** Segments near the beginning of either direction, or anywhere; with data, holes, copies that differ, ends and resets. */
const segment = fc.record({
  direction: fc.constantFrom<Direction>(0, 1),
  sequence: fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 0, max: 60 }) },
    { weight: 1, arbitrary: fc.integer() },
  ),
  acknowledgment: fc.integer({ min: 0, max: 80 }),
  flags: fc.oneof(
    { weight: 8, arbitrary: fc.constant(ACK) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 31 }) },
  ),
  payload: fc.uint8Array({ maxLength: 30 }),
  missing: fc.oneof(
    { weight: 8, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 20 }) },
  ),
});
const segments = fc.array(segment, { maxLength: 30 });
type Segments = typeof segments extends fc.Arbitrary<infer T> ? T : never;

/** A connection that writes down what it tells. */
class Log {
  told: unknown[] = [];
  readonly connection = new TcpConnection(
    {
      onOpen: (direction, at) => this.told.push([direction, 'open', at.frame]),
      onBytes: (direction, bytes, at) => this.told.push([direction, text(bytes), at.frame]),
      onGap: (direction, length, at) => this.told.push([direction, length, at.frame]),
      onClose: (direction, how, at) => this.told.push([direction, how, at.frame]),
      onConflict: (direction, offset, first, second) =>
        this.told.push([direction, offset, first?.frame, second.frame]),
    },
    { bytes: 48, segments: 4, tail: 40 },
  );

  /** @param passing leaves out what {@link TcpConnection.isIdle} says to be nothing. */
  feed(all: Segments, passing = false): void {
    const view = new SegmentView();
    all.forEach((entry, i) => {
      const { direction, payload, ...header } = entry;
      const buffer = payload.slice();
      Object.assign(view, header, { buffer, payloadStart: 0, payloadEnd: buffer.length });
      if (!passing || !this.connection.isIdle(direction, view)) {
        this.connection.handleSegment(direction, view, mark(i + 1));
      }
      buffer.fill(0);
    });
  }
}

describe('TcpConnection, spared an idle segment', () => {
  it('tells the same', () => {
    fc.assert(
      fc.property(segments, (all) => {
        const [sparing, patient] = [new Log(), new Log()];
        sparing.feed(all, true);
        patient.feed(all);
        for (const log of [sparing, patient]) log.connection.finish(mark(100));
        expect(sparing.told).toEqual(patient.told);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('TcpConnection, used again', () => {
  it('tells of the second connection what a new one would', () => {
    fc.assert(
      fc.property(segments, fc.boolean(), segments, (before, finished, after) => {
        const used = new Log();
        used.feed(before);
        if (finished) used.connection.finish(mark(99));
        used.connection.reset();
        used.told = [];
        const fresh = new Log();
        for (const log of [used, fresh]) {
          log.feed(after);
          log.connection.finish(mark(100));
        }
        expect(used.told).toEqual(fresh.told);
        for (const direction of [0, 1] as const) {
          const [one, other] = [used.connection.streams[direction], fresh.connection.streams[direction]];
          expect([one.offset, one.closed, one.buffered]).toEqual([
            other.offset,
            other.closed,
            other.buffered,
          ]);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
