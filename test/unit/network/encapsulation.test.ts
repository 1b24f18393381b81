import { describe, expect, it } from 'vitest';
import { concat } from '../../../src/base/bytes';
import { FragmentTable } from '../../../src/network/fragments';
import { SEGMENT_KIND, SegmentView } from '../../../src/network/segment';
import { decodeSegment } from '../../../src/network/tcp';
import { ENCAPSULATIONS, fragmentsOf, fragmentsOf6, ipv4, wrapped } from './encapsulations';
import { ipOf, viewOf } from './packets';

const RAW = 101;
const payload = Uint8Array.from({ length: 100 }, (_, i) => i);
const v6 = {
  source: { address: '2001:db8::1', port: 50_312 },
  destination: { address: '2001:db8::2', port: 5432 },
};

describe('tunnels and link layers', () => {
  it.each(ENCAPSULATIONS.map((each) => [each.name, each] as const))(
    '%s: the inner segment is found',
    (_, each) => {
      const segment = new SegmentView();
      expect(decodeSegment(viewOf(wrapped(each, { payload }), each.linkType), segment)).toBe(true);
      expect(segment).toMatchObject({
        sourceAddress: '10.0.0.1',
        destinationAddress: '10.0.0.2',
        destinationPort: 5432,
      });
      expect(segment.payload).toEqual(payload);
    },
  );

  it.each(ENCAPSULATIONS.map((each) => [each.name, each] as const))(
    '%s: cut anywhere, it is none or cut',
    (_, each) => {
      const packet = wrapped(each, { payload });
      for (let end = 0; end < packet.length; end++) {
        const segment = new SegmentView();
        if (!decodeSegment(viewOf(packet.subarray(0, end), each.linkType), segment)) continue;
        expect(segment.payloadLength + segment.missing).toBe(payload.length);
      }
    },
  );

  it('gives up on tunnels inside tunnels without end', () => {
    let packet = ipOf({ payload });
    for (let i = 0; i < 20; i++) packet = ipv4(4, packet);
    const segment = new SegmentView();
    expect(decodeSegment(viewOf(packet, RAW), segment)).toBe(false);
    expect(segment.kind).toBe(SEGMENT_KIND.OTHER_PROTOCOL);
  });

  it('leaves other UDP alone', () => {
    const segment = new SegmentView();
    const packet = ipv4(17, concat(Uint8Array.of(195, 80, 0, 53, 0, 108, 0, 0), payload));
    expect(decodeSegment(viewOf(packet, RAW), segment)).toBe(false);
    expect(segment.kind).toBe(SEGMENT_KIND.OTHER_PROTOCOL);
  });
});

describe('fragments', () => {
  const kinds = [
    ['IPv4', fragmentsOf(ipOf({ payload }), 48)],
    ['IPv6', fragmentsOf6(ipOf({ ...v6, payload }), 48)],
  ] as const;

  /** Decodes one after the other; gives the payload of what came out, or the kind. */
  function decodeAll(
    packets: readonly Uint8Array[],
    table = new FragmentTable(),
    seconds = 0,
  ): (number | number[])[] {
    return packets.map((packet) => {
      const segment = new SegmentView();
      const found = decodeSegment({ ...viewOf(packet, RAW), seconds }, segment, table);
      return found ? [...segment.payload] : segment.kind;
    });
  }

  describe.each(kinds)('%s', (_, pieces) => {
    it('are put together in any order, by the last to come', () => {
      const [a, b, c] = pieces;
      const held = SEGMENT_KIND.HELD;
      for (const order of [
        [a, b, c],
        [c, b, a],
        [b, a, c],
      ])
        expect(decodeAll(order)).toEqual([held, held, [...payload]]);
    });

    it('take the first of two copies', () => {
      const [a, b, c] = pieces;
      const forged = b.slice();
      forged.fill(0xff, forged.length - 8);
      expect(decodeAll([a, b, forged, c]).at(-1)).toEqual([...payload]);
    });

    it('wait for the missing one, and are counted', () => {
      const table = new FragmentTable();
      decodeAll([pieces[0], pieces[2]], table);
      expect([table.waiting, table.lost]).toEqual([2, 0]);
    });

    it('are given up when the identification may have been used again', () => {
      const table = new FragmentTable();
      decodeAll([pieces[0], pieces[1]], table, 0);
      expect(decodeAll([pieces[2]], table, 100)).toEqual([SEGMENT_KIND.HELD]);
      expect([table.waiting, table.lost]).toEqual([1, 2]);
    });
  });

  it('are put together inside a tunnel and around one', () => {
    const inside = fragmentsOf(ipOf({ payload }), 48).map((piece) => ipv4(4, piece));
    expect(decodeAll(inside).at(-1)).toEqual([...payload]);
    const around = fragmentsOf(ipv4(4, ipOf({ payload })), 48);
    expect(decodeAll(around).at(-1)).toEqual([...payload]);
  });

  it('do not fill the memory', () => {
    const table = new FragmentTable();
    for (let id = 0; id < 5000; id++) {
      const [first] = fragmentsOf(ipOf({ payload }), 48);
      first.set([id >>> 8, id & 255], 4);
      decodeAll([first], table);
    }
    expect(table.waiting).toBe(256);
    expect(table.lost).toBe(5000 - 256);
  });
});
