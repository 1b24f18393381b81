import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CaptureReader } from '../../src/capture/reader';
import { FlowTable } from '../../src/network/flow-table';
import { SegmentView } from '../../src/network/segment';
import { decodeSegment } from '../../src/network/tcp';

/** One packet of a recorded connection, without its addresses. */
export interface RecordedPacket {
  readonly fromClient: boolean;
  readonly flags: number;
  /** Relative to the client's or server's first sequence number. */
  readonly sequence: number;
  readonly acknowledgment: number;
  readonly payload: Uint8Array;
}

export interface RecordedConversation {
  readonly file: string;
  /** Where its server usually listens. */
  readonly port: number;
  readonly packets: readonly RecordedPacket[];
}

/** Every connection in the captures under test/fixtures that holds a handshake. */
export function recordedConversations(root: string): RecordedConversation[] {
  const folder = join(root, 'test', 'fixtures');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.pcapng'))
    .sort()
    .flatMap((file) => conversationsOf(file, readFileSync(join(folder, file))));
}

function conversationsOf(file: string, bytes: Uint8Array): RecordedConversation[] {
  const flows: { packets: RecordedPacket[]; first: [number, number] }[] = [];
  const table = new FlowTable();
  const segment = new SegmentView();
  const reader = new CaptureReader({
    handlePacket(packet) {
      if (!decodeSegment(packet, segment)) return;
      const number = table.lookup(segment);
      const { direction } = table;
      flows[number] ??= { packets: [], first: [segment.sequence, segment.acknowledgment] };
      const { packets, first } = flows[number];
      // The server's first sequence number is known from its SYN.
      if (direction === 1 && packets.every((known) => known.fromClient)) first[1] = segment.sequence;
      packets.push({
        fromClient: direction === 0,
        flags: segment.flags,
        sequence: (segment.sequence - first[direction]) >>> 0,
        acknowledgment: (segment.acknowledgment - first[1 - direction]) >>> 0,
        payload: segment.payload.slice(),
      });
    },
  });
  reader.push(bytes);
  reader.finish();
  const port = file.startsWith('pg') ? 5432 : 27017;
  return flows.filter((flow) => flow.packets.length > 4).map(({ packets }) => ({ file, port, packets }));
}
