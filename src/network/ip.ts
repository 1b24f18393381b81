import { u16be } from '../capture/words';
import { NOT_IP } from './ethertype';
import type { SegmentView } from './segment';
import { innerIp, isTunnel } from './tunnel';

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

/** Packets inside packets before it is given up. */
const MAX_TUNNELS = 4;

/**
 * Reads the IPv4 or IPv6 header at `at`, and those inside a tunnel, and notes the addresses, and where the packet ends by its own
 * length, in `out`: `ipEnd` may lie past `end` when the capture cut the packet.
 *
 * @returns offset of the TCP header, or one of the reasons above. For a fragment that may hold a part of TCP `out` says where it is.
 */
export function locateTcp(bytes: Uint8Array, at: number, end: number, out: SegmentView): number {
  let header = at;
  for (let depth = 0; depth <= MAX_TUNNELS; depth++) {
    if (header >= end) return BAD_IP;
    const version = bytes[header] >>> 4;
    let payload: number;
    if (version === 4) payload = ipv4(bytes, header, end, out);
    else if (version === 6) payload = ipv6(bytes, header, end, out);
    else return BAD_IP;
    if (payload < 0 || out.protocol === TCP) return payload;
    const inner = innerIp(out.protocol, bytes, payload, Math.min(end, out.ipEnd));
    if (inner === NOT_IP) return OTHER_PROTOCOL;
    header = inner;
  }
  return OTHER_PROTOCOL;
}

/** RFC 791 section 3.1. @returns offset of the payload. */
function ipv4(bytes: Uint8Array, at: number, end: number, out: SegmentView): number {
  const headerLength = (bytes[at] & 0x0f) * 4;
  if (headerLength < 20 || at + headerLength > end) return BAD_IP;
  const totalLength = u16be(bytes, at + 2);
  // Zero is what an interface that segments packets itself leaves for packets it is going to send.
  if (totalLength !== 0 && totalLength < headerLength) return BAD_IP;
  const protocol = bytes[at + 9];
  if (protocol !== TCP && !isTunnel(protocol)) return OTHER_PROTOCOL;
  out.version = 4;
  out.protocol = protocol;
  out.sourceAt = at + 12;
  out.destinationAt = at + 16;
  out.ipEnd = totalLength === 0 ? end : at + totalLength;
  if ((u16be(bytes, at + 6) & 0x3fff) !== 0) return fragment(bytes, at, at + headerLength, out);
  return at + headerLength;
}

/** RFC 8200 sections 3 and 4; the authentication header is RFC 4302's. @returns offset of the payload. */
function ipv6(bytes: Uint8Array, at: number, end: number, out: SegmentView): number {
  if (at + 40 > end) return BAD_IP;
  const payloadLength = u16be(bytes, at + 4);
  out.version = 6;
  out.sourceAt = at + 8;
  out.destinationAt = at + 24;
  // Zero: a jumbogram (RFC 2675), or an interface that segments packets itself.
  out.ipEnd = payloadLength === 0 ? end : at + 40 + payloadLength;
  let next = bytes[at + 6];
  let position = at + 40;
  for (let headers = 0; next !== TCP && !isTunnel(next); headers++) {
    if (!isExtension(next) || headers === MAX_EXTENSION_HEADERS) return OTHER_PROTOCOL;
    if (position + 8 > end) return BAD_IP;
    if (next === FRAGMENT_HEADER && (u16be(bytes, position + 2) & 0xfff9) !== 0) {
      return fragment(bytes, at, position + 8, out);
    }
    const length = extensionLength(next, bytes[position + 1]);
    next = bytes[position];
    position += length;
  }
  if (position > end) return BAD_IP;
  out.protocol = next;
  return position;
}

function fragment(bytes: Uint8Array, at: number, payload: number, out: SegmentView): number {
  out.buffer = bytes;
  out.fragmentAt = at;
  out.fragmentPayload = payload;
  return FRAGMENT;
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
