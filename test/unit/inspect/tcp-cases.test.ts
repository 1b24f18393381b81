/** What TCP does to real logins of both protocols, packet by packet, and what becomes of their traces. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { utf8Bytes } from '../../../src/base/bytes';
import { otherSide, type Side } from '../../../src/base/mark';
import { PcapngWriter } from '../../../src/capture/pcapng-writer';
import { CaptureReader } from '../../../src/capture/reader';
import { Inspector } from '../../../src/inspect/inspector';
import { FlowTable } from '../../../src/network/flow-table';
import { buildPacket } from '../../../src/network/packet-builder';
import { ACK, FIN, PSH, RST, SegmentView, SYN } from '../../../src/network/segment';
import { decodeSegment } from '../../../src/network/tcp';
import type { Trace } from '../../../src/trace/model';

interface Segment {
  from: Side;
  seq: number;
  ack: number;
  flags: number;
  payload: Uint8Array;
  /** Bytes of the payload that the snap length left. */
  kept?: number;
}

const CLIENT = { address: '10.0.0.1', port: 50_312 };
const EMPTY = new Uint8Array(0);

/** What crossed in a fixture's connection with this many handshakes before it. */
function dialogueOf(fixture: string, connection: number): { from: Side; bytes: Uint8Array }[] {
  const turns: { from: Side; bytes: Uint8Array }[][] = [];
  const [table, segment] = [new FlowTable(), new SegmentView()];
  const reader = new CaptureReader({
    handlePacket(packet) {
      if (!decodeSegment(packet, segment)) return;
      const flow = table.lookup(segment);
      turns[flow] ??= [];
      const bytes = segment.payload.slice();
      if (bytes.length > 0) turns[flow].push({ from: table.direction === 0 ? 'client' : 'server', bytes });
    },
  });
  reader.push(new Uint8Array(readFileSync(join(__dirname, '../../fixtures', fixture))));
  reader.finish();
  return turns[connection];
}

/** Packets of a connection, each payload in pieces of at most `size` bytes. */
function segmentsOf(
  turns: readonly { from: Side; bytes: Uint8Array }[],
  initial = { client: 1000, server: 9000 },
  size = 400,
): Segment[] {
  const next = { ...initial };
  const packets: Segment[] = [];
  const add = (from: Side, flags: number, payload: Uint8Array = EMPTY) => {
    const ack = (flags & ACK) === 0 ? 0 : next[otherSide(from)];
    packets.push({ from, seq: next[from] >>> 0, ack: ack >>> 0, flags, payload });
    next[from] += payload.length + ((flags & (SYN | FIN)) === 0 ? 0 : 1);
  };
  add('client', SYN);
  add('server', SYN | ACK);
  add('client', ACK);
  for (const { from, bytes } of turns) {
    for (let at = 0; at < bytes.length; at += size) add(from, PSH | ACK, bytes.subarray(at, at + size));
  }
  add('client', FIN | ACK);
  add('server', FIN | ACK);
  return packets;
}

function inspect(segments: readonly Segment[], port: number): readonly Trace[] {
  const writer = new PcapngWriter();
  const ends = { client: CLIENT, server: { address: '10.0.0.2', port } };
  segments.forEach(({ from, seq, ack, flags, payload, kept }, index) => {
    const packet = buildPacket({
      source: ends[from],
      destination: ends[otherSide(from)],
      sequence: seq,
      acknowledgment: ack,
      flags,
      payload,
    });
    const captured = kept === undefined ? packet : packet.subarray(0, packet.length - payload.length + kept);
    writer.addPacket({ seconds: 1_767_225_600, nanos: index * 1000 }, captured, undefined, {
      originalLength: packet.length,
    });
  });
  const inspector = new Inspector();
  const reader = new CaptureReader(inspector);
  reader.push(writer.toBytes());
  reader.finish();
  return inspector.finish();
}

const names = (trace: Trace, layer: string) =>
  trace.steps.filter((step) => step.layer === layer).map((step) => step.message);
const codes = (trace: Trace) => trace.findings.map((finding) => finding.code);

const PROTOCOLS = [
  { name: 'postgres', turns: dialogueOf('pg18-md5.pcapng', 0), port: 5432, gap: 'PG_GAP' },
  { name: 'mongodb', turns: dialogueOf('mongo-scram-sha-256.pcapng', 1), port: 27017, gap: 'MG_GAP' },
] as const;

describe.each(PROTOCOLS)('$name', ({ name, turns, port, gap }) => {
  const usual = () => segmentsOf(turns);
  const [plain] = inspect(usual(), port);
  const isData = ({ payload }: Segment) => payload.length > 0;

  it('is read as it is', () => {
    expect(plain).toMatchObject({ protocol: name, outcome: 'ready' });
  });

  const SAME: readonly [string, () => Segment[]][] = [
    ['in pieces of 16 bytes', () => segmentsOf(turns, undefined, 16)],
    [
      'over the wrap of the sequence numbers',
      () => segmentsOf(turns, { client: 2 ** 32 - 20, server: 2 ** 32 - 50 }),
    ],
    ['with every packet twice', () => usual().flatMap((packet) => [packet, packet])],
    [
      'with keep-alive probes',
      () =>
        usual().flatMap((packet) =>
          isData(packet)
            ? [
                packet,
                {
                  ...packet,
                  seq: packet.seq + packet.payload.length - 1,
                  payload: Uint8Array.of(0),
                  flags: ACK,
                },
              ]
            : [packet],
        ),
    ],
    [
      'with packets of each side swapped in pairs',
      () => {
        const packets = segmentsOf(turns, undefined, 60);
        for (let i = 3; i + 1 < packets.length - 2; i++) {
          if (packets[i].from === packets[i + 1].from && isData(packets[i]) && isData(packets[i + 1])) {
            [packets[i], packets[i + 1]] = [packets[i + 1], packets[i]];
            i++;
          }
        }
        return packets;
      },
    ],
    [
      'with overlapping copies that agree',
      () => {
        const packets = segmentsOf(turns, undefined, 50);
        return packets.flatMap((packet, i) => {
          const later = packets[i + 1];
          if (!isData(packet) || later?.from !== packet.from || !isData(later)) return [packet];
          return [packet, { ...packet, payload: Uint8Array.from([...packet.payload, ...later.payload]) }];
        });
      },
    ],
    [
      'with the first bytes on the SYN',
      () => {
        const [syn, ...rest] = usual();
        const first = rest.findIndex(isData);
        const { payload } = rest[first];
        return [{ ...syn, payload }, ...rest.slice(0, first), ...rest.slice(first + 1)];
      },
    ],
    ['without the three packets that open it', () => usual().slice(3)],
  ];

  it.each(SAME)('reads the same messages %s', (_, make) => {
    const [trace, ...others] = inspect(make(), port);
    expect(others).toEqual([]);
    expect(names(trace, name)).toEqual(names(plain, name));
    expect(trace.outcome).toBe('ready');
    expect(codes(trace)).not.toContain('TCP_OVERLAP_DIFFERS');
  });

  it('tells copies that differ, and takes the first', () => {
    const packets = usual();
    const at = packets.findIndex((packet) => packet.from === 'server' && isData(packet));
    const forged = { ...packets[at], payload: packets[at].payload.slice() };
    forged.payload[forged.payload.length - 1] ^= 0xff;
    packets.splice(at + 1, 0, forged);
    const [trace] = inspect(packets, port);
    expect(codes(trace)).toContain('TCP_OVERLAP_DIFFERS');
    expect(trace.findings.find(({ code }) => code === 'TCP_OVERLAP_DIFFERS')?.frames).toEqual([at + 2]);
    expect(names(trace, name)).toEqual(names(plain, name));
  });

  it('finds the messages behind a gap again, also in the middle of a packet', () => {
    const packets = segmentsOf(turns, undefined, 150);
    const server = packets.filter((packet) => packet.from === 'server' && isData(packet));
    // The second packet of the longest answer: what follows begins inside of a message.
    const lost = server.find(
      (packet, i) => i > 0 && packet.seq === server[i - 1].seq + 150 && packet.payload.length === 150,
    );
    expect(lost).toBeDefined();
    const [trace] = inspect(
      packets.filter((packet) => packet !== lost),
      port,
    );
    expect(codes(trace)).toContain(gap);
    expect(trace.outcome).toBe('ready');
    // Without the lost packet the next one has its number.
    const at = packets.indexOf(lost as Segment) + 1;
    const behind = trace.steps.filter((step) => step.layer === name && step.frames[0] >= at);
    expect(behind.map(({ from }) => from)).toContain('server');
    expect(codes(trace).filter((code) => /MALFORMED|BAD/.test(code))).toEqual([]);
  });

  it('says what the snap length cut', () => {
    const packets = usual().map((packet) => ({ ...packet, kept: Math.min(packet.payload.length, 100) }));
    const [trace] = inspect(packets, port);
    expect(codes(trace)).toContain(gap);
  });

  it.each(['client', 'server'] as const)('reads the %s alone', (side) => {
    const traces = inspect(
      usual().filter(({ from }) => from === side),
      port,
    );
    for (const trace of traces) {
      expect(trace.steps.filter(({ layer, from }) => layer === name && from !== side)).toEqual([]);
    }
    // What only a client says tells the protocol.
    if (side === 'client') expect(traces.map((trace) => trace.protocol)).toEqual([name]);
  });

  it('tells two connections on the same ports apart', () => {
    const again = segmentsOf(turns, { client: 700_000, server: 800_000 });
    const traces = inspect([...usual(), ...again], port);
    expect(traces.map(({ outcome }) => outcome)).toEqual(['ready', 'ready']);
    expect(names(traces[1], name)).toEqual(names(plain, name));
  });

  it('is found on the ports of a connection that was foreign', () => {
    const text = utf8Bytes('GET / HTTP/1.1\r\n\r\n');
    const foreign = segmentsOf([
      { from: 'client', bytes: text },
      { from: 'server', bytes: text },
    ]);
    const again = segmentsOf(turns, { client: 70_000, server: 90_000 });
    // More than once, so that both directions are known to be of no interest when they are used again.
    const traces = inspect([...foreign, ...foreign.slice(3), ...again], port);
    expect(traces).toHaveLength(1);
    expect(names(traces[0], name)).toEqual(names(plain, name));
  });

  it('a reset is the end', () => {
    const packets = usual();
    const at = packets.findIndex((packet) => packet.from === 'server' && isData(packet));
    const reset = { ...packets[at], flags: RST | ACK, payload: EMPTY };
    const [trace] = inspect([...packets.slice(0, at), reset], port);
    expect(trace.outcome).toBe('failed');
    expect(trace.steps.at(-1)?.message).toBe('RST');
  });

  it('keeps no more than its bounds of a connection whose beginning never comes', () => {
    const packets = usual();
    const first = packets.findIndex(isData);
    const far: Segment[] = [];
    // 3,000 packets of 1,400 bytes behind a hole: four times what may wait.
    for (let i = 0; i < 3000; i++) {
      const seq = (packets[first].seq + 100_000 + i * 1400) >>> 0;
      far.push({ ...packets[first], seq, payload: new Uint8Array(1400).fill(0x20) });
    }
    const before = process.memoryUsage().arrayBuffers;
    inspect([...packets.slice(0, first + 1), ...far], port);
    // The capture itself is 4 MB, twice while it is written.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(40 << 20);
  });
});
