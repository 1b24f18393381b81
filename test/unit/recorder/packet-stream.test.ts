import { describe, expect, it } from 'vitest';
import type { PacketView } from '../../../src/capture/packet';
import { PacketStream } from '../../../src/recorder/packet-stream';
import {
  cut,
  PCAP_VARIANTS,
  pcapFile,
  pcapHeader,
  pcapRecord,
  read,
  someBytes,
} from '../capture/capture-files';

function stream(file: Uint8Array, sizes: readonly number[]) {
  const packets: unknown[] = [];
  const packetStream = new PacketStream({
    handlePacket: ({
      frame,
      seconds,
      nanos,
      linkType,
      buffer,
      start,
      end,
      originalLength,
      fileOffset,
    }: PacketView) =>
      packets.push({
        frame,
        seconds,
        nanos,
        linkType,
        bytes: buffer.slice(start, end),
        originalLength,
        fileOffset,
      }),
  });
  for (const chunk of cut(file, [...sizes])) packetStream.push(Buffer.from(chunk));
  return { packets, packetStream };
}

/** `pcap-parser` cannot read records with more fields. */
const READABLE = PCAP_VARIANTS.filter(({ modified }) => !modified);

describe.each(READABLE)('a stream of $name', (variant) => {
  const file = pcapFile(
    variant,
    Array.from({ length: 60 }, (_, i) => ({
      seconds: 1_700_000_000 + i,
      fraction: (i * 7919) % 1_000_000,
      bytes: someBytes((i * 131) % 1600, i),
      original: 1600,
    })),
    113,
  );

  it.each([[[1]], [[7, 333]], [[100_000]]])('gives what our own reader gives, in pieces of %j', (sizes) => {
    const { packets, packetStream } = stream(file, sizes);
    const ours = read(file).packets.map(
      ({ frame, seconds, nanos, linkType, bytes, originalLength, fileOffset }) => ({
        frame,
        seconds,
        nanos,
        linkType,
        bytes,
        originalLength,
        fileOffset,
      }),
    );
    expect(packetStream.problem).toBeNull();
    expect(packets).toEqual(ours);
    expect(packetStream.packets).toBe(60);
  });
});

describe('a stream that is no classic capture', () => {
  it('is refused in words', () => {
    const { packets, packetStream } = stream(new TextEncoder().encode('not a capture, but rather long'), [5]);
    expect(packetStream.problem).toMatch(/something else than a capture/);
    expect(packets).toEqual([]);
  });

  it('ends at a length that no packet has, and keeps what came before', () => {
    const good = { seconds: 1, fraction: 0, bytes: someBytes(60, 1) };
    const variant = READABLE[0];
    const bad = pcapRecord(variant, good);
    new DataView(bad.buffer).setUint32(8, 0x7fffffff, true);
    const file = Buffer.concat([
      pcapHeader(variant),
      pcapRecord(variant, good),
      bad,
      pcapRecord(variant, good),
    ]);
    const { packets, packetStream } = stream(file, [50]);
    expect(packets).toHaveLength(1);
    expect(packetStream.problem).toMatch(/a packet of 2147483647 bytes/);
  });
});
