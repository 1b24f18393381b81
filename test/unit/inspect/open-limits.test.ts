/** What a capture that is never decided holds: counted in flows, traces and bytes. */
import { describe, expect, it } from 'vitest';
import { PcapngWriter } from '../../../src/capture/pcapng-writer';
import { CaptureReader } from '../../../src/capture/reader';
import { Inspector, type InspectorOptions } from '../../../src/inspect/inspector';
import { TraceOrder } from '../../../src/inspect/trace-order';
import { WaitingFlows } from '../../../src/inspect/waiting-flows';
import { buildPacket } from '../../../src/network/packet-builder';
import { ACK, PSH, RST, SegmentView, SYN } from '../../../src/network/segment';
import type { Trace } from '../../../src/trace/model';

const SERVER = { address: '192.0.2.7', port: 5432 };
const SSL_REQUEST = Uint8Array.of(0, 0, 0, 8, 4, 210, 22, 47);

/** One packet of the `number`th client; its first byte has the sequence number 1. */
function from(number: number, flags: number, payload?: Uint8Array, port = SERVER.port): Uint8Array {
  const source = { address: `10.${number >>> 16}.${(number >>> 8) & 255}.${number & 255}`, port: 40_000 };
  const sequence = (flags & SYN) === 0 ? 1 : 0;
  return buildPacket({
    source,
    destination: { ...SERVER, port },
    sequence,
    acknowledgment: 0,
    flags,
    payload,
  });
}

function feed(inspector: Inspector, packets: Iterable<Uint8Array>, seen = () => {}): void {
  const reader = new CaptureReader({
    handlePacket: (packet) => {
      inspector.handlePacket(packet);
      seen();
    },
  });
  const writer = new PcapngWriter();
  let time = 0;
  for (const packet of packets) writer.addPacket({ seconds: 1_700_000_000 + time++, nanos: 0 }, packet);
  reader.push(writer.toBytes());
  reader.finish();
}

/** @returns the traces as they went out, and the most that was undecided at any time. */
function inspect(packets: Iterable<Uint8Array>, options: InspectorOptions = {}) {
  const traces: Trace[] = [];
  const inspector = new Inspector({ ...options, onOrderedTrace: (trace) => traces.push(trace) });
  const most = { waiting: 0, tracked: 0, traces: 0 };
  feed(inspector, packets, () => {
    for (const kind of ['waiting', 'tracked', 'traces'] as const)
      most[kind] = Math.max(most[kind], inspector.undecided[kind]);
  });
  const early = traces.length;
  inspector.finish();
  return { traces, early, most, notes: inspector.notes };
}

const each = (count: number, packets: (number: number) => Uint8Array[]) =>
  Array.from({ length: count }, (_, number) => packets(number)).flat();

describe('what is undecided', () => {
  it('SYNs: the oldest beyond the bound go out early, none is lost, and it is said', () => {
    const syns = each(1_000, (number) => [from(number, SYN)]);
    const { traces, early, most, notes } = inspect(syns, { limits: { waiting: 100 } });
    expect(most.waiting).toBeLessThanOrEqual(101);
    expect(early).toBe(900);
    expect(traces.map(({ client }) => client.address)).toEqual(
      Array.from({ length: 1_000 }, (_, number) => `10.0.${number >>> 8}.${number & 255}`),
    );
    expect(notes).toEqual([expect.stringContaining('900 connections')]);
  });

  it('handshakes under way: as SYNs', () => {
    const asking = each(300, (number) => [from(number, SYN), from(number, ACK | PSH, SSL_REQUEST)]);
    const { traces, early, most, notes } = inspect(asking, { limits: { tracked: 50 } });
    expect(most.tracked).toBeLessThanOrEqual(51);
    expect(early).toBe(250);
    expect(traces).toHaveLength(300);
    expect(new Set(traces.map(({ id }) => id)).size).toBe(300);
    expect(notes).toEqual([expect.stringContaining('250 handshakes')]);
  });

  it('handshakes whose SYN was not seen, after the numbers were gone through once', () => {
    const acks = each(100, (number) => [from(number, ACK)]);
    const asking = each(100, (number) => [from(number, ACK | PSH, SSL_REQUEST)]);
    const again = each(100, (number) => [from(1_000 + number, ACK | PSH, SSL_REQUEST)]);
    const { traces, most } = inspect([...acks, ...again, ...asking], { limits: { tracked: 10 } });
    expect(most.tracked).toBeLessThanOrEqual(11);
    expect(traces).toHaveLength(200);
  });

  it('traces behind a connection that hangs: it goes out behind them, under an id of its own', () => {
    const { traces } = inspect(each(51, (number) => [from(number, SYN)]));
    const sent: string[] = [];
    const order = new TraceOrder(({ trace }) => sent.push(`${trace.id} ${trace.client.address}`), 10);
    const tickets = traces.map(() => order.open());
    for (let at = 1; at <= 50; at++) {
      order.complete(tickets[at], at, traces[at]);
      expect(order.held).toBeLessThanOrEqual(10);
    }
    order.complete(tickets[0], 0, traces[0]);
    expect(sent).toEqual(
      [...tickets.slice(1), tickets[0]].map((ticket, at) => `t${at + 1} 10.0.0.${ticket}`),
    );
    expect(order.passedOver).toBe(1);
  });

  it('within the bounds nothing is said, and everything keeps its place', () => {
    const { traces, early, notes } = inspect([
      from(9, SYN),
      ...each(5, (number) => [from(number, SYN), from(number, RST)]),
    ]);
    expect([early, notes, traces[0].client.address]).toEqual([0, [], '10.0.0.9']);
  });

  it('traces that somebody keeps: the first ones, and how many more there are', () => {
    const told: Trace[] = [];
    const inspector = new Inspector({ mostKept: 10, onTrace: (trace) => told.push(trace) });
    feed(
      inspector,
      each(30, (number) => [from(number, SYN)]),
    );
    expect(inspector.finish().map(({ id }) => id)).toEqual(
      Array.from({ length: 10 }, (_, at) => `t${at + 1}`),
    );
    expect(told).toHaveLength(10);
    expect(inspector.notes).toEqual([expect.stringContaining('20 further handshakes are not shown')]);
  });

  it('a connection that is none of ours, passed over, leaves no gap', () => {
    const sent: string[] = [];
    const order = new TraceOrder(({ trace }) => sent.push(trace.id), 1);
    const [foreign, ...ours] = [order.open(), order.open(), order.open(), order.open()];
    const [{ traces }] = [inspect(each(3, (number) => [from(number, SYN)]))];
    for (const [key, ticket] of ours.entries()) order.complete(ticket, key, traces[key]);
    order.cancel(foreign);
    expect([sent, order.held, order.passedOver]).toEqual([['t1', 't2', 't3'], 0, 0]);
  });
});

describe('SYNs that wait', () => {
  const count = 40_000;
  const mark = { frame: 1, seconds: 1_700_000_000, nanos: 5 };

  it('take less than 70 bytes each, and a slot given up is used again', () => {
    const flows = new WaitingFlows();
    const add = () => {
      const slot = flows.add(count);
      flows.note(slot, 0, new SegmentView(), mark);
      return slot;
    };
    const slots = Array.from({ length: count }, add);
    expect(flows.bytes / count).toBeLessThan(70);
    const { bytes } = flows;
    for (const slot of slots) flows.remove(slot);
    expect(flows.count).toBe(0);
    expect(new Set(Array.from({ length: count }, add)).size).toBe(count);
    expect([flows.count, flows.bytes]).toEqual([count, bytes]);
  });

  it('are given back as they came, in pages other than the first too', () => {
    const flows = new WaitingFlows();
    for (let ticket = 0; ticket < count; ticket++) {
      const segment = Object.assign(new SegmentView(), { sequence: ticket, acknowledgment: 0, flags: SYN });
      flows.note(flows.add(ticket), 0, segment, { ...mark, frame: ticket });
    }
    for (const slot of [0, 4_095, 4_096, count - 1]) {
      const kept: unknown[] = [];
      flows.replay(slot, (direction, { sequence, flags }, { frame, seconds, nanos }) =>
        kept.push([direction, sequence, flags, frame, seconds, nanos]),
      );
      expect(kept).toEqual([[0, slot, SYN, slot, mark.seconds, mark.nanos]]);
      expect([flows.ticket(slot), flows.knows(slot, 0, slot), flows.knows(slot, 1, slot)]).toEqual([
        slot,
        true,
        false,
      ]);
    }
  });
});
