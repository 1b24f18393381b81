import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat } from '../../../src/base/bytes';
import { decodeIcmp } from '../../../src/network/icmp';
import { SegmentView } from '../../../src/network/segment';
import { ipOf, viewOf } from './packets';

const V4 = {
  source: { address: '10.0.0.1', port: 50_312 },
  destination: { address: '10.0.0.2', port: 5432 },
};
const V6 = {
  source: { address: '2001:db8::1', port: 50_312 },
  destination: { address: '2001:db8::2', port: 5432 },
};

/** An Ethernet frame with an ICMP error from 192.0.2.254 about an IP packet. */
function icmp4(type: number, code: number, quoted: Uint8Array, mtu = 0): Uint8Array {
  const body = concat(new Uint8Array([type, code, 0, 0, 0, 0, mtu >> 8, mtu & 255]), quoted);
  const header = [0x45, 0, 0, 0, 0, 0, 0, 0, 64, 1, 0, 0, 192, 0, 2, 254, 10, 0, 0, 1];
  const total = 20 + body.length;
  header[2] = total >> 8;
  header[3] = total & 255;
  return concat(new Uint8Array(12), new Uint8Array([8, 0]), new Uint8Array(header), body);
}

/** The same in IPv6, from 2001:db8::fe. */
function icmp6(type: number, code: number, quoted: Uint8Array, mtu = 0): Uint8Array {
  const body = concat(new Uint8Array([type, code, 0, 0, 0, 0, mtu >> 8, mtu & 255]), quoted);
  const header = new Uint8Array(40);
  header.set([0x60, 0, 0, 0, body.length >> 8, body.length & 255, 58, 64, 0x20, 1, 0x0d, 0xb8]);
  header[23] = 0xfe;
  header.set([0x20, 1, 0x0d, 0xb8], 24);
  header[39] = 1;
  return concat(new Uint8Array(12), new Uint8Array([0x86, 0xdd]), header, body);
}

function read(packet: Uint8Array) {
  const quoted = new SegmentView();
  const error = decodeIcmp(viewOf(packet), quoted);
  return { error, quoted };
}

describe('an ICMP error', () => {
  // As routers quote: the header and 8 bytes more.
  const head4 = ipOf(V4).slice(0, 28);
  const head6 = ipOf(V6).slice(0, 60);

  it.each([
    ['host unreachable', icmp4(3, 1, head4), 0],
    ['port unreachable', icmp4(3, 3, head4), 0],
    ['fragmentation needed', icmp4(3, 4, head4, 1400), 1400],
    ['communication administratively prohibited', icmp4(3, 13, head4), 0],
    ['time to live exceeded', icmp4(11, 0, head4), 0],
  ])('of IPv4: %s', (kind, packet, mtu) => {
    const { error, quoted } = read(packet);
    expect(error).toEqual({ kind, from: '192.0.2.254', mtu, tooBig: mtu > 0 });
    expect([quoted.sourceAddress, quoted.sourcePort]).toEqual(['10.0.0.1', 50_312]);
    expect([quoted.destinationAddress, quoted.destinationPort]).toEqual(['10.0.0.2', 5432]);
  });

  it.each([
    ['no route to destination', icmp6(1, 0, head6), 0],
    ['port unreachable', icmp6(1, 4, head6), 0],
    ['fragmentation needed', icmp6(2, 0, head6, 1280), 1280],
    ['time to live exceeded', icmp6(3, 0, head6), 0],
  ])('of IPv6: %s', (kind, packet, mtu) => {
    const { error, quoted } = read(packet);
    expect(error).toEqual({ kind, from: '2001:db8::fe', mtu, tooBig: mtu > 0 });
    expect([quoted.sourceAddress, quoted.sourcePort]).toEqual(['2001:db8::1', 50_312]);
  });

  it.each([
    ['an echo', icmp4(8, 0, head4)],
    ['a code that nobody knows', icmp4(3, 99, head4)],
    [
      'about UDP',
      icmp4(
        3,
        3,
        head4.map((byte, i) => (i === 9 ? 17 : byte)),
      ),
    ],
    [
      'about a later fragment',
      icmp4(
        3,
        4,
        head4.map((byte, i) => (i === 7 ? 9 : byte)),
      ),
    ],
    ['cut before the ports', icmp4(3, 1, head4.slice(0, 24))],
    ['TCP itself', concat(new Uint8Array(12), new Uint8Array([8, 0]), ipOf(V4))],
  ])('is not: %s', (_, packet) => {
    expect(read(packet).error).toBeUndefined();
  });

  it('never reads past what is there', () => {
    const whole = [icmp4(3, 4, head4, 1400), icmp6(2, 0, head6, 1280)];
    fc.assert(
      fc.property(
        fc.constantFrom(...whole),
        fc.nat(120),
        fc.array(fc.tuple(fc.nat(90), fc.nat(255)), { maxLength: 6 }),
        (packet, length, changes) => {
          const bytes = packet.slice(0, length);
          for (const [at, byte] of changes) if (at < bytes.length) bytes[at] = byte;
          expect(() => read(bytes)).not.toThrow();
        },
      ),
    );
  });
});
