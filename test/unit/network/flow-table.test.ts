import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FlowTable } from '../../../src/network/flow-table';
import { SegmentView } from '../../../src/network/segment';
import { decodeSegment } from '../../../src/network/tcp';
import { packetOf, viewOf } from './packets';

interface End {
  readonly address: string;
  readonly port: number;
}

function segment(source: End, destination: End): SegmentView {
  const view = new SegmentView();
  expect(decodeSegment(viewOf(packetOf({ source, destination })), view)).toBe(true);
  return view;
}

const a = { address: '10.0.0.1', port: 50_312 };
const b = { address: '10.0.0.2', port: 5432 };
const a6 = { address: '2001:db8::1', port: 50_312 };
const b6 = { address: '2001:db8::2', port: 5432 };

describe.each([
  ['IPv4', a, b],
  ['IPv4, higher endpoint first', b, a],
  ['IPv4, high addresses', { address: '192.168.0.9', port: 1 }, { address: '8.8.8.8', port: 2 }],
  ['IPv6', a6, b6],
  ['IPv6, higher endpoint first', b6, a6],
  ['one address, two ports', { address: '127.0.0.1', port: 65_535 }, { address: '127.0.0.1', port: 5432 }],
])('a flow: %s', (_, first, second) => {
  it('has one number and tells the direction', () => {
    const table = new FlowTable();
    const seen = [segment(first, second), segment(second, first), segment(first, second)].map((view) => {
      const flow = table.lookup(view);
      return [flow, table.direction, table.isNew];
    });
    expect(seen).toEqual([
      [0, 0, true],
      [0, 1, false],
      [0, 0, false],
    ]);
    expect(table.count).toBe(1);
  });

  it('remembers its endpoints', () => {
    const table = new FlowTable();
    table.lookup(segment(first, second));
    expect(
      [0, 1].map((end) => ({ address: table.address(0, end as 0 | 1), port: table.port(0, end as 0 | 1) })),
    ).toEqual([first, second]);
  });

  it('gets a new number and orientation when it is renewed', () => {
    const table = new FlowTable();
    table.lookup(segment(first, second));
    expect(table.renew(segment(second, first))).toBe(1);
    expect([table.direction, table.isNew]).toEqual([0, true]);
    expect([table.lookup(segment(first, second)), table.direction]).toEqual([1, 1]);
    expect(table.address(0, 0)).toBe(first.address);
    expect(table.address(1, 0)).toBe(second.address);
  });
});

describe('FlowTable', () => {
  it('finds without adding', () => {
    const table = new FlowTable();
    expect(table.find(segment(a, b))).toBe(-1);
    expect(table.count).toBe(0);
    table.lookup(segment(a, b));
    expect([table.find(segment(b, a)), table.direction, table.isNew]).toEqual([0, 1, false]);
  });

  it('does not confuse flows that differ in one thing', () => {
    const table = new FlowTable();
    const ends: [End, End][] = [
      [a, b],
      [{ ...a, port: 50_313 }, b],
      [a, { ...b, port: 5433 }],
      [
        { ...a, port: b.port },
        { ...b, port: a.port },
      ],
      [{ ...a, address: '10.0.0.3' }, b],
      [a6, b6],
      [
        { address: '::10.0.0.1', port: a.port },
        { address: '::10.0.0.2', port: b.port },
      ],
    ];
    expect(ends.map(([from, to]) => table.lookup(segment(from, to)))).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it('takes an endpoint that talks to itself as one direction', () => {
    const table = new FlowTable();
    expect([table.lookup(segment(a, a)), table.direction]).toEqual([0, 0]);
    expect([table.lookup(segment(a, a)), table.direction]).toEqual([0, 0]);
  });

  it('agrees with a map of text, growing, renewing and with any seed', () => {
    const end = fc.record({
      address: fc.constantFrom('10.0.0.1', '10.0.0.2', '200.1.1.1', '::1', '::2', 'ff::3'),
      port: fc.integer({ min: 1, max: 12 }),
    });
    const action = fc.record({ from: end, to: end, renew: fc.boolean() });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), fc.integer(), (actions, seed) => {
        const table = new FlowTable(seed);
        const model = new Map<string, { flow: number; from: string }>();
        let count = 0;
        for (const { from, to, renew } of actions) {
          if (from.address.includes(':') !== to.address.includes(':')) continue;
          const names = [`${from.address} ${from.port}`, `${to.address} ${to.port}`];
          const key = [...names].sort().join('|');
          const view = segment(from, to);
          const flow = renew ? table.renew(view) : table.lookup(view);
          let known = model.get(key);
          if (renew || known === undefined) {
            known = { flow: count++, from: names[0] };
            model.set(key, known);
          }
          expect(flow).toBe(known.flow);
          expect(table.direction).toBe(known.from === names[0] ? 0 : 1);
        }
        expect(table.count).toBe(count);
      }),
      { numRuns: 50 },
    );
  });

  it('keeps a hundred thousand flows apart', () => {
    const table = new FlowTable();
    const view = segment(a, b);
    const order: number[] = [];
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 100_000; i++) {
        view.sourcePort = i & 0xffff;
        view.buffer[view.sourceAt + 1] = i >> 16;
        order.push(table.lookup(view));
      }
    }
    expect(table.count).toBe(100_000);
    expect(order.every((flow, i) => flow === i % 100_000)).toBe(true);
  });
});
