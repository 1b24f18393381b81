import { u16be } from '../capture/words';
import { ETHERTYPE_IPV4, ETHERTYPE_IPV6, NOT_IP } from './ethertype';
import { ipAfterEthernet, ipAfterPpp } from './link';

/** IP protocol numbers (IANA) of what may carry IP again. */
const IPV4_IN_IP = 4;
export const UDP = 17;
const IPV6_IN_IP = 41;
export const GRE = 47;

/** GRE protocol types besides EtherTypes of IP. */
export const BRIDGED_ETHERNET = 0x6558;
export const ERSPAN = 0x88be;
export const ERSPAN_III = 0x22eb;
const GRE_PPP = 0x880b;

/** UDP ports: VXLAN (RFC 7348), the one Linux used before it, GENEVE (RFC 8926). */
const VXLAN = 4789;
const VXLAN_LINUX = 8472;
export const GENEVE = 6081;

/** Whether an IP packet of this protocol can hold another. */
export function isTunnel(protocol: number): boolean {
  return protocol === IPV4_IN_IP || protocol === UDP || protocol === IPV6_IN_IP || protocol === GRE;
}

/** Offset of the IP header inside the payload at `at` of an IP packet, or {@link NOT_IP}. */
export function innerIp(protocol: number, bytes: Uint8Array, at: number, end: number): number {
  switch (protocol) {
    case IPV4_IN_IP:
    case IPV6_IN_IP:
      return at < end ? at : NOT_IP;
    case GRE:
      return afterGre(bytes, at, end);
    case UDP:
      return afterUdp(bytes, at, end);
    default:
      return NOT_IP;
  }
}

/** RFC 2784 and 2890; version 1 is PPTP's (RFC 2637). */
function afterGre(bytes: Uint8Array, at: number, end: number): number {
  if (at + 8 > end) return NOT_IP;
  const flags = u16be(bytes, at);
  const type = u16be(bytes, at + 2);
  const sequence = (flags & 0x1000) !== 0 ? 4 : 0;
  if ((flags & 7) === 1) {
    const acknowledgment = (flags & 0x80) !== 0 ? 4 : 0;
    return type === GRE_PPP ? ipAfterPpp(bytes, at + 8 + sequence + acknowledgment, end) : NOT_IP;
  }
  // With the routing bit set a list of source routes follows, which nobody sends.
  if ((flags & 7) !== 0 || (flags & 0x4000) !== 0) return NOT_IP;
  const checksum = (flags & 0x8000) !== 0 ? 4 : 0;
  const key = (flags & 0x2000) !== 0 ? 4 : 0;
  const inner = at + 4 + checksum + key + sequence;
  switch (type) {
    case ETHERTYPE_IPV4:
    case ETHERTYPE_IPV6:
      return inner < end ? inner : NOT_IP;
    case BRIDGED_ETHERNET:
      return ipAfterEthernet(bytes, inner, end);
    case ERSPAN:
      // Type I has neither sequence number nor header of its own.
      return ipAfterEthernet(bytes, inner + (sequence === 0 ? 0 : 8), end);
    case ERSPAN_III: {
      if (inner + 12 > end) return NOT_IP;
      const subheader = (bytes[inner + 11] & 1) === 0 ? 0 : 8;
      return ipAfterEthernet(bytes, inner + 12 + subheader, end);
    }
    default:
      return NOT_IP;
  }
}

function afterUdp(bytes: Uint8Array, at: number, end: number): number {
  // Eight bytes of UDP, eight of either tunnel.
  if (at + 16 >= end) return NOT_IP;
  const port = u16be(bytes, at + 2);
  const tunnel = at + 8;
  if (port === VXLAN || port === VXLAN_LINUX) {
    // The flag that says that the network identifier is valid must be set.
    return (bytes[tunnel] & 0x08) === 0 ? NOT_IP : ipAfterEthernet(bytes, tunnel + 8, end);
  }
  if (port !== GENEVE || bytes[tunnel] >>> 6 !== 0) return NOT_IP;
  const inner = tunnel + 8 + (bytes[tunnel] & 0x3f) * 4;
  const type = u16be(bytes, tunnel + 2);
  if (type === BRIDGED_ETHERNET) return ipAfterEthernet(bytes, inner, end);
  return (type === ETHERTYPE_IPV4 || type === ETHERTYPE_IPV6) && inner < end ? inner : NOT_IP;
}
