import type { PacketView } from '../capture/packet';
import { ETHERTYPE_IPV4 } from './ethertype';
import { LINKTYPE } from './link';

/** Lengths of the headers before TCP: Ethernet II, and IPv4 without options. */
const ETHERNET = 14;
const IPV4 = 20;
const TCP_HEADER = 20;
/** Offset of the TCP header in a plain packet. Its addresses are the 8 bytes before it, its flags at 13 behind it. */
const TCP = ETHERNET + IPV4;
/** First byte of an IPv4 header without options. */
const IPV4_NO_OPTIONS = 0x45;
const PROTOCOL_TCP = 6;
/** More fragments, or an offset. */
const FRAGMENTED = 0x3fff;

/**
 * Where the TCP header of the most frequent kind of packet is: Ethernet II, IPv4 without options, not a fragment, nothing wrong with its
 * lengths. What `decodeSegment` would say of it is known without filling a `SegmentView`.
 *
 * @param words the packet's buffer.
 * @returns offset in the packet's buffer; -1 for any other packet.
 */
export function plainTcp({ linkType, start, end }: PacketView, words: DataView): number {
  if (linkType !== LINKTYPE.ETHERNET || end - start < TCP + TCP_HEADER) return -1;
  const ip = start + ETHERNET;
  if (words.getUint16(start + 12) !== ETHERTYPE_IPV4 || words.getUint8(ip) !== IPV4_NO_OPTIONS) return -1;
  if (words.getUint8(ip + 9) !== PROTOCOL_TCP || (words.getUint16(ip + 6) & FRAGMENTED) !== 0) return -1;
  const tcp = start + TCP;
  const headerLength = (words.getUint8(tcp + 12) >>> 4) * 4;
  return headerLength < TCP_HEADER || IPV4 + headerLength > words.getUint16(ip + 2) ? -1 : tcp;
}
