import { describe, expect, it } from 'vitest';
import { utf8Bytes } from '../../../src/base/bytes';
import { PcapngWriter } from '../../../src/capture/pcapng-writer';
import { CaptureReader } from '../../../src/capture/reader';
import { Inspector } from '../../../src/inspect/inspector';
import { placeOf } from '../../../src/inspect/packet-picker';
import { RedactedStream } from '../../../src/inspect/redaction/redacted-stream';
import { RedactingPicker } from '../../../src/inspect/redaction/redacting-picker';
import { guarded } from '../../support/guard';
import { ConversationBuilder } from '../network/conversation-builder';

describe('a redacted stream', () => {
  const stream = new RedactedStream([
    { at: 8, bytes: Uint8Array.of(8, 9) },
    { at: 2, bytes: Uint8Array.of(2, 3, 4) },
    { at: 5, bytes: Uint8Array.of(5) },
  ]);

  it.each([
    [0, [0, 0, 2, 3, 4, 5, 0, 0, 8, 9, 0]],
    [3, [3, 4, 5]],
    [4, [4, 5, 0, 0, 8]],
    [9, [9, 0]],
    [-2, [0, 0, 0, 0, 2]],
    [100, [0, 0]],
    [6, []],
  ])('from %i on, zeros where nothing is known', (offset, expected) => {
    const target = new Uint8Array(expected.length).fill(7);
    stream.copyTo(target, offset);
    expect([...target]).toEqual(expected);
  });
});

describe('a connection of which nearly a gigabyte is missing', () => {
  /** Its client's sequence numbers jump in the middle of the login. */
  function capture(): Uint8Array {
    const ends = [
      { address: '192.0.2.1', port: 50_000 },
      { address: '192.0.2.9', port: 5432 },
    ] as const;
    const talk = new ConversationBuilder(...ends);
    const later = new ConversationBuilder(...ends, { client: 1_000_000_000, server: 6000 });
    const packets = [
      ...talk.connect(),
      ...talk.accept(),
      ...talk.data('client', Uint8Array.of(0, 0, 0, 18, 0, 3, 0, 0, ...utf8Bytes('user\0app\0\0'))),
      ...talk.data('server', Uint8Array.of(0x52, 0, 0, 0, 8, 0, 0, 0, 3)),
      ...later.data('client', Uint8Array.of(0x70, 0, 0, 0, 19, ...utf8Bytes('clear-password\0'))),
    ];
    const writer = new PcapngWriter();
    for (const [seconds, packet] of packets.entries()) writer.addPacket({ seconds, nanos: 0 }, packet);
    return writer.toBytes();
  }

  it('is redacted within bounds', () => {
    const file = capture();
    const written = guarded('redaction', file.length, () => {
      const read = (sink: ConstructorParameters<typeof CaptureReader>[0]) => {
        const reader = new CaptureReader(sink);
        reader.push(file);
        reader.finish();
      };
      const inspector = new Inspector();
      read(inspector);
      const traces = inspector.finish();
      expect(traces).toHaveLength(1);
      const random = (length: number) => new Uint8Array(length);
      const picker = new RedactingPicker(traces.map(placeOf), new Set(['t1']), { random });
      read(picker);
      return picker.toBytes();
    });
    const text = Buffer.from(written).toString('latin1');
    expect(text).toContain('user\0');
    expect(text).not.toContain('clear-password');
  });
});
