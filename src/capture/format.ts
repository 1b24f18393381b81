import { u32, u32be } from './words';

/** How a classic capture file is laid out; its first four bytes say it. */
export interface PcapLayout {
  readonly littleEndian: boolean;
  /** Whether the fraction of a timestamp counts nanoseconds rather than microseconds. */
  readonly nanoseconds: boolean;
  /** 16; 24 for the "modified" variant, which adds interface, protocol and packet type to each record. */
  readonly recordHeaderLength: number;
}

/** First four bytes, read big-endian, of the classic variants (draft-ietf-opsawg-pcap section 4; libpcap `sf-pcap.c`). */
const PCAP_MAGICS: ReadonlyMap<number, PcapLayout> = new Map([
  [0xa1b2c3d4, { littleEndian: false, nanoseconds: false, recordHeaderLength: 16 }],
  [0xd4c3b2a1, { littleEndian: true, nanoseconds: false, recordHeaderLength: 16 }],
  [0xa1b23c4d, { littleEndian: false, nanoseconds: true, recordHeaderLength: 16 }],
  [0x4d3cb2a1, { littleEndian: true, nanoseconds: true, recordHeaderLength: 16 }],
  [0xa1b2cd34, { littleEndian: false, nanoseconds: false, recordHeaderLength: 24 }],
  [0x34cdb2a1, { littleEndian: true, nanoseconds: false, recordHeaderLength: 24 }],
]);

/** Block type of a pcapng section header; the same in both byte orders. */
export const SECTION_HEADER = 0x0a0d0d0a;

/** Other things people open by mistake, by how they begin. */
const OTHER_FORMATS: readonly { readonly begins: readonly number[]; readonly name: string }[] = [
  { begins: [0x1f, 0x8b], name: 'gzip-compressed data' },
  { begins: [0x28, 0xb5, 0x2f, 0xfd], name: 'zstd-compressed data' },
  { begins: [0x04, 0x22, 0x4d, 0x18], name: 'LZ4-compressed data' },
  { begins: [0x50, 0x4b, 0x03, 0x04], name: 'a ZIP archive' },
  { begins: [0x73, 0x6e, 0x6f, 0x6f], name: 'a snoop capture, a format that is not supported' },
  { begins: [0x58, 0x43, 0x50, 0x00], name: 'a Sniffer capture, a format that is not supported' },
  { begins: [0x7f, 0x45, 0x4c, 0x46], name: 'a program' },
];

/** Layout of a classic capture that begins with these four bytes. */
export function pcapLayout(bytes: Uint8Array, at = 0): PcapLayout | undefined {
  return bytes.length - at < 4 ? undefined : PCAP_MAGICS.get(u32be(bytes, at));
}

/**
 * Captured and original length of a record, given the file's minor version: before 2.3, and in some files of 2.3, they stand
 * the other way round (libpcap `sf-pcap.c`).
 */
export function pcapLengths(
  bytes: Uint8Array,
  at: number,
  littleEndian: boolean,
  minorVersion: number,
): [captured: number, original: number] {
  const first = u32(bytes, at, littleEndian);
  const second = u32(bytes, at + 4, littleEndian);
  const swapped = minorVersion < 3 || (minorVersion === 3 && first > second);
  return swapped ? [second, first] : [first, second];
}

/** Whether a file begins as gzip does (RFC 1952 section 2.3.1). */
export function isGzip(firstBytes: Uint8Array): boolean {
  return firstBytes.length >= 2 && firstBytes[0] === 0x1f && firstBytes[1] === 0x8b;
}

/** Whether fewer than four bytes could be the beginning of a capture. */
export function isMagicPrefix(bytes: Uint8Array): boolean {
  for (const magic of [...PCAP_MAGICS.keys(), SECTION_HEADER]) {
    let same = true;
    for (let i = 0; i < bytes.length && i < 4; i++) same &&= bytes[i] === ((magic >>> (24 - 8 * i)) & 0xff);
    if (same) return true;
  }
  return false;
}

/** What a file that is no capture seems to be, in words that follow "it looks like"; `undefined` if nothing is known. */
export function describeContent(bytes: Uint8Array): string | undefined {
  for (const format of OTHER_FORMATS) {
    if (format.begins.every((byte, i) => bytes[i] === byte)) return format.name;
  }
  if (bytes.length === 0) return undefined;
  const text = bytes
    .subarray(0, 64)
    .every((byte) => (byte >= 0x20 && byte < 0x7f) || (byte >= 9 && byte <= 13));
  return text ? 'text' : undefined;
}
