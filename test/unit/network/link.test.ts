import { describe, expect, it } from 'vitest';
import { concat } from '../../../src/base/bytes';
import { NOT_IP } from '../../../src/network/ethertype';
import { ipOffset, LINKTYPE, UNKNOWN_LINK } from '../../../src/network/link';
import { SegmentView } from '../../../src/network/segment';
import { decodeSegment } from '../../../src/network/tcp';
import { ipOf, viewOf } from './packets';

const macs = new Uint8Array(12).fill(2);
const bytes = (...values: number[]) => Uint8Array.from(values);
const V4 = bytes(0x08, 0x00);
const V6 = bytes(0x86, 0xdd);
const cooked = concat(bytes(0, 0, 0, 1, 0, 6), new Uint8Array(8));
const cooked2 = concat(bytes(0, 0, 0, 0, 0, 2, 0, 1, 0, 6), new Uint8Array(8));

const tap = (inner: number) => concat(bytes(20, 0, 0, 0, 1, 0, 0, 0, inner, 0, 0, 0), new Uint8Array(8));

/** Link type, name, header; IPv6 follows where the header says so. */
const HEADERS: readonly (readonly [number, string, Uint8Array, 4 | 6])[] = [
  [LINKTYPE.ETHERNET, 'plain', concat(macs, V4), 4],
  [LINKTYPE.ETHERNET, 'IPv6', concat(macs, V6), 6],
  [LINKTYPE.ETHERNET, '802.1Q', concat(macs, bytes(0x81, 0, 0, 5), V4), 4],
  [LINKTYPE.ETHERNET, '802.1ad and 802.1Q', concat(macs, bytes(0x88, 0xa8, 0, 5, 0x81, 0, 0, 6), V6), 6],
  [LINKTYPE.ETHERNET, 'old QinQ', concat(macs, bytes(0x91, 0, 0, 5, 0x81, 0, 0, 6), V4), 4],
  [LINKTYPE.ETHERNET, 'MPLS', concat(macs, bytes(0x88, 0x47, 0, 0, 0, 64, 0, 0, 1, 64)), 4],
  [LINKTYPE.ETHERNET, 'PPPoE', concat(macs, bytes(0x88, 0x64, 0x11, 0, 0, 1, 0, 0, 0, 0x21)), 4],
  [LINKTYPE.ETHERNET, 'PPPoE with IPv6', concat(macs, bytes(0x88, 0x64, 0x11, 0, 0, 1, 0, 0, 0, 0x57)), 6],
  [LINKTYPE.NULL, 'little-endian', bytes(2, 0, 0, 0), 4],
  [LINKTYPE.NULL, 'big-endian', bytes(0, 0, 0, 2), 4],
  [LINKTYPE.NULL, 'IPv6 of NetBSD', bytes(24, 0, 0, 0), 6],
  [LINKTYPE.NULL, 'IPv6 of FreeBSD', bytes(28, 0, 0, 0), 6],
  [LINKTYPE.NULL, 'IPv6 of macOS', bytes(0, 0, 0, 30), 6],
  [LINKTYPE.LOOP, 'IPv4', bytes(0, 0, 0, 2), 4],
  [LINKTYPE.LOOP, 'IPv6', bytes(0, 0, 0, 24), 6],
  [LINKTYPE.RAW, 'IPv4', bytes(), 4],
  [LINKTYPE.RAW, 'IPv6', bytes(), 6],
  [LINKTYPE.DLT_RAW, 'IPv4', bytes(), 4],
  [LINKTYPE.DLT_RAW_OPENBSD, 'IPv6', bytes(), 6],
  [LINKTYPE.IPV4, 'IPv4', bytes(), 4],
  [LINKTYPE.IPV6, 'IPv6', bytes(), 6],
  [LINKTYPE.LINUX_SLL, 'IPv4', concat(cooked, V4), 4],
  [LINKTYPE.LINUX_SLL, 'VLAN', concat(cooked, bytes(0x81, 0, 0, 5), V6), 6],
  [LINKTYPE.LINUX_SLL2, 'IPv4', concat(V4, cooked2), 4],
  [LINKTYPE.LINUX_SLL2, 'IPv6', concat(V6, cooked2), 6],
  [LINKTYPE.LINUX_SLL2, 'VLAN', concat(bytes(0x81, 0), cooked2, bytes(0, 5), V4), 4],
  [LINKTYPE.PPP, 'with address', bytes(0xff, 0x03, 0, 0x21), 4],
  [LINKTYPE.PPP, 'compressed', bytes(0x21), 4],
  [LINKTYPE.PPP_HDLC, 'IPv6', bytes(0xff, 0x03, 0, 0x57), 6],
  [LINKTYPE.PKTAP, 'Ethernet', concat(tap(1), macs, V4), 4],
  [LINKTYPE.PKTAP, 'loopback', concat(tap(0), bytes(30, 0, 0, 0)), 6],
  [LINKTYPE.NFLOG, 'after another field', bytes(2, 0, 0, 0, 8, 0, 1, 0, 8, 0, 0, 2, 0x58, 0, 9, 0), 4],
  [LINKTYPE.NFLOG, 'big-endian', bytes(2, 0, 0, 0, 0, 6, 0, 1, 8, 0, 0, 0, 0, 0x58, 0, 9), 4],
];

function addresses(version: 4 | 6) {
  const [source, destination] = version === 4 ? ['10.0.0.1', '10.0.0.2'] : ['2001:db8::1', '2001:db8::2'];
  return { source: { address: source, port: 1 }, destination: { address: destination, port: 2 } };
}

describe.each(HEADERS)('link type %i, %s', (linkType, _, header, version) => {
  const packet = concat(header, ipOf({ ...addresses(version), payload: bytes(1, 2, 3) }));

  it('leads to the segment', () => {
    const view = viewOf(packet, linkType);
    const segment = new SegmentView();
    expect(ipOffset(view)).toBe(view.start + header.length);
    expect(decodeSegment(view, segment)).toBe(true);
    expect(segment).toMatchObject({ version, sourcePort: 1, destinationPort: 2, missing: 0 });
    expect(segment.payload).toEqual(bytes(1, 2, 3));
  });

  it('is given up when cut anywhere in the headers, without reading past the end', () => {
    const length = packet.length - 3;
    for (let end = 0; end < length; end++) {
      expect(decodeSegment(viewOf(packet.subarray(0, end), linkType), new SegmentView())).toBe(false);
    }
  });
});

describe('what carries no IP', () => {
  it.each([
    ['ARP', LINKTYPE.ETHERNET, concat(macs, bytes(8, 6), new Uint8Array(28))],
    ['a length field', LINKTYPE.ETHERNET, concat(macs, bytes(0, 46), new Uint8Array(46))],
    ['tags without end', LINKTYPE.ETHERNET, concat(macs, ...new Array(100).fill(bytes(0x81, 0, 0, 1)))],
    ['MPLS without bottom', LINKTYPE.ETHERNET, concat(macs, bytes(0x88, 0x47), new Uint8Array(100))],
    ['pseudowire', LINKTYPE.ETHERNET, concat(macs, bytes(0x88, 0x47, 0, 0, 1, 64), new Uint8Array(60))],
    ['another family', LINKTYPE.NULL, concat(bytes(7, 0, 0, 0), ipOf())],
    ['LCP', LINKTYPE.PPP, bytes(0xff, 3, 0xc0, 0x21, 1, 1, 0, 4)],
    ['netfilter fields of no length', LINKTYPE.NFLOG, new Uint8Array(100)],
    [
      'a packet tap in a packet tap',
      LINKTYPE.PKTAP,
      concat(bytes(12, 0, 0, 0, 1, 0, 0, 0, 2, 1, 0, 0), tap(1), ipOf()),
    ],
    [
      'a packet tap longer than the packet',
      LINKTYPE.PKTAP,
      concat(bytes(255, 255, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0), ipOf()),
    ],
    ['an empty packet', LINKTYPE.RAW, bytes()],
  ])('%s', (_, linkType, packet) => {
    expect(ipOffset(viewOf(packet, linkType))).toBe(NOT_IP);
  });

  it.each([106, 147, 65_535])('link type %i is not in the table', (linkType) => {
    expect(ipOffset(viewOf(ipOf(), linkType))).toBe(UNKNOWN_LINK);
  });
});
