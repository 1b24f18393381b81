/** Redacting captures whose packets are not in the order in which they were sent. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Side } from '../../../src/base/mark';
import type { PacketSink } from '../../../src/capture/packet';
import { PcapngWriter } from '../../../src/capture/pcapng-writer';
import { CaptureReader } from '../../../src/capture/reader';
import { Inspector } from '../../../src/inspect/inspector';
import { placeOf } from '../../../src/inspect/packet-picker';
import { RedactingPicker } from '../../../src/inspect/redaction/redacting-picker';
import { FlowTable } from '../../../src/network/flow-table';
import { SegmentView } from '../../../src/network/segment';
import { decodeSegment } from '../../../src/network/tcp';
import type { Trace } from '../../../src/trace/model';
import { ConversationBuilder } from '../network/conversation-builder';

function read(file: Uint8Array, sink: PacketSink): void {
  const reader = new CaptureReader(sink);
  reader.push(file);
  reader.finish();
}

function tracesOf(file: Uint8Array): readonly Trace[] {
  const inspector = new Inspector();
  read(file, inspector);
  return inspector.finish();
}

function redacted(file: Uint8Array): Uint8Array {
  const traces = tracesOf(file);
  const random = (length: number) => new Uint8Array(length).fill(7);
  const picker = new RedactingPicker(traces.map(placeOf), new Set(traces.map(({ id }) => id)), { random });
  read(file, picker);
  return picker.toBytes();
}

/** The packets of a fixture's connection with this many before it, each payload in pieces. */
function packetsOf(fixture: string, connection: number, port: number, pieces: number): Uint8Array[] {
  const turns: { from: Side; bytes: Uint8Array }[][] = [];
  const [table, segment] = [new FlowTable(), new SegmentView()];
  read(new Uint8Array(readFileSync(join(__dirname, '../../fixtures', fixture))), {
    handlePacket(packet) {
      if (!decodeSegment(packet, segment)) return;
      const flow = table.lookup(segment);
      turns[flow] ??= [];
      turns[flow].push({ from: table.direction === 0 ? 'client' : 'server', bytes: segment.payload.slice() });
    },
  });
  const talk = new ConversationBuilder(
    { address: '192.0.2.1', port: 50_000 },
    { address: '192.0.2.9', port },
    undefined,
    pieces,
  );
  const opened = [...talk.connect(), ...talk.accept()];
  return [...opened, ...turns[connection].flatMap(({ from, bytes }) => talk.data(from, bytes))];
}

function captureOf(packets: readonly Uint8Array[]): Uint8Array {
  const writer = new PcapngWriter();
  for (const [seconds, packet] of packets.entries()) writer.addPacket({ seconds, nanos: 0 }, packet);
  return writer.toBytes();
}

const shape = (traces: readonly Trace[]) =>
  traces.map(({ outcome, auth, steps }) => ({
    outcome,
    mechanism: auth.mechanism,
    steps: steps.map((step) => [step.from, step.message, step.bytes, step.clientState, step.serverState]),
  }));

const LOGINS = [
  { fixture: 'pg15-scram.pcapng', connection: 0, port: 5432, outcome: 'ready' },
  { fixture: 'pg18-cleartext-password.pcapng', connection: 0, port: 5432, outcome: 'ready' },
  { fixture: 'mongo-scram-sha-256.pcapng', connection: 1, port: 27017, outcome: 'ready' },
  { fixture: 'pg18-wrong-password-prefer.pcapng', connection: 1, port: 5432, outcome: 'failed' },
  { fixture: 'mongo-wrong-password.pcapng', connection: 1, port: 27017, outcome: 'failed' },
] as const;

const CASES = LOGINS.flatMap((login) => [100, 1400].map((pieces) => ({ ...login, pieces })));

describe.each(CASES)('a redacted login of $fixture in packets of $pieces bytes', (login) => {
  const { fixture, connection, port, outcome, pieces } = login;
  const packets = packetsOf(fixture, connection, port, pieces);
  const places = packets.slice(1).map((_, index) => index);

  it('is whole as it was sent', () => {
    const file = captureOf(packets);
    expect(tracesOf(file)).toMatchObject([{ outcome }]);
    expect(shape(tracesOf(redacted(file)))).toEqual(shape(tracesOf(file)));
  });

  it.each(places)('tells the same with packets %i and the next one swapped', (at) => {
    const swapped = packets.with(at, packets[at + 1]).with(at + 1, packets[at]);
    const file = captureOf(swapped);
    expect(shape(tracesOf(redacted(file)))).toEqual(shape(tracesOf(file)));
  });
});
