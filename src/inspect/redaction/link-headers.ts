import { u16be } from '../../capture/words';
import { LINKTYPE } from '../../network/link';
import { copy, type Rewrite } from './rewrite';

const MAC = 6;
/** Room for an address in Linux' cooked headers. */
const COOKED_ADDRESS = 8;
const PKTAP_FIXED = 12;
const NFLOG_PAYLOAD = 9;
const TYPE_LENGTH = 4;

/** Keeps of a link-layer header what says what is inside, and the addresses of machines unless addresses are changed. */
export function keepLinkHeader(rewrite: Rewrite, linkType: number, start: number, ip: number): void {
  switch (linkType) {
    case LINKTYPE.ETHERNET:
      copy(rewrite, start, ip);
      blankAddresses(rewrite, start, 2);
      return;
    case LINKTYPE.LINUX_SLL:
      copy(rewrite, start, start + 6);
      cookedAddress(rewrite, start + 6, rewrite.from[start + 5]);
      copy(rewrite, start + 14, ip);
      return;
    case LINKTYPE.LINUX_SLL2:
      copy(rewrite, start, start + 2);
      copy(rewrite, start + 4, start + 12);
      cookedAddress(rewrite, start + 12, rewrite.from[start + 11]);
      copy(rewrite, start + 20, ip);
      return;
    case LINKTYPE.NFLOG:
      keepNflog(rewrite, start, ip);
      return;
    case LINKTYPE.PKTAP:
      keepPktap(rewrite, start, ip);
      return;
    case LINKTYPE.IEEE802_11:
      keepWireless(rewrite, start, ip);
      return;
    case LINKTYPE.IEEE802_11_RADIOTAP:
      keepRadiotap(rewrite, start, ip);
      return;
    default:
      copy(rewrite, start, ip);
  }
}

/** Blanks addresses of machines that follow each other, if addresses are changed. */
export function blankAddresses({ to, cipher }: Rewrite, start: number, count: number): void {
  if (cipher) to.fill(0, start, start + count * MAC);
}

/** @param length how much of its room the address takes. */
function cookedAddress(rewrite: Rewrite, at: number, length: number): void {
  if (!rewrite.cipher) copy(rewrite, at, at + Math.min(length === MAC ? MAC : 0, COOKED_ADDRESS));
}

/** Four bytes, then fields of which only that with the packet keeps more than its length and type. */
function keepNflog(rewrite: Rewrite, start: number, ip: number): void {
  const { from } = rewrite;
  copy(rewrite, start, start + 4);
  for (let at = start + 4; at + TYPE_LENGTH <= ip; ) {
    copy(rewrite, at, at + TYPE_LENGTH);
    const little = from[at + 1] <= from[at];
    const length = little ? from[at] | (from[at + 1] << 8) : (from[at] << 8) | from[at + 1];
    const type = (little ? from[at + 2] | (from[at + 3] << 8) : u16be(from, at + 2)) & 0x7fff;
    if (type === NFLOG_PAYLOAD || length < TYPE_LENGTH) return;
    at += (length + 3) & ~3;
  }
}

/** Lengths and link type stay; names of interface and process do not. */
function keepPktap(rewrite: Rewrite, start: number, ip: number): void {
  const { from } = rewrite;
  const view = new DataView(from.buffer, from.byteOffset);
  copy(rewrite, start, start + PKTAP_FIXED);
  const length = view.getUint32(start, true);
  keepLinkHeader(rewrite, view.getUint32(start + 8, true), start + length, ip);
}

/** What the radio says about itself is gone; that the header was padded is needed to find what follows. */
function keepRadiotap(rewrite: Rewrite, start: number, ip: number): void {
  const { from, to } = rewrite;
  const length = from[start + 2] | (from[start + 3] << 8);
  copy(rewrite, start, start + 4);
  const present = from[start + 4];
  // Of the fields only the flags, which then are the first.
  let at = start + 4;
  while (at + 4 <= start + length && (from[at + 3] & 0x80) !== 0) at += 4;
  at += 4;
  if ((present & 1) !== 0) at = start + ((at - start + 7) & ~7) + 8;
  if ((present & 2) !== 0 && at < start + length && length >= 9) {
    to[start + 4] = 2;
    to[start + 8] = from[at] & 0x30;
  }
  keepWireless(rewrite, start + length, ip);
}

/** IEEE 802.11 section 9.3.2: control, duration, three or four addresses with a number between, and what leads to IP. */
function keepWireless(rewrite: Rewrite, start: number, ip: number): void {
  const { from, to, cipher } = rewrite;
  copy(rewrite, start, ip);
  blankAddresses(rewrite, start + 4, 3);
  if (cipher && (from[start + 1] & 3) === 3) to.fill(0, start + 24, start + 24 + MAC);
}
