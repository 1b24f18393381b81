import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyView } from '../../../src/capture/packet';
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

describe('plainTcp', () => {
  it('says what the decoder says, of the packets that it knows', () => {
    let plain = 0;
    fc.assert(
      fc.property(fc.array(packets, { maxLength: 20 }), (several) => {
        const table = new FlowTable();
        const segment = new SegmentView();
        for (const packet of several) {
          const view = viewOf(packet);
          const tcp = plainTcp(view);
          const decoded = decodeSegment(view, segment);
          if (tcp < 0) continue;
          plain++;
          expect(decoded).toBe(true);
          expect(segment.tcpAt).toBe(tcp);
          const before = table.find(segment);
          const { direction } = table;
          expect(table.findPlain(view.buffer, tcp)).toBe(before);
          if (before >= 0) expect(table.direction).toBe(direction);
          table.lookup(segment);
        }
      }),
      { numRuns: 500 },
    );
    expect(plain).toBeGreaterThan(500);
  });

  it('knows the usual packet', () => {
    const ends = {
      source: { address: '192.0.2.1', port: 1 },
      destination: { address: '192.0.2.9', port: 2 },
    };
    const usual = { ...ends, payload: new Uint8Array(0), kept: 1, changes: [] };
    expect(plainTcp(viewOf(usual))).toBe(3 + 34);
    // Cut in its payload it is still one; cut in its header, or with another link type, it is not.
    expect(plainTcp({ ...viewOf(usual), linkType: 113 })).toBe(-1);
    expect(plainTcp(viewOf({ ...usual, kept: 0.9 }))).toBe(-1);
    expect(plainTcp(viewOf({ ...usual, payload: new Uint8Array(400), kept: 0.5 }))).toBe(3 + 34);
  });
});
