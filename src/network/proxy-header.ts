/** The PROXY protocol's header (HAProxy, `proxy-protocol.txt`), which a load balancer puts before the first bytes of a connection. */
import { formatAddress } from './address';

/** The header at the beginning of what a client sent. */
export interface ProxyHeaderFacts {
  readonly version: 1 | 2;
  /** `TCP4 192.0.2.1:50000 → 192.0.2.2:5432`; `LOCAL` or `UNKNOWN` where it names nobody. */
  readonly about: string;
  /** Length in bytes; what follows is the protocol's own. */
  readonly bytes: number;
}

/** Version 1 is a line of at most 107 bytes with its CRLF. */
const V1_MAX = 107;
const V1_BEGIN = [0x50, 0x52, 0x4f, 0x58, 0x59, 0x20]; // "PROXY "
const V2_BEGIN = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a];
const V2_HEADER = 16;
/** Longest address block and extensions of version 2 that are waited for; real ones have under 300 bytes. */
const V2_MAX = 2048;

/**
 * Reads the header, if there is one.
 *
 * @param bytes the first bytes of the client.
 * @returns `more` while what is there may become one; `no` when it cannot.
 */
export function proxyHeader(bytes: Uint8Array): ProxyHeaderFacts | 'more' | 'no' {
  if (bytes.length === 0) return 'no';
  if (begins(bytes, V1_BEGIN)) return bytes.length < V1_BEGIN.length ? 'more' : version1(bytes);
  if (begins(bytes, V2_BEGIN)) return bytes.length < V2_HEADER ? 'more' : version2(bytes);
  return 'no';
}

/** Whether the bytes agree with the signature as far as both go. */
function begins(bytes: Uint8Array, signature: readonly number[]): boolean {
  const length = Math.min(bytes.length, signature.length);
  for (let i = 0; i < length; i++) if (bytes[i] !== signature[i]) return false;
  return true;
}

function version1(bytes: Uint8Array): ProxyHeaderFacts | 'more' | 'no' {
  const end = bytes.subarray(0, V1_MAX).indexOf(0x0a);
  if (end < 0) return bytes.length < V1_MAX ? 'more' : 'no';
  const line = String.fromCharCode(...bytes.subarray(V1_BEGIN.length, end)).trimEnd();
  const match = /^(TCP[46]) ([0-9a-fA-F.:]+) ([0-9a-fA-F.:]+) (\d{1,5}) (\d{1,5})$/.exec(line);
  const about = match
    ? `${match[1]} ${endpoint(match[2], match[4])} → ${endpoint(match[3], match[5])}`
    : 'UNKNOWN';
  return { version: 1, about, bytes: end + 1 };
}

function version2(bytes: Uint8Array): ProxyHeaderFacts | 'more' | 'no' {
  const length = (bytes[14] << 8) | bytes[15];
  if (bytes[12] >>> 4 !== 2 || length > V2_MAX) return 'no';
  if (bytes.length < V2_HEADER + length) return 'more';
  return { version: 2, about: addressesOf(bytes, length), bytes: V2_HEADER + length };
}

function addressesOf(bytes: Uint8Array, length: number): string {
  if ((bytes[12] & 0x0f) === 0) return 'LOCAL';
  const size = bytes[13] === 0x11 ? 4 : bytes[13] === 0x21 ? 16 : 0;
  if (size === 0 || length < 2 * size + 4) return 'UNKNOWN';
  const ports = V2_HEADER + 2 * size;
  const port = (at: number) => String((bytes[at] << 8) | bytes[at + 1]);
  const from = endpoint(formatAddress(bytes, V2_HEADER, size), port(ports));
  const to = endpoint(formatAddress(bytes, V2_HEADER + size, size), port(ports + 2));
  return `${size === 4 ? 'TCP4' : 'TCP6'} ${from} → ${to}`;
}

function endpoint(address: string, port: string): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
