/** Damaged and invented captures: whatever the bytes, reading ends, throws nothing and stays within its bounds. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat } from '../../src/base/bytes';
import { frameBytes } from '../../src/capture/frame-bytes';
import { CaptureReader } from '../../src/capture/reader';
import { MAX_ISSUES } from '../../src/capture/record-parser';
import { TcpConnection } from '../../src/network/connection';
import { FlowTable } from '../../src/network/flow-table';
import { SegmentView } from '../../src/network/segment';
import { decodeSegment } from '../../src/network/tcp';
import { tries } from '../support/fuzz';
import { guarded } from '../support/guard';
import { Blocks, cut, PCAP_VARIANTS, pcapFile, readChunks } from '../unit/capture/capture-files';
import { ConversationBuilder } from '../unit/network/conversation-builder';

const LINK_TYPES = [0, 1, 9, 12, 50, 101, 104, 105, 108, 113, 127, 228, 229, 239, 258, 276, 147];

function dialogue(client: string, server: string): Uint8Array[] {
  const talk = new ConversationBuilder({ address: client, port: 50_000 }, { address: server, port: 5432 });
  return [
    ...talk.connect(),
    ...talk.accept(),
    ...talk.data('client', new Uint8Array(40).fill(1)),
    ...talk.data('server', new Uint8Array(90).fill(2)),
    ...talk.close('client', 'fin'),
    ...talk.close('server', 'rst'),
  ];
}

const packets = [...dialogue('10.0.0.1', '10.0.0.2'), ...dialogue('::1', '::2')];

function pcapng(little: boolean, linkType: number): Uint8Array {
  const blocks = new Blocks(little);
  return concat(
    blocks.section([blocks.comment('recorded at noon')]),
    blocks.interface(linkType, [blocks.resolution(9), blocks.offset(-5n), blocks.comment('inside')]),
    blocks.names([1, Uint8Array.of(10, 0, 0, 1), 'db.example.test'], [2, new Uint8Array(16), 'six']),
    blocks.statistics(0, { 4: 10n, 5: 1n }),
    blocks.secrets('CLIENT_RANDOM 00 11\n'),
    ...packets.map((packet, i) =>
      i % 5 === 0
        ? blocks.simple(packet)
        : i % 5 === 1
          ? blocks.obsolete(0, 9n, packet)
          : blocks.enhanced(0, 1n, packet, packet.length, i % 3 === 0 ? [blocks.comment('here')] : []),
    ),
  );
}

const file = fc
  .record({
    linkType: fc.constantFrom(...LINK_TYPES),
    kind: fc.integer({ min: 0, max: PCAP_VARIANTS.length + 1 }),
  })
  .map(({ linkType, kind }) => {
    const variant = PCAP_VARIANTS[kind];
    if (variant === undefined) return pcapng(kind === PCAP_VARIANTS.length, linkType);
    const records = packets.map((bytes, i) => ({ seconds: i, fraction: i, bytes }));
    return pcapFile(variant, records, linkType);
  });

/** Changes to apply to a file, by place in thousandths of its length. */
const change = fc.record({
  at: fc.integer({ min: 0, max: 999 }),
  action: fc.constantFrom('set', 'flip', 'insert', 'delete', 'end', 'huge'),
  value: fc.integer({ min: 0, max: 255 }),
});

const damaged = fc
  .tuple(file, fc.array(change, { minLength: 1, maxLength: 8 }))
  .map(([bytes, changes]) => changes.reduce(apply, bytes));

function apply(
  bytes: Uint8Array,
  { at, action, value }: { at: number; action: string; value: number },
): Uint8Array {
  const place = Math.floor((at * bytes.length) / 1000);
  const copy = bytes.slice();
  switch (action) {
    case 'set':
      copy.fill(value, place, place + 1);
      return copy;
    case 'flip':
      if (place < copy.length) copy[place] ^= 1 << (value & 7);
      return copy;
    case 'huge':
      copy.fill(0xff, place, place + 4);
      return copy;
    case 'insert':
      return concat(copy.subarray(0, place), new Uint8Array(value).fill(value), copy.subarray(place));
    case 'delete':
      return concat(copy.subarray(0, place), copy.subarray(place + value));
    default:
      return copy.subarray(0, place);
  }
}

const anything = fc.oneof(
  fc.uint8Array({ maxLength: 600 }),
  fc.tuple(fc.constantFrom(...PCAP_VARIANTS), fc.uint8Array({ maxLength: 600 })).map(([variant, rest]) => {
    return concat(pcapFile(variant, [], 1), rest);
  }),
  fc.uint8Array({ maxLength: 600 }).map((rest) => {
    const blocks = new Blocks(true);
    return concat(blocks.section(), blocks.interface(1), rest);
  }),
);

/** Reads a file through every layer below the protocols, and checks what must hold for any input. */
function readEverything(bytes: Uint8Array): void {
  const segment = new SegmentView();
  const table = new FlowTable();
  const connections: TcpConnection[] = [];
  const offsets = new Float64Array(2);
  let frame = 0;
  const ignore = () => {};
  const handler = {
    onOpen: ignore,
    onClose: ignore,
    onBytes: (direction: number, data: Uint8Array) => {
      offsets[direction] += data.length;
    },
    onGap: (_direction: number, length: number) => expect(length).toBeGreaterThan(0),
  };
  const reader = new CaptureReader({
    handlePacket(packet) {
      expect(packet.frame).toBeGreaterThan(frame);
      frame = packet.frame;
      expect(packet.start).toBeLessThanOrEqual(packet.end);
      expect(packet.end).toBeLessThanOrEqual(packet.buffer.length);
      expect(packet.nanos).toBeGreaterThanOrEqual(0);
      expect(packet.nanos).toBeLessThan(1e9);
      if (!decodeSegment(packet, segment)) return;
      expect(segment.payloadStart).toBeLessThanOrEqual(segment.payloadEnd);
      expect(segment.payloadEnd).toBeLessThanOrEqual(packet.end);
      expect(segment.missing).toBeGreaterThanOrEqual(0);
      const flow = table.lookup(segment);
      connections[flow] ??= new TcpConnection(handler);
      connections[flow].handleSegment(table.direction, segment, {
        frame,
        seconds: packet.seconds,
        nanos: packet.nanos,
      });
    },
    handleSecrets: (keyLog) => expect(keyLog.length).toBeLessThanOrEqual(bytes.length),
  });
  reader.push(bytes);
  reader.finish();
  for (const connection of connections) connection.finish({ frame, seconds: 0, nanos: 0 });
  expect(reader.issues.length).toBeLessThanOrEqual(MAX_ISSUES + 1);
  if (reader.notACapture) expect(reader.packets).toBe(0);
  if (reader.notACapture) expect(reader.issues).not.toEqual([]);
}

const readGuarded = (bytes: Uint8Array) => guarded('link/network', bytes.length, () => readEverything(bytes));

describe('captures', () => {
  it('damaged anywhere: read through every layer', () => {
    fc.assert(fc.property(damaged, readGuarded), { numRuns: tries(2000) });
  });

  it('invented: read through every layer', () => {
    fc.assert(fc.property(anything, readGuarded), { numRuns: tries(2000) });
  });

  it('damaged anywhere: the chunks make no difference', () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(fc.oneof(damaged, anything), lengths, (bytes, pieces) => {
        const [parted, whole] = guarded('files', bytes.length, () => {
          return [readChunks(cut(bytes, pieces)), readChunks([bytes])];
        });
        expect(parted).toEqual(whole);
      }),
      { numRuns: tries(600) },
    );
  });

  it('invented records: a frame is found or not', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 24 }), anything, (start, record) => {
        const found = guarded('files', record.length, () => frameBytes(start, record));
        if (found !== undefined) expect(found.length).toBeLessThanOrEqual(record.length);
      }),
      { numRuns: tries(1000) },
    );
  });
});

describe('work', () => {
  /** A file made so that the search after damage meets a possible block at every fourth byte. */
  function trap(length: number): Uint8Array {
    const blocks = new Blocks(true);
    const bait = new Uint8Array(length);
    const view = new DataView(bait.buffer);
    for (let at = 0; at + 8 <= length; at += 8) {
      view.setUint32(at, 6, true);
      // Where the second copy of the length would be stands a 6.
      view.setUint32(at + 4, 400_004, true);
    }
    bait.set([0xff, 0xff, 0xff, 0x7f], 4);
    return concat(blocks.section(), blocks.interface(1), bait);
  }

  it('after damage is linear in the size of the file, in any chunks', () => {
    const bytes = trap(3_000_000);
    const results = [[bytes.length], [65_536], [1000]].map((lengths) =>
      guarded('files', bytes.length, () => readChunks(cut(bytes, lengths))),
    );
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
    expect(results[0].issues.at(-1)?.code).toBe('PCAPNG_BAD_BLOCK');
  }, 20_000);
});
