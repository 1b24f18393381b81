import { describe, expect, it } from 'vitest';
import { concat } from '../../../src/base/bytes';
import { MAX_BLOCK_LENGTH } from '../../../src/capture/pcapng-blocks';
import { Blocks, halves, read, someBytes, words } from './capture-files';

const NANOS = 1_700_000_000_123_456_789n;
const MICROS = 1_700_000_000_123_456n;

describe.each([true, false])('pcapng, little-endian: %s', (little) => {
  const blocks = new Blocks(little);
  const begin = concat(blocks.section(), blocks.interface(1));

  it('reads enhanced, simple and obsolete packets', () => {
    const file = concat(
      begin,
      blocks.interface(113, [blocks.resolution(9)]),
      blocks.enhanced(0, MICROS, someBytes(61), 1500),
      blocks.enhanced(1, NANOS, someBytes(40, 2)),
      blocks.simple(someBytes(30, 3)),
      blocks.obsolete(1, NANOS, someBytes(20, 4)),
    );
    const result = read(file);
    expect(result).toMatchObject({ format: 'pcapng', issues: [], linkTypes: [1, 113], count: 4 });
    expect(result.packets).toMatchObject([
      { frame: 1, seconds: 1_700_000_000, nanos: 123_456_000, linkType: 1, originalLength: 1500 },
      { frame: 2, seconds: 1_700_000_000, nanos: 123_456_789, linkType: 113, originalLength: 40 },
      { frame: 3, seconds: 0, nanos: 0, linkType: 1, originalLength: 30 },
      { frame: 4, seconds: 1_700_000_000, nanos: 123_456_789, linkType: 113, originalLength: 20 },
    ]);
    expect(result.packets.map((packet) => packet.bytes)).toEqual([
      someBytes(61),
      someBytes(40, 2),
      someBytes(30, 3),
      someBytes(20, 4),
    ]);
  });

  it('cuts a simple packet at the snap length of the first interface', () => {
    const file = concat(
      blocks.section(),
      blocks.interface(1, [], 20),
      blocks.simple(someBytes(30).subarray(0, 20), 30),
    );
    expect(read(file).packets).toMatchObject([{ bytes: someBytes(30).subarray(0, 20), originalLength: 30 }]);
  });

  it('hands over the TLS secrets, in their place', () => {
    const file = concat(begin, blocks.secrets('CLIENT_RANDOM 00 11\n'), blocks.enhanced(0, 1n, someBytes(4)));
    expect(read(file)).toMatchObject({ secrets: ['CLIENT_RANDOM 00 11\n'], count: 1, issues: [] });
  });

  it('takes if_tsoffset and every resolution into account', () => {
    const rows: readonly [
      resolution: number,
      offset: bigint,
      ticks: bigint,
      seconds: number,
      nanos: number,
    ][] = [
      [9, 100n, 5_000_000_007n, 105, 7],
      [6, -3n, 10_000_001n, 7, 1000],
      [3, 0n, 1_234n, 1, 234_000_000],
      [0x80 | 10, 0n, 1_536n, 1, 500_000_000],
      [0, 1_700_000_000n, 5n, 1_700_000_005, 0],
    ];
    const file = concat(
      blocks.section(),
      ...rows.map(([resolution, offset]) =>
        blocks.interface(1, [blocks.resolution(resolution), blocks.offset(offset)]),
      ),
      ...rows.map(([, , ticks], id) => blocks.enhanced(id, ticks, someBytes(4))),
    );
    expect(read(file).packets.map(({ seconds, nanos }) => [seconds, nanos])).toEqual(
      rows.map(([, , , seconds, nanos]) => [seconds, nanos]),
    );
  });

  it('tells comments, names and lost packets', () => {
    const six = Uint8Array.from([0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5]);
    const file = concat(
      blocks.section([blocks.comment('recorded\nat noon\x1b[31m')]),
      blocks.interface(1, [blocks.comment('the inner side')]),
      blocks.names([1, Uint8Array.of(10, 0, 0, 1), 'db.example.test'], [2, six, 'six.example.test']),
      blocks.enhanced(0, 1n, someBytes(5), 5, [blocks.comment('look here'), words(little, 0)]),
      blocks.statistics(0, { 4: 1000n, 5: 12n, 7: 3n }),
    );
    const { notes, issues, count } = read(file);
    expect([issues, count]).toEqual([[], 1]);
    expect(notes).toEqual([
      'The recorder lost 15 of 1000 packets: conversations may have gaps.',
      'The capture names 10.0.0.1 db.example.test.',
      'The capture names 2001:db8:0:0:0:0:0:5 six.example.test.',
      'Comment of the capture: recorded at noon [31m',
      'Comment of interface 0: the inner side',
      'Comment of packet 1: look here',
    ]);
    expect(read(concat(begin, blocks.enhanced(0, 1n, someBytes(5)))).notes).toEqual([]);
  });

  it('finds a comment among other options, and none behind their end', () => {
    const flags = blocks.option(2, Uint8Array.of(1, 0, 0, 0));
    const packet = (...options: Uint8Array[]) => blocks.enhanced(0, 1n, someBytes(5), 5, options);
    const { notes, count } = read(
      concat(
        begin,
        packet(flags, words(little, 0)),
        packet(flags, blocks.comment('second'), blocks.comment('and more'), words(little, 0)),
        packet(words(little, 0), blocks.comment('not an option')),
        packet(halves(little, 2, 60_000), blocks.comment('inside a longer one')),
      ),
    );
    expect(count).toBe(4);
    expect(notes).toEqual(['Comment of packet 2: second', 'Comment of packet 2: and more']);
  });

  it('keeps no more notes than its bounds', () => {
    const packet = blocks.enhanced(0, 1n, someBytes(4), 4, [
      blocks.comment('x'.repeat(5000)),
      words(little, 0),
    ]);
    const { notes } = read(concat(begin, ...Array.from({ length: 50 }, () => packet)));
    expect(notes).toHaveLength(21);
    expect(notes[20]).toBe('There are 30 more comments.');
    for (const note of notes) expect(note.length).toBeLessThan(250);
  });

  it('passes over blocks it does not know, and numbers frames as Wireshark does', () => {
    const file = concat(
      begin,
      blocks.block(0x80001234, someBytes(8)),
      blocks.block(5, words(little, 0, 0, 0)),
      blocks.block(0xbad, words(little, 32_473), someBytes(8)),
      blocks.enhanced(0, 1n, someBytes(4)),
    );
    expect(read(file)).toMatchObject({ count: 1, issues: [], packets: [{ frame: 2 }] });
  });

  it('begins anew with each section, whatever its byte order', () => {
    const other = new Blocks(!little);
    const file = concat(
      begin,
      blocks.enhanced(0, 1n, someBytes(4)),
      other.section(),
      other.interface(276),
      other.enhanced(0, 2n, someBytes(5, 2)),
      blocks.section(),
      blocks.enhanced(0, 3n, someBytes(4)),
    );
    const result = read(file);
    expect(result.packets.map((packet) => [packet.linkType, packet.bytes.length])).toEqual([
      [1, 4],
      [276, 5],
    ]);
    expect(result.issues).toMatchObject([{ code: 'PCAPNG_UNKNOWN_INTERFACE' }]);
  });

  it('goes on after a damaged block', () => {
    const damaged = blocks.enhanced(0, 1n, someBytes(40));
    damaged.set(words(little, MAX_BLOCK_LENGTH + 4), 4);
    const file = concat(
      begin,
      blocks.enhanced(0, 1n, someBytes(9)),
      damaged,
      blocks.enhanced(0, 2n, someBytes(7)),
    );
    const result = read(file);
    expect(result.packets.map((packet) => packet.bytes.length)).toEqual([9, 7]);
    expect(result.issues).toMatchObject([{ code: 'PCAPNG_BAD_BLOCK', offset: begin.length + 44 }]);
  });

  it('goes on after a length that reaches past the end of the file', () => {
    const damaged = blocks.enhanced(0, 1n, someBytes(40));
    damaged.set(words(little, 100_000), 4);
    const result = read(concat(begin, damaged, blocks.enhanced(0, 2n, someBytes(7))));
    expect(result.packets.map((packet) => packet.bytes.length)).toEqual([7]);
    expect(result.issues).toMatchObject([{ code: 'PCAPNG_BAD_BLOCK', offset: begin.length }]);
  });

  it('takes a block whose two lengths differ if another follows it', () => {
    const odd = blocks.enhanced(0, 1n, someBytes(40));
    odd.set(words(little, 48), odd.length - 4);
    const result = read(concat(begin, odd, blocks.enhanced(0, 2n, someBytes(7))));
    expect(result.packets.map((packet) => packet.bytes.length)).toEqual([40, 7]);
    expect(result.issues).toMatchObject([{ code: 'PCAPNG_BAD_TRAILER', offset: begin.length }]);
    expect(read(concat(begin, odd)).packets).toHaveLength(1);
  });

  it('says that the file ends inside a block', () => {
    const result = read(concat(begin, blocks.enhanced(0, 2n, someBytes(7))).subarray(0, -2));
    expect(result).toMatchObject({
      count: 0,
      notACapture: false,
      issues: [{ code: 'PCAPNG_CUT_BLOCK', offset: begin.length }],
    });
  });

  it.each([9, 5000, 0x7fffffff, 0xffffffff])(
    'shortens a packet of %i bytes to the room in its block',
    (claim) => {
      const packet = blocks.enhanced(0, 2n, someBytes(8));
      packet.set(words(little, claim), 20);
      const result = read(concat(begin, packet));
      expect(result.packets).toMatchObject([{ bytes: someBytes(8) }]);
      expect(result.issues).toMatchObject([{ code: 'PCAPNG_BAD_PACKET' }]);
    },
  );

  it.each([1, 4, 11, 20])('says that a file of %i bytes ends in its header', (length) => {
    const result = read(begin.subarray(0, length));
    expect(result).toMatchObject({ notACapture: true, issues: [{ code: 'CAPTURE_CUT_HEADER' }] });
  });

  it('does not take a wrong byte-order magic', () => {
    const file = begin.slice();
    file[8] = 0;
    expect(read(file)).toMatchObject({ notACapture: true, issues: [{ code: 'NOT_A_CAPTURE' }] });
  });
});

describe('timestamps', () => {
  const blocks = new Blocks(true);

  it.each([
    ['10^-6 by default', undefined, MICROS, 1_700_000_000, 123_456_000],
    ['10^-3', 3, 1_700_000_000_123n, 1_700_000_000, 123_000_000],
    ['10^-9', 9, NANOS, 1_700_000_000, 123_456_789],
    ['10^-9 at the end of a second', 9, 1_699_999_999_999_999_999n, 1_699_999_999, 999_999_999],
    ['10^-10', 10, NANOS * 10n + 9n, 1_700_000_000, 123_456_789],
    ['10^-12', 12, 1_700_000_000_123_456_789n, 1_700_000, 123_456],
    ['10^0', 0, 1_700_000_000n, 1_700_000_000, 0],
    ['2^-10', 0x8a, 1_700_000_000n * 1024n + 512n, 1_700_000_000, 500_000_000],
    ['2^-32', 0xa0, (1_700_000_000n << 32n) + (1n << 31n), 1_700_000_000, 500_000_000],
    ['2^-40', 0xa8, (1_000n << 40n) + (1n << 38n), 1_000, 250_000_000],
    ['10^-127', 127, 5n, 0, 0],
  ])('in units of %s', (_, resolution, ticks, seconds, nanos) => {
    const options = resolution === undefined ? [] : [blocks.resolution(resolution)];
    const file = concat(
      blocks.section(),
      blocks.interface(1, options),
      blocks.enhanced(0, ticks, someBytes(4)),
    );
    expect(read(file).packets).toMatchObject([{ seconds, nanos }]);
  });

  it.each([3600n, -3600n, 1_700_000_000n])('shifted by %i seconds', (offset) => {
    const options = [blocks.offset(offset)];
    const file = concat(
      blocks.section(),
      blocks.interface(1, options),
      blocks.enhanced(0, 5_000_000n, someBytes(4)),
    );
    expect(read(file).packets).toMatchObject([{ seconds: 5 + Number(offset), nanos: 0 }]);
  });
});
