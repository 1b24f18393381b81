import type { PacketView } from '../capture/packet';
import { i32be, u16be } from '../capture/words';
import { BAD_IP, FRAGMENT, locateTcp } from './ip';
import { ipOffset, UNKNOWN_LINK } from './link';
import { SEGMENT_KIND, type SegmentView } from './segment';

const MIN_HEADER_LENGTH = 20;

/**
 * Finds the TCP segment in a packet. Checksums are not looked at: captures of outgoing packets rarely have right ones.
 *
 * @returns whether `out` holds a segment; if not, `out.kind` says why.
 */
export function decodeSegment(packet: PacketView, out: SegmentView): boolean {
  const ip = ipOffset(packet);
  if (ip < 0) {
    out.kind = ip === UNKNOWN_LINK ? SEGMENT_KIND.UNKNOWN_LINK : SEGMENT_KIND.NOT_IP;
    return false;
  }
  const bytes = packet.buffer;
  const end = packet.end;
  const tcp = locateTcp(bytes, ip, end, out);
  if (tcp < 0) {
    if (tcp === BAD_IP) out.kind = SEGMENT_KIND.MALFORMED;
    else out.kind = tcp === FRAGMENT ? SEGMENT_KIND.FRAGMENT : SEGMENT_KIND.OTHER_PROTOCOL;
    return false;
  }
  // What lies after the IP packet is padding of the link layer.
  const captured = Math.min(end, out.ipEnd);
  const payloadStart = tcp + (tcp + MIN_HEADER_LENGTH <= captured ? (bytes[tcp + 12] >>> 4) * 4 : 0);
  if (payloadStart < tcp + MIN_HEADER_LENGTH || payloadStart > out.ipEnd) {
    out.kind = SEGMENT_KIND.MALFORMED;
    return false;
  }
  out.kind = SEGMENT_KIND.TCP;
  out.buffer = bytes;
  out.sourcePort = u16be(bytes, tcp);
  out.destinationPort = u16be(bytes, tcp + 2);
  out.sequence = i32be(bytes, tcp + 4);
  out.acknowledgment = i32be(bytes, tcp + 8);
  out.flags = bytes[tcp + 13];
  out.window = u16be(bytes, tcp + 14);
  // A snap length may even cut the options: then nothing of the payload was captured.
  out.payloadStart = Math.min(payloadStart, captured);
  out.payloadEnd = captured;
  out.missing = out.ipEnd - Math.max(payloadStart, captured);
  return true;
}
