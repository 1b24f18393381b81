import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyView } from '../../../src/capture/packet';
import { FinishedFlows } from '../../../src/network/finished-flows';
import { FlowTable } from '../../../src/network/flow-table';
import { buildPacket } from '../../../src/network/packet-builder';
import { plainTcp } from '../../../src/network/plain-tcp';
import { ACK, SegmentView } from '../../../src/network/segment';
import { decodeSegment } from '../../../src/network/tcp';

const address = fc.constantFrom<string[]>('192.0.2.1', '192.0.2.9', '198.51.100.200', '2001:db8::1');
const end = fc.record({ address, port: fc.constantFrom<number[]>(1, 5432, 50_000, 65_535) });

/** A packet, cut to a part of its length, with some bytes of its headers changed. */
const packets = fc.record({
  source: end,
  destination: end,
  payload: fc.uint8Array({ maxLength: 40 }),
  kept: fc.oneof(fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true })),
  changes: fc.array(fc.record({ at: fc.nat(53), value: fc.nat(255) }), { maxLength: 2 }),
});

type Packet = typeof packets extends fc.Arbitrary<infer T> ? T : never;

function viewOf({ source, destination, payload, kept, changes }: Packet) {
  const fields = { source, destination, payload, sequence: 1, acknowledgment: 1, flags: ACK };
  const bytes = buildPacket(fields);
  for (const { at, value } of changes) bytes[at] = value;
  // Not at the beginning of the buffer, as in a capture.
  const buffer = Uint8Array.of(9, 9, 9, ...bytes.subarray(0, Math.ceil(kept * bytes.length)));
  return Object.assign(emptyView(), { linkType: 1, buffer, start: 3, end: buffer.length });
}

const wordsOf = ({ buffer }: { buffer: Uint8Array }) =>
  new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);

const usual = {
  source: { address: '192.0.2.1', port: 1 },
  destination: { address: '192.0.2.9', port: 2 },
  payload: new Uint8Array(0),
  kept: 1,
  changes: [],
};

describe('plainTcp', () => {
  it('says what the decoder says, of the packets that it knows', () => {
    let plain = 0;
    fc.assert(
      fc.property(packets, (packet) => {
        const view = viewOf(packet);
        const segment = new SegmentView();
        const tcp = plainTcp(view, wordsOf(view));
        const decoded = decodeSegment(view, segment);
        if (tcp < 0) return;
        plain++;
        expect(decoded).toBe(true);
        expect(segment.tcpAt).toBe(tcp);
        expect([segment.version, segment.sourceAt, segment.destinationAt]).toEqual([4, tcp - 8, tcp - 4]);
      }),
      { numRuns: 2000 },
    );
    expect(plain).toBeGreaterThan(200);
  });

  it('knows the usual packet', () => {
    const tcpOf = (packet: Packet, linkType = 1) => {
      const view = { ...viewOf(packet), linkType };
      return plainTcp(view, wordsOf(view));
    };
    expect(tcpOf(usual)).toBe(3 + 34);
    // Cut in its payload it is still one; cut in its header, or with another link type, it is not.
    expect(tcpOf(usual, 113)).toBe(-1);
    expect(tcpOf({ ...usual, kept: 0.9 })).toBe(-1);
    expect(tcpOf({ ...usual, payload: new Uint8Array(400), kept: 0.5 })).toBe(3 + 34);
  });
});

describe('FinishedFlows', () => {
  const few = fc.constantFrom(usual.source, usual.destination, { address: '192.0.2.1', port: 2 });
  const step = fc.record({
    packet: fc.record({ source: few, destination: few }).map((ends) => ({ ...usual, ...ends })),
    what: fc.constantFrom('add', 'remove', 'ask', 'ask', 'ask'),
  });

  it('never takes one flow for another, nor one that was removed', () => {
    let known = 0;
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const finished = new FinishedFlows();
        const table = new FlowTable();
        const segment = new SegmentView();
        const added = new Set<string>();
        for (const { packet, what } of steps) {
          const view = viewOf(packet);
          const words = wordsOf(view);
          const tcp = plainTcp(view, words);
          if (tcp < 0 || !decodeSegment(view, segment)) continue;
          const flow = table.lookup(segment);
          const key = `${flow} ${table.direction}`;
          if (what === 'add') {
            finished.add(words, tcp);
            added.add(key);
          } else if (what === 'remove') {
            finished.remove(segment);
            added.delete(`${flow} 0`);
            added.delete(`${flow} 1`);
          } else if (finished.has(words, tcp)) {
            known++;
            expect(added).toContain(key);
          }
        }
      }),
      { numRuns: 1000 },
    );
    expect(known).toBeGreaterThan(100);
  });

  it('knows a direction that was added, and only that one', () => {
    const finished = new FinishedFlows();
    const there = viewOf(usual);
    const back = viewOf({ ...usual, source: usual.destination, destination: usual.source });
    expect(finished.has(wordsOf(there), 37)).toBe(false);
    finished.add(wordsOf(there), 37);
    expect(finished.has(wordsOf(there), 37)).toBe(true);
    expect(finished.has(wordsOf(back), 37)).toBe(false);
  });
});
