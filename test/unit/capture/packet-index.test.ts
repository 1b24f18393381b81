import { describe, expect, it } from 'vitest';
import { concat } from '../../../src/base/bytes';
import { frameBytes } from '../../../src/capture/frame-bytes';
import { PacketIndex } from '../../../src/capture/packet-index';
import { Blocks, PCAP_VARIANTS, pcapFile, pcapHeader, read, someBytes, words } from './capture-files';

describe('PacketIndex', () => {
  it('finds the offset of each frame again, past 4 GiB and through its growth', () => {
    const index = new PacketIndex();
    const offsets = Array.from({ length: 5000 }, (_, i) => 24 + i * 7_654_321);
    for (const offset of offsets) index.add(offset);
    expect(index.length).toBe(5000);
    expect(offsets.map((_, i) => index.offsetOf(i + 1))).toEqual(offsets);
  });

  it('copes with a leap over several multiples of 4 GiB', () => {
    const index = new PacketIndex();
    const offsets = [0, 5, 2 ** 32, 2 ** 32 + 1, 5 * 2 ** 32 + 9];
    for (const offset of offsets) index.add(offset);
    expect(offsets.map((_, i) => index.offsetOf(i + 1))).toEqual(offsets);
  });

  it('has no offset for frames it was not given', () => {
    const index = new PacketIndex();
    index.add(24);
    expect([0, 2, -1, 1.5, Number.NaN].map((frame) => index.offsetOf(frame))).toEqual([-1, -1, -1, -1, -1]);
  });

  it('knows the link type of each frame', () => {
    const index = new PacketIndex();
    const types = [1, 1, 113, 113, 113, 1, 276, 1, 1];
    for (const [i, type] of types.entries()) index.add(24 + i, i + 1, type);
    expect(types.map((_, i) => index.linkTypeOf(i + 1))).toEqual(types);
    // Read once more, nothing changes.
    for (const [i, type] of types.entries()) index.add(24 + i, i + 1, type);
    index.add(90, 10, 113);
    expect([...types, 113].map((_, i) => index.linkTypeOf(i + 1))).toEqual([...types, 113]);
    expect(index.length).toBe(10);
  });

  it('gives frames without a packet the next offset', () => {
    const index = new PacketIndex();
    index.add(24);
    index.add(900, 4);
    expect([1, 2, 3, 4].map((frame) => index.offsetOf(frame))).toEqual([24, 900, 900, 900]);
  });
});

describe('frameBytes', () => {
  const blocks = (little: boolean) => {
    const b = new Blocks(little);
    return concat(
      b.section(),
      b.interface(1),
      b.enhanced(0, 1n, someBytes(61)),
      b.obsolete(0, 1n, someBytes(13)),
      b.simple(someBytes(30)),
    );
  };
  const packets = [5, 0, 700].map((length) => ({ seconds: 1, fraction: 2, bytes: someBytes(length) }));
  const old = concat(pcapHeader(PCAP_VARIANTS[0], 1, [2, 2]), words(true, 1, 1, 1500, 8), someBytes(8));

  it.each([
    ...PCAP_VARIANTS.map((variant) => [variant.name, pcapFile(variant, packets)] as const),
    ['version 2.2', old] as const,
    ['pcapng, little-endian', blocks(true)] as const,
    ['pcapng, big-endian', blocks(false)] as const,
  ])('finds every packet again: %s', (_, file) => {
    const found = read(file).packets;
    expect(found.length).toBeGreaterThan(0);
    for (const packet of found) {
      expect(frameBytes(file.subarray(0, 8), file.subarray(packet.fileOffset))).toEqual(packet.bytes);
    }
  });

  it('gives what there is of a cut record and nothing of something else', () => {
    const file = pcapFile(PCAP_VARIANTS[0], packets);
    expect(frameBytes(file.subarray(0, 8), file.subarray(24, 43))).toEqual(someBytes(5).subarray(0, 3));
    expect(frameBytes(file.subarray(0, 8), file.subarray(24, 30))).toBeUndefined();
    const sectioned = blocks(true);
    expect(frameBytes(sectioned.subarray(0, 8), sectioned)).toBeUndefined();
    expect(frameBytes(new Uint8Array(0), new Uint8Array(0))).toBeUndefined();
  });
});
