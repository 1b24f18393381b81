import { u16be } from '../../capture/words';
import { BRIDGED_ETHERNET, ERSPAN, ERSPAN_III, GENEVE, GRE, UDP } from '../../network/tunnel';
import { blankAddresses } from './link-headers';
import { copy, type Rewrite } from './rewrite';

/** Headers of UDP and of what it carries: VXLAN, GENEVE without options. */
const UDP_TUNNEL = 16;
const GRE_HEADER = 4;
/** Flags in the first byte of GRE for four bytes each: checksum, key, sequence number. */
const GRE_FIELDS = [0x80, 0x20, 0x10] as const;
const GRE_SEQUENCE = 0x10;

/** What is between two IP headers: the fields that say what is inside, and the header of a link layer there. */
export function keepTunnel(rewrite: Rewrite, protocol: number, at: number, inner: number): void {
  if (protocol === UDP) keepUdp(rewrite, at, inner);
  else if (protocol === GRE) keepGre(rewrite, at, inner);
}

/** RFC 7348, RFC 8926. */
function keepUdp(rewrite: Rewrite, at: number, inner: number): void {
  const { from, to } = rewrite;
  const isGeneve = u16be(from, at + 2) === GENEVE;
  copy(rewrite, at, at + UDP_TUNNEL);
  // No checksum (RFC 768, RFC 6935).
  to.fill(0, at + 6, at + 8);
  const start = at + UDP_TUNNEL + (isGeneve ? (from[at + 8] & 0x3f) * 4 : 0);
  copy(rewrite, start, inner);
  if (!isGeneve || u16be(from, at + 10) === BRIDGED_ETHERNET) blankAddresses(rewrite, start, 2);
}

/** RFC 2784, RFC 2890; of version 1 (RFC 2637) the key's field carries a length. */
function keepGre(rewrite: Rewrite, at: number, inner: number): void {
  const { from } = rewrite;
  const flags = from[at];
  copy(rewrite, at, at + GRE_HEADER);
  if ((from[at + 1] & 7) === 1) {
    copy(rewrite, at + GRE_HEADER, inner);
    return;
  }
  const start = at + GRE_HEADER + 4 * GRE_FIELDS.filter((flag) => (flags & flag) !== 0).length;
  copy(rewrite, start, inner);
  const header = mirrorHeader(from, u16be(from, at + 2), start, (flags & GRE_SEQUENCE) !== 0);
  if (header !== undefined) blankAddresses(rewrite, start + header, 2);
}

/** Bytes before the Ethernet header that GRE of a type carries; undefined where it carries none. */
function mirrorHeader(bytes: Uint8Array, type: number, at: number, numbered: boolean): number | undefined {
  if (type === BRIDGED_ETHERNET) return 0;
  if (type === ERSPAN) return numbered ? 8 : 0;
  if (type === ERSPAN_III) return (bytes[at + 11] & 1) === 0 ? 12 : 20;
  return undefined;
}
