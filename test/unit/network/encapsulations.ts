import { concat } from '../../../src/base/bytes';
import { ipOf, packetOf } from './packets';

/** What TCP over IP can be wrapped in, each as the packet of a link type. */
export interface Encapsulation {
  readonly name: string;
  readonly linkType: number;
  readonly wrap: (inner: { readonly ip: Uint8Array; readonly ethernet: Uint8Array }) => Uint8Array;
}

const RAW = 101;

function u16(value: number): Uint8Array {
  return Uint8Array.of(value >>> 8, value & 255);
}

/** An IPv4 packet of any protocol; its checksum is left at zero. */
export function ipv4(protocol: number, payload: Uint8Array): Uint8Array {
  return concat(
    Uint8Array.of(0x45, 0),
    u16(20 + payload.length),
    Uint8Array.of(0, 1, 0, 0, 64, protocol, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2),
    payload,
  );
}

function ipv6(next: number, payload: Uint8Array): Uint8Array {
  const address = (last: number) => Uint8Array.of(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last);
  return concat(
    Uint8Array.of(0x60, 0, 0, 0),
    u16(payload.length),
    Uint8Array.of(next, 64),
    address(1),
    address(2),
    payload,
  );
}

function udp(port: number, payload: Uint8Array): Uint8Array {
  return concat(u16(50_000), u16(port), u16(8 + payload.length), u16(0), payload);
}

const vxlan = (ethernet: Uint8Array) => concat(Uint8Array.of(8, 0, 0, 0, 0, 0, 42, 0), ethernet);
const data80211 = (subtype: number, ...more: number[]) =>
  concat(
    Uint8Array.of(0x08 | (subtype << 4), 1, 0, 0),
    new Uint8Array(18).fill(2),
    Uint8Array.of(0, 0),
    Uint8Array.from(more),
  );
const SNAP_IPV4 = Uint8Array.of(0xaa, 0xaa, 3, 0, 0, 0, 8, 0);

export const ENCAPSULATIONS: readonly Encapsulation[] = [
  { name: 'IPv4 in IPv4', linkType: RAW, wrap: ({ ip }) => ipv4(4, ip) },
  { name: 'IPv4 in IPv6', linkType: RAW, wrap: ({ ip }) => ipv6(4, ip) },
  { name: 'GRE', linkType: RAW, wrap: ({ ip }) => ipv4(47, concat(Uint8Array.of(0, 0, 8, 0), ip)) },
  {
    name: 'GRE with checksum, key and sequence number',
    linkType: RAW,
    wrap: ({ ip }) => ipv4(47, concat(Uint8Array.of(0xb0, 0, 8, 0), new Uint8Array(12), ip)),
  },
  {
    name: 'Ethernet in GRE',
    linkType: RAW,
    wrap: ({ ethernet }) => ipv4(47, concat(Uint8Array.of(0, 0, 0x65, 0x58), ethernet)),
  },
  {
    name: 'ERSPAN II',
    linkType: RAW,
    wrap: ({ ethernet }) =>
      ipv4(
        47,
        concat(
          Uint8Array.of(0x10, 0, 0x88, 0xbe, 0, 0, 0, 1),
          Uint8Array.of(0x10, 1, 0, 1, 0, 0, 0, 0),
          ethernet,
        ),
      ),
  },
  {
    name: 'PPP in GRE (PPTP)',
    linkType: RAW,
    wrap: ({ ip }) =>
      ipv4(
        47,
        concat(
          Uint8Array.of(0x30, 1, 0x88, 0x0b),
          u16(4 + ip.length),
          Uint8Array.of(0, 7, 0, 0, 0, 1, 0xff, 3, 0, 0x21),
          ip,
        ),
      ),
  },
  { name: 'VXLAN', linkType: RAW, wrap: ({ ethernet }) => ipv4(17, udp(4789, vxlan(ethernet))) },
  { name: 'VXLAN in IPv6', linkType: RAW, wrap: ({ ethernet }) => ipv6(17, udp(4789, vxlan(ethernet))) },
  {
    name: 'GENEVE with an option',
    linkType: RAW,
    wrap: ({ ethernet }) =>
      ipv4(17, udp(6081, concat(Uint8Array.of(1, 0, 0x65, 0x58, 0, 0, 9, 0), new Uint8Array(4), ethernet))),
  },
  {
    name: 'VXLAN in GRE',
    linkType: RAW,
    wrap: ({ ethernet }) => ipv4(47, concat(Uint8Array.of(0, 0, 8, 0), ipv4(17, udp(4789, vxlan(ethernet))))),
  },
  { name: 'Cisco HDLC', linkType: 104, wrap: ({ ip }) => concat(Uint8Array.of(0x0f, 0, 8, 0), ip) },
  { name: 'PPP in HDLC', linkType: 50, wrap: ({ ip }) => concat(Uint8Array.of(0xff, 3, 0, 0x21), ip) },
  { name: '802.11 data', linkType: 105, wrap: ({ ip }) => concat(data80211(0), SNAP_IPV4, ip) },
  { name: '802.11 QoS data', linkType: 105, wrap: ({ ip }) => concat(data80211(8, 0, 0), SNAP_IPV4, ip) },
  {
    name: '802.11 with radiotap',
    linkType: 127,
    wrap: ({ ip }) => concat(Uint8Array.of(0, 0, 9, 0, 2, 0, 0, 0, 0), data80211(8, 0, 0), SNAP_IPV4, ip),
  },
  {
    name: '802.11 with radiotap and padding',
    linkType: 127,
    wrap: ({ ip }) =>
      concat(
        Uint8Array.of(0, 0, 17, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x20),
        data80211(8, 0, 0),
        Uint8Array.of(0, 0),
        SNAP_IPV4,
        ip,
      ),
  },
];

/** One TCP segment, wrapped. */
export function wrapped(
  encapsulation: Encapsulation,
  fields: Parameters<typeof packetOf>[0] = {},
): Uint8Array {
  return encapsulation.wrap({ ip: ipOf(fields), ethernet: packetOf(fields) });
}

/** Cuts an IPv4 packet into fragments of `size` payload bytes, a multiple of eight. */
export function fragmentsOf(ip: Uint8Array, size: number): Uint8Array[] {
  const payload = ip.subarray(20);
  const fragments: Uint8Array[] = [];
  for (let at = 0; at < payload.length; at += size) {
    const piece = payload.subarray(at, at + size);
    const header = ip.slice(0, 20);
    const more = at + size < payload.length ? 0x2000 : 0;
    header.set(u16(20 + piece.length), 2);
    header.set(u16(more | (at / 8)), 6);
    fragments.push(concat(header, piece));
  }
  return fragments;
}

/** The same for an IPv6 packet without extension headers. */
export function fragmentsOf6(ip: Uint8Array, size: number): Uint8Array[] {
  const payload = ip.subarray(40);
  const fragments: Uint8Array[] = [];
  for (let at = 0; at < payload.length; at += size) {
    const piece = payload.subarray(at, at + size);
    const header = ip.slice(0, 40);
    const more = at + size < payload.length ? 1 : 0;
    const fragment = concat(Uint8Array.of(header[6], 0), u16(at | more), Uint8Array.of(0, 0, 0, 7));
    header[6] = 44;
    header.set(u16(8 + piece.length), 4);
    fragments.push(concat(header, fragment, piece));
  }
  return fragments;
}
