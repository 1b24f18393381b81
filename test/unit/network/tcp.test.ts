import { describe, expect, it } from 'vitest';
import { concat } from '../../../src/base/bytes';
import { SEGMENT_KIND, SegmentView } from '../../../src/network/segment';
import { decodeSegment } from '../../../src/network/tcp';
import { ipOf, packetOf, viewOf } from './packets';

const RAW = 101;
const payload = Uint8Array.of(4, 0xd2, 0x16, 0x2f);
const v6 = {
  source: { address: '2001:db8::1', port: 50_312 },
  destination: { address: '2001:db8::2', port: 5432 },
};

function decode(packet: Uint8Array, linkType = RAW): SegmentView {
  const segment = new SegmentView();
  expect(decodeSegment(viewOf(packet, linkType), segment)).toBe(segment.kind === SEGMENT_KIND.TCP);
  return segment;
}

/** A copy with some bytes changed. */
function changed(packet: Uint8Array, at: number, ...values: number[]): Uint8Array {
  const copy = packet.slice();
  copy.set(values, at);
  return copy;
}

/** An IPv6 packet with extension headers between its header and TCP. */
function extended(first: number, ...headers: Uint8Array[]): Uint8Array {
  const packet = ipOf({ ...v6, payload });
  const extra = concat(...headers);
  const joined = concat(packet.subarray(0, 40), extra, packet.subarray(40));
  joined[6] = first;
  new DataView(joined.buffer).setUint16(4, joined.length - 40);
  return joined;
}

describe('decodeSegment', () => {
  it('gives the fields of an IPv4 segment', () => {
    const fields = { sequence: 0xfffffff0, acknowledgment: 7, flags: 0x19, window: 512, payload };
    const segment = decode(ipOf(fields));
    expect(segment).toMatchObject({
      kind: SEGMENT_KIND.TCP,
      version: 4,
      sourcePort: 50_312,
      destinationPort: 5432,
      sequence: -16,
      acknowledgment: 7,
      flags: 0x19,
      window: 512,
      missing: 0,
      payloadLength: 4,
      sourceAddress: '10.0.0.1',
      destinationAddress: '10.0.0.2',
    });
    expect(segment.payload).toEqual(payload);
  });

  it('gives the addresses of an IPv6 segment', () => {
    expect(decode(ipOf({ ...v6, payload }))).toMatchObject({
      version: 6,
      sourceAddress: '2001:db8::1',
      destinationAddress: '2001:db8::2',
      payloadLength: 4,
    });
  });

  it('passes over IPv4 and TCP options', () => {
    const packet = ipOf({ payload });
    const options = new Uint8Array(8).fill(1);
    const withOptions = concat(packet.subarray(0, 20), options, packet.subarray(20, 40), options, payload);
    withOptions[0] = 0x47;
    withOptions[28 + 12] = 0x70;
    new DataView(withOptions.buffer).setUint16(2, withOptions.length);
    expect(decode(withOptions).payload).toEqual(payload);
  });

  it('does not take link-layer padding for payload', () => {
    const padded = concat(packetOf(), new Uint8Array(6));
    expect(decode(padded, 1).payloadLength).toBe(0);
  });

  it.each([1, 3, 4])('counts %i bytes that the snap length cut', (cutLength) => {
    const packet = ipOf({ payload });
    const segment = decode(packet.subarray(0, packet.length - cutLength));
    expect(segment).toMatchObject({ missing: cutLength, payloadLength: 4 - cutLength });
  });

  it('counts the whole payload when even the options are cut', () => {
    const packet = concat(ipOf().subarray(0, 40), new Uint8Array(12), payload);
    packet[32] = 0x80;
    new DataView(packet.buffer).setUint16(2, packet.length);
    expect(decode(packet.subarray(0, 44))).toMatchObject({
      missing: 4,
      payloadLength: 0,
      sourcePort: 50_312,
    });
  });

  it('believes the captured length where the IP length is zero', () => {
    expect(decode(changed(ipOf({ payload }), 2, 0, 0)).payload).toEqual(payload);
    expect(decode(changed(ipOf({ ...v6, payload }), 4, 0, 0)).payload).toEqual(payload);
  });

  it('passes over IPv6 extension headers', () => {
    const hopByHop = concat(Uint8Array.of(43, 1), new Uint8Array(14));
    const routing = concat(Uint8Array.of(51, 0), new Uint8Array(6));
    const authentication = concat(Uint8Array.of(44, 4), new Uint8Array(22));
    const wholeFragment = Uint8Array.of(60, 0, 0, 0, 1, 2, 3, 4);
    const destination = concat(Uint8Array.of(6, 0), new Uint8Array(6));
    const packet = extended(0, hopByHop, routing, authentication, wholeFragment, destination);
    expect(decode(packet).payload).toEqual(payload);
  });

  it.each([
    ['no IP version 4 or 6', changed(ipOf(), 0, 0x55), SEGMENT_KIND.MALFORMED],
    ['an IPv4 header of 16 bytes', changed(ipOf(), 0, 0x44), SEGMENT_KIND.MALFORMED],
    ['a total length below the header', changed(ipOf(), 2, 0, 19), SEGMENT_KIND.MALFORMED],
    ['a total length inside the TCP header', changed(ipOf(), 2, 0, 39), SEGMENT_KIND.MALFORMED],
    ['a TCP header of 16 bytes', changed(ipOf(), 32, 0x40), SEGMENT_KIND.MALFORMED],
    ['a TCP header past the packet', changed(ipOf(), 32, 0xf0), SEGMENT_KIND.MALFORMED],
    ['UDP', changed(ipOf(), 9, 17), SEGMENT_KIND.OTHER_PROTOCOL],
    ['a first fragment', changed(ipOf(), 6, 0x20, 0), SEGMENT_KIND.FRAGMENT],
    ['a last fragment', changed(ipOf(), 6, 0, 1), SEGMENT_KIND.FRAGMENT],
    ['UDP over IPv6', changed(ipOf(v6), 6, 17), SEGMENT_KIND.OTHER_PROTOCOL],
    ['an IPv6 fragment', extended(44, Uint8Array.of(6, 0, 0, 1, 0, 0, 0, 0)), SEGMENT_KIND.FRAGMENT],
    [
      'extension headers without end',
      extended(0, ...new Array<Uint8Array>(40).fill(new Uint8Array(8))),
      SEGMENT_KIND.OTHER_PROTOCOL,
    ],
    [
      'an extension header past the end',
      extended(0, Uint8Array.of(6, 255, 0, 0, 0, 0, 0, 0)),
      SEGMENT_KIND.MALFORMED,
    ],
  ])('refuses %s', (_, packet, kind) => {
    expect(decode(packet).kind).toBe(kind);
  });

  it('tells a link type that is not known from a packet without IP', () => {
    expect(decode(ipOf(), 147).kind).toBe(SEGMENT_KIND.UNKNOWN_LINK);
    expect(decode(new Uint8Array(60), 1).kind).toBe(SEGMENT_KIND.NOT_IP);
  });
});
