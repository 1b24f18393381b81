import type { PacketView } from '../capture/packet';
import { i32be, u16be } from '../capture/words';
import type { FragmentTable } from './fragments';
import { BAD_IP, FRAGMENT, locateTcp } from './ip';
import { ipOffset, UNKNOWN_LINK } from './link';
import { SEGMENT_KIND, type SegmentView } from './segment';

const MIN_HEADER_LENGTH = 20;
/** Fragmented packets inside fragmented packets. */
const MAX_NESTED = 3;

/**
 * Finds the TCP segment in a packet, also inside a tunnel. Checksums are not looked at: captures of outgoing packets rarely have right
 * ones.
 *
 * @param fragments where pieces of IP packets wait for each other; without it a piece is none.
 * @returns whether `out` holds a segment; if not, `out.kind` says why.
 */
export function decodeSegment(packet: PacketView, out: SegmentView, fragments?: FragmentTable): boolean {
  const ip = ipOffset(packet);
  if (ip < 0) {
    out.kind = ip === UNKNOWN_LINK ? SEGMENT_KIND.UNKNOWN_LINK : SEGMENT_KIND.NOT_IP;
    return false;
  }
  let bytes = packet.buffer;
  let end = packet.end;
  let tcp = locateTcp(bytes, ip, end, out);
  // A tunnel's packet may be parted, and the one inside it too.
  for (let depth = 0; tcp === FRAGMENT && fragments !== undefined && depth < MAX_NESTED; depth++) {
    const frames = depth === 0 ? [packet.frame] : fragments.frames;
    const whole = fragments.add(out, end, packet.seconds, frames);
    if (whole === undefined) {
      out.kind = SEGMENT_KIND.HELD;
      return false;
    }
    bytes = whole;
    end = whole.length;
    tcp = locateTcp(bytes, 0, end, out);
  }
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
  out.tcpAt = tcp;
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
