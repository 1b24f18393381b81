import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, utf8Bytes } from '../../../src/base/bytes';
import {
  Blocks,
  cut,
  PCAP_VARIANTS,
  pcapFile,
  pcapRecord,
  readChunks,
  someBytes,
  words,
} from './capture-files';

const packets = [60, 0, 1, 1514, 7, 300].map((length, i) => ({
  seconds: 1_700_000_000 + i,
  fraction: i,
  bytes: someBytes(length, i),
}));

function pcapng(little: boolean): Uint8Array {
  const blocks = new Blocks(little);
  const damaged = blocks.enhanced(0, 1n, someBytes(90));
  damaged.set(words(little, 0x7fffffff), 4);
  const long = blocks.enhanced(0, 1n, someBytes(90));
  long.set(words(little, 4000), 4);
  const trailer = blocks.enhanced(0, 1n, someBytes(50));
  trailer.set(words(little, 16), trailer.length - 4);
  return concat(
    blocks.section(),
    blocks.interface(1, [blocks.resolution(9)]),
    blocks.secrets('CLIENT_RANDOM 00 11\n'),
    ...packets.map((packet, i) => blocks.enhanced(0, BigInt(i), packet.bytes)),
    damaged,
    blocks.simple(someBytes(33)),
    trailer,
    blocks.block(0xbad, someBytes(700)),
    new Blocks(!little).section(),
    new Blocks(!little).interface(101),
    new Blocks(!little).enhanced(0, 77n, someBytes(21)),
    blocks.section(),
    blocks.interface(1),
    long,
    blocks.enhanced(0, 1n, someBytes(5)),
  );
}

const FILES: readonly (readonly [string, Uint8Array])[] = [
  ...PCAP_VARIANTS.map((variant) => [variant.name, pcapFile(variant, packets)] as const),
  ['cut packet', pcapFile(PCAP_VARIANTS[0], packets).subarray(0, -5)],
  ['bad record', concat(pcapFile(PCAP_VARIANTS[0], packets), words(true, 1, 2, 3e8, 4), someBytes(99))],
  [
    'cut record header',
    concat(pcapFile(PCAP_VARIANTS[3], packets), pcapRecord(PCAP_VARIANTS[3], packets[0]).subarray(0, 9)),
  ],
  ['pcapng, little-endian', pcapng(true)],
  ['pcapng, big-endian', pcapng(false)],
  ['cut pcapng', pcapng(true).subarray(0, 500)],
  ['text', utf8Bytes('this is not a capture, it is a line of text\n')],
  ['cut header', pcapFile(PCAP_VARIANTS[0], []).subarray(0, 17)],
  ['empty', new Uint8Array(0)],
];

describe.each(FILES)('%s', (_, file) => {
  const whole = readChunks([file]);

  it('reads the same byte by byte', () => {
    expect(readChunks(cut(file, [1]))).toEqual(whole);
  });

  it('reads the same in any chunks, empty ones and Buffers among them', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 40 }), (lengths) => {
        const chunks = [...cut(file, lengths)].flatMap((chunk, i) =>
          i % 3 === 0 ? [new Uint8Array(0), Buffer.from(chunk)] : [chunk],
        );
        expect(readChunks(chunks)).toEqual(whole);
      }),
      { numRuns: 60 },
    );
  });
});

it('reads the damaged pcapng sample as far as it can be read', () => {
  const { issues, packets: found } = readChunks([pcapng(true)]);
  expect(issues.map((issue) => issue.code)).toEqual([
    'PCAPNG_BAD_BLOCK',
    'PCAPNG_BAD_TRAILER',
    'PCAPNG_BAD_BLOCK',
  ]);
  expect(found.map((packet) => packet.bytes.length)).toEqual([60, 0, 1, 1514, 7, 300, 33, 50, 21, 5]);
});
