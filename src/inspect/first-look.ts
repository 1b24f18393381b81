import { u32le } from '../capture/words';
import { parseProxyHeader } from '../network/proxy-protocol';
import type { SegmentView } from '../network/segment';
import { detect } from './detect';
import { mayHideOurs } from './undecided';

const NOTHING = new Uint8Array(0);
/** A TLS handshake record. */
const TLS_HANDSHAKE = 0x16;
/** A PostgreSQL packet without a type byte: the first of a length below 2^24. */
const STARTUP = 0x00;
/** How a PROXY header begins: `P`, or a carriage return. */
const PROXY_TEXT = 0x50;
const PROXY_BINARY = 0x0d;
/** PostgreSQL's answer to an authentication request, the request, and an error. */
const PASSWORD = 0x70;
const AUTHENTICATION = 0x52;
const ERROR = 0x45;
/** A MongoDB message is under 48,000,000 bytes: the last byte of its length is at most this. */
const MAX_LENGTH_TOP = 2;
/** The newest MongoDB operation code, 2013, and some room. */
const MAX_OPCODE = 4095;

/**
 * Whether a flow that begins with this segment's payload may be PostgreSQL or MongoDB, in whichever direction it goes. Most foreign flows
 * are told by a few bytes, without allocating.
 *
 * @param keys whether there are TLS secrets: then TLS may hide either.
 */
export function mayBeOurs(segment: SegmentView, keys: boolean): boolean {
  const { buffer, payloadStart: at, payloadEnd: end } = segment;
  const length = end - at;
  if (length === 0 || !passesGlance(buffer, at, length)) return length === 0;
  const payload = segment.payload;
  const asClient = detect(payload, NOTHING, undefined);
  if (asClient.kind === 'tls') return keys || (!asClient.named && mayHideOurs(segment.destinationPort));
  if (asClient.kind !== 'no') return true;
  return detect(NOTHING, payload, undefined).kind !== 'no' || parseProxyHeader(payload) !== null;
}

/** False only where {@link detect} would say no, whatever the direction. */
function passesGlance(bytes: Uint8Array, at: number, length: number): boolean {
  switch (bytes[at]) {
    case TLS_HANDSHAKE:
    case STARTUP:
    case PASSWORD:
    case AUTHENTICATION:
    case ERROR:
    case PROXY_TEXT:
    case PROXY_BINARY:
      return true;
  }
  if (length < 4) return true;
  if (bytes[at + 3] > MAX_LENGTH_TOP) return false;
  return length < 16 || u32le(bytes, at + 12) <= MAX_OPCODE;
}
