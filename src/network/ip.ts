import { u16be } from '../capture/words';
import type { SegmentView } from './segment';

/** IP protocol numbers (IANA). */
const TCP = 6;
const FRAGMENT_HEADER = 44;
const AUTHENTICATION_HEADER = 51;

/** IPv6 extension headers passed over before a packet is given up. */
const MAX_EXTENSION_HEADERS = 8;

/** Results of {@link locateTcp} below zero. */
export const BAD_IP = -1;
export const OTHER_PROTOCOL = -2;
export const FRAGMENT = -3;

/**
 * Reads the IPv4 or IPv6 header at `at` and notes the addresses, and where the packet ends by its own length, in `out`:
 * `ipEnd` may lie past `end` when the capture cut the packet.
 *
 * @returns offset of the TCP header, or one of the reasons above. Fragments other than whole packets are not put together.
 */
export function locateTcp(bytes: Uint8Array, at: number, end: number, out: SegmentView): number {
  if (at >= end) return BAD_IP;
  const version = bytes[at] >>> 4;
  if (version === 4) return ipv4(bytes, at, end, out);
  return version === 6 ? ipv6(bytes, at, end, out) : BAD_IP;
}

/** RFC 791 section 3.1. */
function ipv4(bytes: Uint8Array, at: number, end: number, out: SegmentView): number {
  const headerLength = (bytes[at] & 0x0f) * 4;
  if (headerLength < 20 || at + headerLength > end) return BAD_IP;
  const totalLength = u16be(bytes, at + 2);
  // Zero is what an interface that segments packets itself leaves for packets it is going to send.
  if (totalLength !== 0 && totalLength < headerLength) return BAD_IP;
  if (bytes[at + 9] !== TCP) return OTHER_PROTOCOL;
  if ((u16be(bytes, at + 6) & 0x3fff) !== 0) return FRAGMENT;
  out.version = 4;
  out.sourceAt = at + 12;
  out.destinationAt = at + 16;
  out.ipEnd = totalLength === 0 ? end : at + totalLength;
  return at + headerLength;
}

/** RFC 8200 sections 3 and 4; the authentication header is RFC 4302's. */
function ipv6(bytes: Uint8Array, at: number, end: number, out: SegmentView): number {
  if (at + 40 > end) return BAD_IP;
  const payloadLength = u16be(bytes, at + 4);
  let next = bytes[at + 6];
  let position = at + 40;
  for (let headers = 0; next !== TCP; headers++) {
    if (!isExtension(next) || headers === MAX_EXTENSION_HEADERS) return OTHER_PROTOCOL;
    if (position + 8 > end) return BAD_IP;
    if (next === FRAGMENT_HEADER && (u16be(bytes, position + 2) & 0xfff9) !== 0) return FRAGMENT;
    const length = extensionLength(next, bytes[position + 1]);
    next = bytes[position];
    position += length;
  }
  if (position > end) return BAD_IP;
  out.version = 6;
  out.sourceAt = at + 8;
  out.destinationAt = at + 24;
  // Zero: a jumbogram (RFC 2675), or an interface that segments packets itself.
  out.ipEnd = payloadLength === 0 ? end : at + 40 + payloadLength;
  return position;
}

/** Hop-by-hop, routing, fragment, authentication, destination options, mobility, HIP, shim6. */
function isExtension(protocol: number): boolean {
  switch (protocol) {
    case 0:
    case 43:
    case FRAGMENT_HEADER:
    case AUTHENTICATION_HEADER:
    case 60:
    case 135:
    case 139:
    case 140:
      return true;
    default:
      return false;
  }
}

function extensionLength(protocol: number, lengthField: number): number {
  if (protocol === FRAGMENT_HEADER) return 8;
  return protocol === AUTHENTICATION_HEADER ? (lengthField + 2) * 4 : (lengthField + 1) * 8;
}
