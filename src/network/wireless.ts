import { u16be } from '../capture/words';
import { ETHERTYPE_IPV4, ETHERTYPE_IPV6, NOT_IP } from './ethertype';

const RADIOTAP_MIN = 8;
/** LLC with a SNAP header and no organisation (RFC 1042), before the EtherType. */
const SNAP = [0xaa, 0xaa, 0x03, 0, 0, 0];

/** LINKTYPE_IEEE802_11_RADIOTAP: version, padding and length, little-endian, then a 802.11 frame. */
export function ipAfterRadiotap(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < RADIOTAP_MIN || bytes[start] !== 0) return NOT_IP;
  const length = bytes[start + 2] | (bytes[start + 3] << 8);
  if (length < RADIOTAP_MIN || length > end - start) return NOT_IP;
  const padded = radiotapFlags(bytes, start, start + length) & 0x20;
  return ipIn80211(bytes, start + length, end, padded !== 0);
}

/** LINKTYPE_IEEE802_11. */
export function ipAfter80211(bytes: Uint8Array, start: number, end: number): number {
  return ipIn80211(bytes, start, end, false);
}

/** Field 1 of radiotap; field 0, a timestamp of eight bytes, comes before it. Zero when it is not there. */
function radiotapFlags(bytes: Uint8Array, start: number, end: number): number {
  const present = bytes[start + 4];
  if ((present & 2) === 0) return 0;
  let at = start + 4;
  // Bit 31 of each word: another word follows.
  while (at + 4 <= end && (bytes[at + 3] & 0x80) !== 0) at += 4;
  at += 4;
  if ((present & 1) !== 0) at = start + ((at - start + 7) & ~7) + 8;
  return at < end ? bytes[at] : 0;
}

/**
 * Data frames (IEEE 802.11 section 9.3.2) that are neither encrypted nor aggregates: two bytes of control, duration, three or four
 * addresses, QoS control, HT control; then LLC.
 *
 * @param padded the header is filled up to a multiple of four bytes.
 */
function ipIn80211(bytes: Uint8Array, start: number, end: number, padded: boolean): number {
  if (start + 24 + 8 >= end) return NOT_IP;
  const control = bytes[start];
  const flags = bytes[start + 1];
  const isData = (control & 0x0c) === 0x08;
  const withoutBody = (control & 0x40) !== 0;
  const isProtected = (flags & 0x40) !== 0;
  if (!isData || withoutBody || isProtected) return NOT_IP;
  let length = 24;
  if ((flags & 0x03) === 0x03) length += 6;
  if ((control & 0x80) !== 0) {
    // An aggregate holds several packets.
    if ((bytes[start + length] & 0x80) !== 0) return NOT_IP;
    length += 2;
    if ((flags & 0x80) !== 0) length += 4;
  }
  if (padded) length = (length + 3) & ~3;
  const llc = start + length;
  if (llc + 8 >= end || SNAP.some((byte, i) => bytes[llc + i] !== byte)) return NOT_IP;
  const type = u16be(bytes, llc + 6);
  return type === ETHERTYPE_IPV4 || type === ETHERTYPE_IPV6 ? llc + 8 : NOT_IP;
}
