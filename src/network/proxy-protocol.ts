/** The header of the PROXY protocol, versions 1 and 2, which a load balancer puts before a connection's own first bytes (haproxy.org, proxy-protocol.txt). */
import { utf8 } from '../base/bytes';
import { u16be } from '../capture/words';
import { formatAddress } from './address';

export interface ProxyProtocolHeader {
  readonly version: 1 | 2;
  /** `TCP4 192.0.2.1:40000 → 192.0.2.2:5432`, `LOCAL` or `UNKNOWN`. */
  readonly about: string;
  /** Length of the header: the connection's own bytes begin behind it. */
  readonly bytes: number;
}

/** Section 2.1: the longest line, its CR LF included. */
const LONGEST_LINE = 107;
/** Section 2.2: CR LF CR LF NUL CR LF `QUIT` LF. */
const SIGNATURE = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a];
const FIXED = 16;
const V1 = [0x50, 0x52, 0x4f, 0x58, 0x59, 0x20];
const CR = 0x0d;
const LF = 0x0a;

/**
 * @param bytes the first bytes of the connecting side.
 * @returns `more` while they may be a header that is not whole yet, null when they are none.
 */
export function parseProxyHeader(bytes: Uint8Array): ProxyProtocolHeader | 'more' | null {
  if (bytes.length === 0) return 'more';
  if (begins(bytes, V1)) return bytes.length < V1.length ? 'more' : version1(bytes);
  if (begins(bytes, SIGNATURE)) return bytes.length < FIXED ? 'more' : version2(bytes);
  return null;
}

/** As far as there are bytes. */
function begins(bytes: Uint8Array, sign: readonly number[]): boolean {
  const length = Math.min(bytes.length, sign.length);
  for (let i = 0; i < length; i++) if (bytes[i] !== sign[i]) return false;
  return true;
}

function version1(bytes: Uint8Array): ProxyProtocolHeader | 'more' | null {
  const end = bytes.subarray(0, LONGEST_LINE).indexOf(LF);
  if (end < 0) return bytes.length < LONGEST_LINE ? 'more' : null;
  if (bytes[end - 1] !== CR) return null;
  const [family, source, destination, from, to] = utf8(bytes.subarray(V1.length, end - 1)).split(' ');
  if (family !== 'TCP4' && family !== 'TCP6' && family !== 'UNKNOWN') return null;
  const known = family !== 'UNKNOWN' && to !== undefined;
  const about = known ? `${family} ${joined(source, from)} → ${joined(destination, to)}` : family;
  return { version: 1, about, bytes: end + 1 };
}

function version2(bytes: Uint8Array): ProxyProtocolHeader | 'more' | null {
  if (bytes[12] >>> 4 !== 2) return null;
  const total = FIXED + u16be(bytes, 14);
  if (bytes.length < total) return 'more';
  return { version: 2, about: about2(bytes, total), bytes: total };
}

function about2(bytes: Uint8Array, total: number): string {
  if ((bytes[12] & 0x0f) === 0) return 'LOCAL';
  const family = bytes[13] >>> 4;
  const size = family === 1 ? 4 : family === 2 ? 16 : 0;
  if (size === 0 || total < FIXED + 2 * size + 4) return 'UNKNOWN';
  const ports = FIXED + 2 * size;
  const source = joined(formatAddress(bytes, FIXED, size), String(u16be(bytes, ports)));
  const destination = joined(formatAddress(bytes, FIXED + size, size), String(u16be(bytes, ports + 2)));
  return `${family === 1 ? 'TCP4' : 'TCP6'} ${source} → ${destination}`;
}

function joined(address: string, port: string): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
