import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat } from '../../../src/base/bytes';
import { emptyView } from '../../../src/capture/packet';
import { AddressBook, AddressCipher } from '../../../src/inspect/redaction/addresses';
import { redactHeaders } from '../../../src/inspect/redaction/packet-headers';
import { parseAddress } from '../../../src/network/address';
import { checksum, sum } from '../../../src/network/checksum';
import { SegmentView } from '../../../src/network/segment';
import { decodeSegment } from '../../../src/network/tcp';
import { packetOf } from '../network/packets';

const ENDS = {
  source: { address: '192.0.2.1', port: 5 },
  destination: { address: '192.0.2.2', port: 6 },
};

const cipher = (seed = 1) => new AddressCipher((length) => new Uint8Array(length).fill(seed));

/** How many of their first bits two addresses have in common. */
function common(a: Uint8Array, b: Uint8Array): number {
  for (let bit = 0; bit < 8 * a.length; bit++) {
    if (((a[bit >> 3] ^ b[bit >> 3]) >> (7 - (bit & 7))) & 1) return bit;
  }
  return 8 * a.length;
}

describe('addresses in the place of others', () => {
  it.each([4, 16])('of %i bytes have as many first bits in common', (length) => {
    const address = fc.uint8Array({ minLength: length, maxLength: length });
    const one = cipher();
    fc.assert(
      fc.property(address, address, fc.nat(length - 1), (a, b, same) => {
        b.set(a.subarray(0, same));
        expect(common(one.instead(a), one.instead(b))).toBe(common(a, b));
      }),
      { numRuns: 60 },
    );
  });

  it('are others under another key, and the same for the same one', () => {
    const address = Uint8Array.of(192, 0, 2, 1);
    expect(cipher(1).instead(address)).toEqual(cipher(1).instead(address));
    expect(cipher(1).instead(address)).not.toEqual(cipher(2).instead(address));
    const mapped = parseAddress('::ffff:192.0.2.1') as Uint8Array;
    expect(cipher().instead(mapped).subarray(12)).toEqual(cipher().instead(address));
  });

  it('stand in texts as long as before, or as zeros', () => {
    const book = new AddressBook(['192.0.2.1'], cipher());
    expect(book.text('192.0.2.1')).toHaveLength(9);
    expect(book.text('192.0.2.1')).not.toContain('192');
    expect(book.text('192.0.2.2')).toBeUndefined();
    expect(new AddressBook(['192.0.2.1']).text('192.0.2.1')).toBe('192.0.2.1');
  });

  it('are in the headers, with a right checksum and without those of the link layer', () => {
    const bytes = packetOf({ ...ENDS, payload: Uint8Array.of(9) });
    const before = bytes.slice();
    redactHeaders(bytes, 1, cipher());
    expect(bytes.subarray(0, 12)).toEqual(new Uint8Array(12));
    expect(bytes.subarray(26, 30)).toEqual(cipher().instead(before.subarray(26, 30)));
    expect(checksum(sum(bytes, 14, 34))).toBe(0);
    expect(bytes.subarray(34, 50)).toEqual(before.subarray(34, 50));
  });

  const inner = packetOf(ENDS);
  const tag = Uint8Array.of(0x81, 0, 0, 7);
  const ethernet = (tags: number) =>
    concat(new Uint8Array(12).fill(0xee), ...Array.from({ length: tags }, () => tag), inner.subarray(12));
  const options = (length: number) => new Uint8Array(length).fill(0xdd);
  const udp = (port: number, ...parts: Uint8Array[]) => {
    const body = concat(...parts);
    return {
      protocol: 17,
      body: concat(Uint8Array.of(9, 9, port >> 8, port & 255, 0, 8 + body.length, 0, 0), body),
    };
  };
  const geneve = (words: number, type: number) => Uint8Array.of(words, 0, type >> 8, type & 255, 0, 0, 7, 0);
  const gre = (flags: number, type: number, ...parts: Uint8Array[]) => ({
    protocol: 47,
    body: concat(Uint8Array.of(flags, 0, type >> 8, type & 255), ...parts),
  });
  const vxlan = Uint8Array.of(8, 0, 0, 0, 0, 0, 7, 0);
  const TUNNELS = [
    ['VXLAN', udp(4789, vxlan, ethernet(0))],
    ['VXLAN with a tag inside', udp(4789, vxlan, ethernet(1))],
    ['VXLAN with two tags inside', udp(8472, vxlan, ethernet(2))],
    ['GENEVE', udp(6081, geneve(0, 0x6558), ethernet(1))],
    ['GENEVE with options', udp(6081, geneve(3, 0x6558), options(12), ethernet(1))],
    ['GENEVE without Ethernet, with options', udp(6081, geneve(2, 0x0800), options(8), inner.subarray(14))],
    ['GRE', gre(0, 0x6558, ethernet(1))],
    ['GRE with key and number', gre(0x30, 0x6558, options(8), ethernet(1))],
    ['GRE without Ethernet', gre(0x20, 0x0800, options(4), inner.subarray(14))],
    ['ERSPAN', gre(0x10, 0x88be, options(4), Uint8Array.of(0x10, 7, 0, 0, 0, 0, 0, 0), ethernet(1))],
    ['the third ERSPAN', gre(0x10, 0x22eb, options(4), new Uint8Array(12), ethernet(1))],
  ] as const;

  it.each(TUNNELS)(
    'are in the headers inside %s too, where the same TCP packet is found',
    (_, { protocol, body }) => {
      const outer = concat(inner.subarray(0, 34), body);
      outer[23] = protocol;
      new DataView(outer.buffer).setUint16(16, 20 + body.length);
      const after = outer.slice();
      redactHeaders(after, 1, cipher());
      expect(after).not.toContain(0xee);
      expect(after).not.toContain(0xdd);
      const [before, found] = [new SegmentView(), new SegmentView()];
      const view = (buffer: Uint8Array) => ({ ...emptyView(), linkType: 1, buffer, end: buffer.length });
      expect(decodeSegment(view(outer), before)).toBe(true);
      expect(decodeSegment(view(after), found)).toBe(true);
      expect([found.tcpAt, found.sourcePort]).toEqual([before.tcpAt, 5]);
      expect(found.sourceAddress).not.toBe('192.0.2.1');
    },
  );

  it.each([9, 0x0109, 0x0900])('leave the packet where it is behind a field of type %i of NFLOG', (type) => {
    const field = Uint8Array.of(8, 0, type & 255, type >> 8, 0xdd, 0xdd, 0xdd, 0xdd);
    const packet = inner.subarray(14);
    const bytes = concat(
      Uint8Array.of(2, 0, 0, 0),
      ...(type === 9 ? [] : [field]),
      Uint8Array.of(4 + packet.length, 0, 9, 0),
      packet,
    );
    redactHeaders(bytes, 239, cipher());
    expect(bytes).not.toContain(0xdd);
    const found = new SegmentView();
    expect(decodeSegment({ ...emptyView(), linkType: 239, buffer: bytes, end: bytes.length }, found)).toBe(
      true,
    );
    expect(found.sourcePort).toBe(5);
  });
});
