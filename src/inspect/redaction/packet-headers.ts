import { emptyView } from '../../capture/packet';
import { writeIpv4Checksum } from '../../network/checksum';
import { ipOffset } from '../../network/link';
import { innerIp, isTunnel } from '../../network/tunnel';
import type { AddressCipher } from './addresses';
import { keepLinkHeader } from './link-headers';
import { copy, type Rewrite } from './rewrite';
import { keepTunnel } from './tunnel-headers';

const TCP = 6;
const MAX_TUNNELS = 4;

/** A filler of one byte in the options of IPv4 and TCP. */
const NO_OPERATION = 1;
/** TCP options that stay (IANA): end, no operation, segment size, window scale, SACK permitted, SACK, timestamps; and how long each is. */
const TCP_OPTIONS: ReadonlyMap<number, (length: number) => boolean> = new Map([
  [2, (length) => length === 4],
  [3, (length) => length === 3],
  [4, (length) => length === 2],
  [5, (length) => length >= 10 && length <= 34 && (length - 2) % 8 === 0],
  [8, (length) => length === 10],
]);

const HOP_BY_HOP = 0;
const ROUTING = 43;
const FRAGMENT = 44;
const AUTHENTICATION = 51;
const DESTINATION = 60;
const PADDING = 1;
const MAX_EXTENSIONS = 8;

let scratch = new Uint8Array(1 << 17);
const view = emptyView();

/**
 * Writes a packet's headers anew, in place, and leaves the payload of its TCP segment: fields of fixed meaning stay, options that are not
 * known, and whatever lies behind the packet's end, do not. Checksums of IPv4 are made right; TCP's is left to do.
 *
 * @param cipher gives addresses others; then the link layer's are blanked.
 */
export function redactHeaders(bytes: Uint8Array, linkType: number, cipher?: AddressCipher): void {
  const end = bytes.length;
  // Packets are many: none gets memory of its own for this.
  if (scratch.length < end) scratch = new Uint8Array(2 * end);
  scratch.set(bytes);
  const rewrite: Rewrite = { from: scratch, to: bytes, cipher };
  view.linkType = linkType;
  view.buffer = scratch;
  view.end = end;
  const ip = ipOffset(view);
  bytes.fill(0);
  if (ip < 0) return;
  keepLinkHeader(rewrite, linkType, 0, ip);
  const headers: number[] = [];
  keepIp(rewrite, ip, end, headers);
  for (const at of headers) if (at + (bytes[at] & 15) * 4 <= end) writeIpv4Checksum(bytes, at);
}

/** @param headers where IPv4 headers are. */
function keepIp(rewrite: Rewrite, first: number, last: number, headers: number[]): void {
  const { from } = rewrite;
  let at = first;
  let limit = last;
  for (let depth = 0; depth <= MAX_TUNNELS; depth++) {
    if (at >= limit) return;
    const version = from[at] >>> 4;
    if (version === 4) headers.push(at);
    const found = version === 4 ? keepIpv4(rewrite, at, limit) : keepIpv6(rewrite, at, limit);
    if (!found) return;
    const { protocol, payload, end } = found;
    if (protocol === TCP) {
      keepTcp(rewrite, payload, end);
      return;
    }
    if (!isTunnel(protocol)) return;
    const inner = innerIp(protocol, from, payload, end);
    if (inner < 0) return;
    keepTunnel(rewrite, protocol, payload, inner);
    at = inner;
    limit = end;
  }
}

interface Found {
  readonly protocol: number;
  readonly payload: number;
  readonly end: number;
}

/** RFC 791 section 3.1. */
function keepIpv4(rewrite: Rewrite, at: number, limit: number): Found | undefined {
  const { from, to } = rewrite;
  const headerLength = (from[at] & 15) * 4;
  if (headerLength < 20 || at + headerLength > limit) return undefined;
  const total = (from[at + 2] << 8) | from[at + 3];
  copy(rewrite, at, at + 20);
  to.fill(NO_OPERATION, at + 20, at + headerLength);
  changeAddresses(rewrite, at + 12, 4);
  const end = total === 0 ? limit : Math.min(limit, at + total);
  return { protocol: from[at + 9], payload: at + headerLength, end };
}

/** RFC 8200 sections 3 and 4. */
function keepIpv6(rewrite: Rewrite, at: number, limit: number): Found | undefined {
  const { from } = rewrite;
  if (at + 40 > limit) return undefined;
  copy(rewrite, at, at + 40);
  changeAddresses(rewrite, at + 8, 16);
  const length = (from[at + 4] << 8) | from[at + 5];
  const end = length === 0 ? limit : Math.min(limit, at + 40 + length);
  let protocol = from[at + 6];
  let payload = at + 40;
  for (let i = 0; i < MAX_EXTENSIONS && protocol !== TCP && !isTunnel(protocol); i++) {
    if (payload + 8 > end) return undefined;
    const next = payload + keepExtension(rewrite, protocol, payload, end);
    protocol = from[payload];
    payload = next;
  }
  return { protocol, payload, end };
}

/** @returns its length. */
function keepExtension(rewrite: Rewrite, protocol: number, at: number, end: number): number {
  const { from, to } = rewrite;
  if (protocol === FRAGMENT) {
    copy(rewrite, at, at + 8);
    return 8;
  }
  const length = protocol === AUTHENTICATION ? (from[at + 1] + 2) * 4 : (from[at + 1] + 1) * 8;
  copy(rewrite, at, at + (protocol === ROUTING ? 4 : 2));
  if ((protocol === HOP_BY_HOP || protocol === DESTINATION) && at + length <= end)
    padOptions(to, at + 2, at + length);
  return length;
}

/** Fills the room of options with PadN (RFC 8200 section 4.2). */
function padOptions(to: Uint8Array, start: number, end: number): void {
  for (let at = start; at + 2 <= end; ) {
    const length = Math.min(255, end - at - 2);
    to[at] = PADDING;
    to[at + 1] = length;
    at += 2 + length;
  }
}

function changeAddresses({ to, cipher }: Rewrite, at: number, length: number): void {
  if (!cipher) return;
  for (const start of [at, at + length]) to.set(cipher.instead(to.slice(start, start + length)), start);
}

/** RFC 9293 section 3.1. */
function keepTcp(rewrite: Rewrite, at: number, end: number): void {
  const { from, to } = rewrite;
  copy(rewrite, at, Math.min(at + 20, end));
  const payload = Math.min(end, at + (at + 20 <= end ? (from[at + 12] >>> 4) * 4 : 20));
  for (let option = at + 20; option < payload; ) {
    const kind = from[option];
    const length = kind === NO_OPERATION ? 1 : from[option + 1];
    if (kind === 0 || (kind !== NO_OPERATION && (length < 2 || option + length > payload))) break;
    if (kind === NO_OPERATION || TCP_OPTIONS.get(kind)?.(length)) copy(rewrite, option, option + length);
    else to.fill(NO_OPERATION, option, option + length);
    option += length;
  }
  copy(rewrite, payload, end);
}
