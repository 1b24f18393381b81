import type { PacketView } from '../capture/packet';
import { u16be } from '../capture/words';
import { LINKTYPE } from './link';

/** Lengths of the headers before TCP: Ethernet II, and IPv4 without options. */
const ETHERNET = 14;
const IPV4 = 20;
const TCP_HEADER = 20;
/** Offset of the TCP header in a plain packet. Its addresses are the 8 bytes before it, its flags at 13 behind it. */
const TCP = ETHERNET + IPV4;

/**
 * Where the TCP header of the most frequent kind of packet is: Ethernet II, IPv4 without options, not a fragment, nothing wrong with its
 * lengths. What `decodeSegment` would say of it is known without filling a `SegmentView`.
 *
 * @returns offset in the packet's buffer; -1 for any other packet.
 */
export function plainTcp(packet: PacketView): number {
  const { buffer, start, end } = packet;
  if (packet.linkType !== LINKTYPE.ETHERNET || end - start < TCP + TCP_HEADER) return -1;
  const ip = start + ETHERNET;
  if (buffer[start + 12] !== 8 || buffer[start + 13] !== 0 || buffer[ip] !== 0x45 || buffer[ip + 9] !== 6) {
    return -1;
  }
  if ((u16be(buffer, ip + 6) & 0x3fff) !== 0) return -1;
  const tcp = start + TCP;
  const headerLength = (buffer[tcp + 12] >>> 4) * 4;
  return headerLength < TCP_HEADER || IPV4 + headerLength > u16be(buffer, ip + 2) ? -1 : tcp;
}
