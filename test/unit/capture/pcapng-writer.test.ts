import { describe, expect, it } from 'vitest';
import { utf8Bytes } from '../../../src/base/bytes';
import { PcapngWriter } from '../../../src/capture/pcapng-writer';
import { read, someBytes } from './capture-files';

describe('PcapngWriter', () => {
  it('writes what the reader gives back', () => {
    const writer = new PcapngWriter({ application: 'a test', linkType: 101 });
    writer.addSecrets(utf8Bytes('CLIENT_RANDOM aa bb\n'));
    const times = [
      { seconds: 1_767_225_600, nanos: 999_999_999 },
      { seconds: 0, nanos: 1 },
      { seconds: 0xffffffff, nanos: 0 },
    ];
    times.forEach((time, i) => {
      writer.addPacket(time, someBytes(50 + i), i === 1 ? 'a comment of some length' : undefined);
    });
    const result = read(writer.toBytes());
    expect(result).toMatchObject({
      format: 'pcapng',
      issues: [],
      linkTypes: [101],
      secrets: ['CLIENT_RANDOM aa bb\n'],
    });
    expect(result.packets.map(({ seconds, nanos }) => ({ seconds, nanos }))).toEqual(times);
    expect(result.packets.map((packet) => packet.bytes)).toEqual([0, 1, 2].map((i) => someBytes(50 + i)));
  });

  it('keeps the times between packets of a clock before 1970', () => {
    const writer = new PcapngWriter();
    for (const seconds of [-70_000, -65_536, -1]) writer.addPacket({ seconds, nanos: 5 }, someBytes(8));
    const [first, ...others] = read(writer.toBytes()).packets;
    expect(others.map(({ seconds, nanos }) => [seconds - first.seconds, nanos - first.nanos])).toEqual([
      [4464, 0],
      [69_999, 0],
    ]);
  });

  it('writes a whole file without a packet, and no block for no secrets', () => {
    const writer = new PcapngWriter();
    writer.addSecrets(new Uint8Array(0));
    expect(read(writer.toBytes())).toMatchObject({ count: 0, issues: [], secrets: [], linkTypes: [1] });
  });

  it('cuts a comment that does not fit an option', () => {
    const writer = new PcapngWriter();
    writer.addPacket({ seconds: 1, nanos: 1 }, someBytes(9), 'x'.repeat(70_000));
    writer.addPacket({ seconds: 2, nanos: 1 }, someBytes(8));
    expect(read(writer.toBytes())).toMatchObject({ count: 2, issues: [] });
  });
});
