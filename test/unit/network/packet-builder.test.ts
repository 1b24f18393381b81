import { describe, expect, it } from 'vitest';
import { buildPacket, MAX_PAYLOAD } from '../../../src/network/packet-builder';
import { SegmentView } from '../../../src/network/segment';
import { decodeSegment } from '../../../src/network/tcp';
import { packetOf, viewOf } from './packets';

/** The ones' complement sum that a right checksum brings to 0xffff (RFC 1071). */
function sum(...parts: readonly Uint8Array[]): number {
  let total = 0;
  for (const part of parts) {
    for (let i = 0; i < part.length; i++) total += i % 2 === 0 ? part[i] * 256 : part[i];
    while (total > 0xffff) total = (total % 65_536) + Math.floor(total / 65_536);
  }
  return total;
}

const v6 = { source: { address: '::1', port: 1 }, destination: { address: 'fe80::9', port: 2 } };

describe('buildPacket', () => {
  it.each([0, 1, 2, 1001, MAX_PAYLOAD])(
    'has right checksums with %i bytes of payload over IPv4',
    (length) => {
      const packet = packetOf({ payload: new Uint8Array(length).fill(0xab) });
      const ip = packet.subarray(14, 34);
      const tcp = packet.subarray(34);
      expect(sum(ip)).toBe(0xffff);
      expect(sum(ip.subarray(12, 20), Uint8Array.of(0, 6, tcp.length >> 8, tcp.length & 255), tcp)).toBe(
        0xffff,
      );
    },
  );

  it.each([0, 1, 1000])('has a right checksum with %i bytes of payload over IPv6', (length) => {
    const packet = packetOf({ ...v6, payload: new Uint8Array(length).fill(0xff) });
    const tcp = packet.subarray(54);
    expect(sum(packet.subarray(22, 54), Uint8Array.of(0, 6, tcp.length >> 8, tcp.length & 255), tcp)).toBe(
      0xffff,
    );
  });

  it('has the checksum of a known packet', () => {
    // Worked out by hand: all words of the header and pseudo-header are small.
    const packet = buildPacket({
      source: { address: '0.0.0.1', port: 1 },
      destination: { address: '0.0.0.2', port: 2 },
      sequence: 0,
      acknowledgment: 0,
      flags: 2,
      window: 0,
    });
    // 1 + 2 (addresses) + 6 (protocol) + 20 (length) + 1 + 2 (ports) + 0x5002 = 0x5022
    expect((packet[50] << 8) | packet[51]).toBe(0xffff - 0x5022);
  });

  it('writes an IPv4 address beside an IPv6 one as a mapped one', () => {
    const packet = packetOf({ ...v6, source: { address: '192.0.2.1', port: 1 } });
    const segment = new SegmentView();
    expect(decodeSegment(viewOf(packet), segment)).toBe(true);
    expect(segment.sourceAddress).toBe('::ffff:192.0.2.1');
    expect(segment.destinationAddress).toBe('fe80::9');
  });

  it('refuses what cannot be written', () => {
    expect(() => packetOf({ payload: new Uint8Array(MAX_PAYLOAD + 1) })).toThrow(RangeError);
    expect(() => packetOf({ source: { address: 'localhost', port: 1 } })).toThrow(RangeError);
  });
});
