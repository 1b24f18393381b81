import type { PacketView } from '../capture/packet';
import { u16be, u32be, u32le } from '../capture/words';
import { ETHERTYPE_IPV4, ETHERTYPE_IPV6, NOT_IP } from './ethertype';
import { ipAfter80211, ipAfterRadiotap } from './wireless';

/** Link-layer types by LINKTYPE_ value (the tcpdump.org list), as far as IP can be found in them. */
export const LINKTYPE = {
  NULL: 0,
  ETHERNET: 1,
  PPP: 9,
  DLT_RAW: 12,
  DLT_RAW_OPENBSD: 14,
  PPP_HDLC: 50,
  RAW: 101,
  C_HDLC: 104,
  IEEE802_11: 105,
  LOOP: 108,
  LINUX_SLL: 113,
  IEEE802_11_RADIOTAP: 127,
  IPV4: 228,
  IPV6: 229,
  NFLOG: 239,
  PKTAP: 258,
  LINUX_SLL2: 276,
} as const;

/** What {@link ipOffset} gives for a link type that is not in the table. */
export const UNKNOWN_LINK = -2;

/** Tags met inside each other before the packet is given up. */
const MAX_TAGS = 8;

/** Finds where the IP header begins in `bytes[start, end)`, or gives {@link NOT_IP}. */
type Locate = (bytes: Uint8Array, start: number, end: number) => number;

const LINK_LAYERS: ReadonlyMap<number, Locate> = new Map<number, Locate>([
  [LINKTYPE.NULL, afterLoopback],
  [LINKTYPE.ETHERNET, ipAfterEthernet],
  [LINKTYPE.PPP, ipAfterPpp],
  [LINKTYPE.DLT_RAW, asIs],
  [LINKTYPE.DLT_RAW_OPENBSD, asIs],
  [LINKTYPE.PPP_HDLC, ipAfterPpp],
  [LINKTYPE.RAW, asIs],
  [LINKTYPE.C_HDLC, (b, at, end) => afterType(b, at + 2, end)],
  [LINKTYPE.IEEE802_11, ipAfter80211],
  [LINKTYPE.LOOP, afterLoopback],
  [LINKTYPE.LINUX_SLL, (b, at, end) => afterType(b, at + 14, end)],
  [LINKTYPE.IEEE802_11_RADIOTAP, ipAfterRadiotap],
  [LINKTYPE.IPV4, asIs],
  [LINKTYPE.IPV6, asIs],
  [LINKTYPE.NFLOG, afterNflog],
  [LINKTYPE.PKTAP, afterPktap],
  [LINKTYPE.LINUX_SLL2, afterCookedV2],
]);

/** The same table by index, for one look per packet. */
const LOCATORS: (Locate | undefined)[] = Array.from({ length: 277 }, (_, type) => LINK_LAYERS.get(type));

/** Offset in `packet.buffer` of the IP header, or {@link NOT_IP} or {@link UNKNOWN_LINK}. */
export function ipOffset(packet: PacketView): number {
  const { buffer, start, end, linkType } = packet;
  if (
    linkType === LINKTYPE.ETHERNET &&
    end - start > 34 &&
    buffer[start + 12] === 8 &&
    buffer[start + 13] === 0
  ) {
    return start + 14;
  }
  const locate = LOCATORS[linkType];
  return locate === undefined ? UNKNOWN_LINK : locate(buffer, start, end);
}

/** No link header: the IP version decides (asked by the IP decoder). */
function asIs(_bytes: Uint8Array, start: number, end: number): number {
  return start < end ? start : NOT_IP;
}

/** Two addresses, then an EtherType. */
export function ipAfterEthernet(bytes: Uint8Array, start: number, end: number): number {
  return afterType(bytes, start + 12, end);
}

/** An EtherType at `at`, then any 802.1Q or 802.1ad tags, MPLS labels or a PPPoE session header. */
function afterType(bytes: Uint8Array, at: number, end: number): number {
  let position = at;
  for (let tags = 0; tags < MAX_TAGS && position + 2 <= end; tags++) {
    const type = u16be(bytes, position);
    switch (type) {
      case ETHERTYPE_IPV4:
      case ETHERTYPE_IPV6:
        return position + 2;
      case 0x8100: // IEEE 802.1Q
      case 0x88a8: // IEEE 802.1ad
      case 0x9100: // QinQ before the standard
      case 0x9200:
        position += 4;
        break;
      case 0x8847: // MPLS, RFC 3032
      case 0x8848:
        return afterMpls(bytes, position + 2, end);
      case 0x8864: // PPPoE session, RFC 2516: version, code, session, length; then PPP without its flag bytes
        return ipAfterPpp(bytes, position + 8, end);
      default:
        return NOT_IP;
    }
  }
  return NOT_IP;
}

/** MPLS does not say what it carries; after the bottom of the stack the IP version tells (RFC 4928 section 2). */
function afterMpls(bytes: Uint8Array, at: number, end: number): number {
  let position = at;
  for (let labels = 0; labels < MAX_TAGS && position + 4 < end; labels++) {
    const bottom = (bytes[position + 2] & 1) === 1;
    position += 4;
    if (!bottom) continue;
    const version = bytes[position] >>> 4;
    return version === 4 || version === 6 ? position : NOT_IP;
  }
  return NOT_IP;
}

/** PPP (RFC 1661), with or without address and control bytes; the protocol may be one byte when compressed. */
export function ipAfterPpp(bytes: Uint8Array, at: number, end: number): number {
  let position = at;
  if (position + 4 > end) return NOT_IP;
  if (bytes[position] === 0xff && bytes[position + 1] === 0x03) position += 2;
  const short = (bytes[position] & 1) === 1;
  const protocol = short ? bytes[position] : u16be(bytes, position);
  position += short ? 1 : 2;
  return (protocol === 0x21 || protocol === 0x57) && position < end ? position : NOT_IP;
}

/** BSD address families of IP: AF_INET, and the AF_INET6 of NetBSD/OpenBSD, FreeBSD, macOS; Linux's last. */
function isIpFamily(family: number): boolean {
  return family === 2 || family === 24 || family === 28 || family === 30 || family === 10;
}

/** Four bytes of address family, in the byte order of the machine that captured (NULL) or the network's (LOOP). */
function afterLoopback(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < 5) return NOT_IP;
  const known = isIpFamily(u32le(bytes, start)) || isIpFamily(u32be(bytes, start));
  return known ? start + 4 : NOT_IP;
}

/** LINKTYPE_LINUX_SLL2: the protocol comes first, the header is 20 bytes. */
function afterCookedV2(bytes: Uint8Array, start: number, end: number): number {
  if (end - start <= 20) return NOT_IP;
  const type = u16be(bytes, start);
  if (type === ETHERTYPE_IPV4 || type === ETHERTYPE_IPV6) return start + 20;
  // A tag left in place begins after the header with its own two bytes: 802.1Q control, then the inner type.
  return type === 0x8100 || type === 0x88a8 ? afterType(bytes, start + 22, end) : NOT_IP;
}

/** LINKTYPE_NFLOG: four bytes, then type-length-values in host byte order; type 9 is the packet. */
function afterNflog(bytes: Uint8Array, start: number, end: number): number {
  let at = start + 4;
  while (at + 4 <= end) {
    // Lengths are small, so the order in which the upper byte is the smaller is the right one.
    const little = bytes[at + 1] <= bytes[at];
    const length = little ? bytes[at] | (bytes[at + 1] << 8) : u16be(bytes, at);
    const type = (little ? bytes[at + 2] | (bytes[at + 3] << 8) : u16be(bytes, at + 2)) & 0x7fff;
    if (type === 9) return at + 4 < end ? at + 4 : NOT_IP;
    if (length < 4) return NOT_IP;
    at += (length + 3) & ~3;
  }
  return NOT_IP;
}

/**
 * LINKTYPE_PKTAP, what macOS records on several interfaces at once: length of its header, type of record, link type of what
 * follows, all little-endian (xnu `bsd/net/pktap.h`).
 */
function afterPktap(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < 12) return NOT_IP;
  const length = u32le(bytes, start);
  const inner = u32le(bytes, start + 8);
  if (length < 12 || length > end - start || inner === LINKTYPE.PKTAP) return NOT_IP;
  const locate = LOCATORS[inner];
  return locate === undefined ? UNKNOWN_LINK : locate(bytes, start + length, end);
}
