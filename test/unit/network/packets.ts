import { concat } from '../../../src/base/bytes';
import type { PacketView } from '../../../src/capture/packet';
import { buildPacket, type PacketFields } from '../../../src/network/packet-builder';
import { ACK, PSH } from '../../../src/network/segment';

/** A view of a packet, as a reader makes it; there is something before and after it in the buffer. */
export function viewOf(bytes: Uint8Array, linkType = 1, originalLength = bytes.length): PacketView {
  const buffer = concat(new Uint8Array(7).fill(0xee), bytes, new Uint8Array(9).fill(0xee));
  return {
    frame: 1,
    seconds: 0,
    nanos: 0,
    linkType,
    buffer,
    start: 7,
    end: 7 + bytes.length,
    originalLength,
    fileOffset: 0,
  };
}

/** A packet between two usual endpoints; give what differs. */
export function packetOf(fields: Partial<PacketFields> = {}): Uint8Array {
  return buildPacket({
    source: { address: '10.0.0.1', port: 50_312 },
    destination: { address: '10.0.0.2', port: 5432 },
    sequence: 1000,
    acknowledgment: 2000,
    flags: ACK | PSH,
    ...fields,
  });
}

/** The IP packet without its Ethernet header. */
export function ipOf(fields: Partial<PacketFields> = {}): Uint8Array {
  return packetOf(fields).slice(14);
}
