/** The ways in which a capture may hold the same IP packets: link types, tunnels, fragments; file formats; compression. */
import { gzipSync } from 'node:zlib';
import { concat, utf8 } from '../../../src/base/bytes';
import { Xxh32 } from '../../../src/capture/compression/xxh32';
import { Blocks, halves, PCAP_VARIANTS, pcapFile, words } from '../../unit/capture/capture-files';
import { ENCAPSULATIONS, fragmentsOf, fragmentsOf6 } from '../../unit/network/encapsulations';

/** What one IP packet becomes. */
export interface Wrapping {
  readonly name: string;
  readonly linkType: number;
  readonly wrap: (ip: Uint8Array) => Uint8Array[];
}

const isIpv6 = (ip: Uint8Array) => ip[0] >>> 4 === 6;
const bytes = (...values: number[]) => Uint8Array.from(values);
const etherType = (ip: Uint8Array) => (isIpv6(ip) ? bytes(0x86, 0xdd) : bytes(8, 0));
const pppProtocol = (ip: Uint8Array) => (isIpv6(ip) ? bytes(0, 0x57) : bytes(0, 0x21));
const macs = new Uint8Array(12).fill(2);
const ethernet = (ip: Uint8Array) => concat(macs, etherType(ip), ip);
const cooked = concat(bytes(0, 0, 0, 1, 0, 6), new Uint8Array(8));
const cooked2 = concat(bytes(0, 0, 0, 0, 0, 2, 0, 1, 0, 6), new Uint8Array(8));

function behind(name: string, linkType: number, header: (ip: Uint8Array) => Uint8Array): Wrapping {
  return { name, linkType, wrap: (ip) => [concat(header(ip), ip)] };
}

function inFragments(size: number): Wrapping {
  const cutIp = (ip: Uint8Array) => (isIpv6(ip) ? fragmentsOf6(ip, size) : fragmentsOf(numbered(ip), size));
  return { name: `fragments of ${size}`, linkType: 101, wrap: cutIp };
}

/** The identification of a packet's fragments: made of what differs between packets, the sequence number and the length. */
function numbered(ip: Uint8Array): Uint8Array {
  const copy = ip.slice();
  const sum = ip[24] * 7 + ip[25] * 5 + ip[26] * 3 + ip[27] + ip[31] * 11 + ip[15] * 13 + ip[21] + ip.length;
  copy.set([(sum >>> 8) & 255, sum & 255], 4);
  return copy;
}

export const ETHERNET = behind('Ethernet', 1, (ip) => concat(macs, etherType(ip)));

export const WRAPPINGS: readonly Wrapping[] = [
  ETHERNET,
  behind('VLAN', 1, (ip) => concat(macs, bytes(0x81, 0, 0, 5), etherType(ip))),
  behind('QinQ', 1, (ip) => concat(macs, bytes(0x88, 0xa8, 0, 5, 0x81, 0, 0, 6), etherType(ip))),
  behind('MPLS', 1, () => concat(macs, bytes(0x88, 0x47, 0, 0, 0, 64, 0, 0, 1, 64))),
  behind('PPPoE', 1, (ip) => concat(macs, bytes(0x88, 0x64, 0x11, 0, 0, 1, 0, 0), pppProtocol(ip))),
  behind('raw', 101, () => bytes()),
  behind('SLL', 113, (ip) => concat(cooked, etherType(ip))),
  behind('SLL2', 276, (ip) => concat(etherType(ip), cooked2)),
  behind('loopback', 0, (ip) => bytes(isIpv6(ip) ? 30 : 2, 0, 0, 0)),
  behind('OpenBSD loopback', 108, (ip) => bytes(0, 0, 0, isIpv6(ip) ? 24 : 2)),
  behind('PPP', 9, (ip) => concat(bytes(0xff, 3), pppProtocol(ip))),
  behind('NFLOG', 239, () => bytes(2, 0, 0, 0, 8, 0, 1, 0, 8, 0, 0, 2, 0x58, 0, 9, 0)),
  behind('PKTAP', 258, (ip) =>
    concat(bytes(20, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0), new Uint8Array(8), macs, etherType(ip)),
  ),
  ...ENCAPSULATIONS.map(({ name, linkType, wrap }): Wrapping => {
    return { name, linkType, wrap: (ip) => [wrap({ ip, ethernet: ethernet(ip) })] };
  }),
  inFragments(64),
  inFragments(512),
];

export interface FilePacket {
  readonly seconds: number;
  readonly nanos: number;
  readonly linkType: number;
  readonly bytes: Uint8Array;
  readonly originalLength: number;
}

/** A file format; classic pcap has one link type, the first packet's, and no place for secrets. */
export interface Container {
  readonly name: string;
  readonly pcapng: boolean;
  readonly build: (packets: readonly FilePacket[], secrets: Uint8Array) => Uint8Array;
}

const TICKS = 1_000_000_000n;

/** A section with an interface for each link type; where `mixed`, also old and simple packet blocks, and options. */
function section(
  little: boolean,
  mixed: boolean,
  packets: readonly FilePacket[],
  secrets: Uint8Array,
): Uint8Array {
  const blocks = new Blocks(little);
  const linkTypes = [...new Set(packets.map((packet) => packet.linkType))];
  const comment = mixed ? [blocks.comment('here')] : [];
  const parts: Uint8Array[] = [
    blocks.section(mixed ? [blocks.comment('recorded at noon')] : []),
    ...linkTypes.map((linkType) => blocks.interface(linkType, [blocks.resolution(9)], 262_144)),
  ];
  if (mixed) parts.push(blocks.names([1, bytes(10, 0, 0, 1), 'db.example.test']));
  if (secrets.length > 0) parts.push(blocks.secrets(utf8(secrets)));
  for (const [i, { seconds, nanos, linkType, bytes: packet, originalLength }] of packets.entries()) {
    const source = linkTypes.indexOf(linkType);
    const ticks = BigInt(seconds) * TICKS + BigInt(nanos);
    if (mixed && i % 5 === 1) parts.push(blocks.obsolete(source, ticks, packet));
    else if (mixed && i % 5 === 3 && source === 0) parts.push(blocks.simple(packet, originalLength));
    else parts.push(blocks.enhanced(source, ticks, packet, originalLength, comment));
  }
  if (mixed) parts.push(blocks.statistics(0, { 4: 10n, 5: 1n }));
  return concat(...parts);
}

function pcapng(name: string, little: boolean, mixed = false): Container {
  return { name, pcapng: true, build: (packets, secrets) => section(little, mixed, packets, secrets) };
}

const twoSections: Container = {
  name: 'pcapng, sections of both byte orders',
  pcapng: true,
  build(packets, secrets) {
    const half = packets.length >> 1;
    return concat(
      section(true, false, packets.slice(0, half), secrets),
      section(false, false, packets.slice(half), new Uint8Array(0)),
    );
  },
};

export const CONTAINERS: readonly Container[] = [
  pcapng('pcapng', true),
  pcapng('pcapng, big-endian', false),
  pcapng('pcapng, blocks of all kinds', true, true),
  twoSections,
  ...PCAP_VARIANTS.map((variant): Container => {
    const build = (packets: readonly FilePacket[]) =>
      pcapFile(
        variant,
        packets.map(({ seconds, nanos, bytes: packet, originalLength: original }) => {
          const fraction = variant.nanos ? nanos : Math.floor(nanos / 1000);
          return { seconds, fraction, bytes: packet, original };
        }),
        packets[0]?.linkType,
      );
    return { name: variant.name, pcapng: false, build };
  }),
];

export const COMPRESSIONS: Readonly<Record<string, (file: Uint8Array) => Uint8Array>> = {
  none: (file) => file,
  gzip: (file) => new Uint8Array(gzipSync(file, { level: 1 })),
  zstd,
  lz4,
};

/** RFC 8878 with blocks that are stored, a window of 1 MB. */
function zstd(file: Uint8Array): Uint8Array {
  const size = 3000;
  const parts: Uint8Array[] = [bytes(0x28, 0xb5, 0x2f, 0xfd, 0, 0x50)];
  for (let at = 0; at === 0 || at < file.length; at += size) {
    const block = file.subarray(at, at + size);
    const header = (block.length << 3) | (at + size >= file.length ? 1 : 0);
    parts.push(bytes(header & 255, (header >>> 8) & 255, header >>> 16), block);
  }
  return concat(...parts);
}

/** The LZ4 frame format with independent blocks that are stored, of 64 kB at most. */
function lz4(file: Uint8Array): Uint8Array {
  const size = 3000;
  const descriptor = bytes(0x60, 0x40);
  const hash = new Xxh32();
  hash.update(descriptor);
  const parts: Uint8Array[] = [words(true, 0x184d2204), descriptor, bytes((hash.digest() >>> 8) & 255)];
  for (let at = 0; at < file.length; at += size) {
    const block = file.subarray(at, at + size);
    parts.push(words(true, (0x80000000 | block.length) >>> 0), block);
  }
  return concat(...parts, halves(true, 0, 0));
}
