import { describe, expect, it } from 'vitest';
import { concat, utf8Bytes } from '../../../src/base/bytes';
import { isGzip } from '../../../src/capture/format';
import { MAX_PACKET_LENGTH } from '../../../src/capture/pcap';
import { CaptureReader } from '../../../src/capture/reader';
import { MAX_ISSUES } from '../../../src/capture/record-parser';
import { PCAP_VARIANTS, pcapFile, pcapHeader, pcapRecord, read, someBytes, words } from './capture-files';

const packets = [
  { seconds: 1_700_000_000, fraction: 0, bytes: someBytes(60) },
  { seconds: 1_700_000_001, fraction: 999_999, bytes: someBytes(1, 2), original: 1500 },
  { seconds: 0, fraction: 1, bytes: new Uint8Array(0) },
  { seconds: 0xffffffff, fraction: 123_456, bytes: someBytes(1514, 3) },
];
const [micro] = PCAP_VARIANTS;

describe.each(PCAP_VARIANTS)('a classic capture, $name', (variant) => {
  it('gives every packet with its time, lengths and place', () => {
    const result = read(pcapFile(variant, packets, 113));
    const scale = variant.nanos ? 1 : 1000;
    let offset = 24;
    const expected = packets.map((packet, i) => {
      const entry = {
        frame: i + 1,
        seconds: packet.seconds,
        nanos: packet.fraction * scale,
        linkType: 113,
        bytes: packet.bytes,
        originalLength: packet.original ?? packet.bytes.length,
        fileOffset: offset,
      };
      offset += (variant.modified ? 24 : 16) + packet.bytes.length;
      return entry;
    });
    expect(result).toMatchObject({ format: 'pcap', notACapture: false, linkTypes: [113], issues: [] });
    expect(result.packets).toEqual(expected);
    expect(result.bytes).toBe(offset);
  });
});

describe('a damaged classic capture', () => {
  const whole = pcapFile(micro, packets);

  it.each([0, 1, 15])('keeps what comes before a record header cut after %i bytes', (length) => {
    const file = concat(whole, pcapRecord(micro, packets[0]).subarray(0, length));
    const result = read(file);
    expect(result.packets).toHaveLength(4);
    const cut = { code: 'PCAP_CUT_PACKET', offset: whole.length };
    expect(result.issues).toMatchObject(length === 0 ? [] : [cut]);
    expect(result.told).toEqual(result.issues);
  });

  it('says how much of the last packet is there', () => {
    const result = read(whole.subarray(0, whole.length - 14));
    expect(result.packets).toHaveLength(3);
    expect(result.issues).toMatchObject([{ code: 'PCAP_CUT_PACKET' }]);
    expect(result.issues[0].message).toContain('1500 of 1514 bytes');
  });

  it('stops at a length that cannot be, and says where', () => {
    const bad = words(true, 1, 1, MAX_PACKET_LENGTH + 1, 60);
    const result = read(concat(whole, bad, someBytes(100), pcapRecord(micro, packets[0])));
    expect(result.packets).toHaveLength(4);
    expect(result.issues).toMatchObject([{ code: 'PCAP_BAD_RECORD', offset: whole.length }]);
    expect(result.notACapture).toBe(false);
  });

  describe.each(PCAP_VARIANTS)('a record header is overwritten, $name', (variant) => {
    const records = Array.from({ length: 8 }, (_, i) =>
      pcapRecord(variant, { seconds: 1_700_000_000 + i, fraction: i, bytes: someBytes(40 + i, i) }),
    );
    const broken = records[3].slice();
    broken.fill(0xff, 8, 12);
    const file = concat(pcapHeader(variant, 1), ...records.slice(0, 3), broken, ...records.slice(4));
    const damagedAt = 24 + records.slice(0, 3).reduce((sum, record) => sum + record.length, 0);

    it('reads on behind it, and says what was skipped', () => {
      const result = read(file);
      expect(result.packets.map((packet) => packet.seconds - 1_700_000_000)).toEqual([0, 1, 2, 4, 5, 6, 7]);
      expect(result.issues).toMatchObject([{ code: 'PCAP_BAD_RECORD', offset: damagedAt }]);
      expect(result.issues[0].message).toContain(`${broken.length} bytes were skipped`);
    });

    it('whatever the chunks', () => {
      const packets: number[] = [];
      const reader = new CaptureReader({ handlePacket: (packet) => packets.push(packet.fileOffset) });
      for (const byte of file) reader.push(Uint8Array.of(byte));
      reader.finish();
      expect(packets).toEqual(read(file).packets.map((packet) => packet.fileOffset));
      expect(reader.issues).toEqual(read(file).issues);
    });

    it('does not believe in a single header, or in one of another time', () => {
      const late = pcapRecord(variant, { seconds: 1_600_000_000, fraction: 0, bytes: someBytes(50) });
      const junk = concat(broken, someBytes(300, 9));
      const result = read(concat(pcapHeader(variant, 1), records[0], junk, late, late, late, late));
      expect(result.packets).toHaveLength(1);
      expect(result.issues).toMatchObject([{ code: 'PCAP_BAD_RECORD' }]);
      expect(result.issues[0].message).toContain('No other record was found');
    });
  });

  it('reads a packet of the largest length', () => {
    const result = read(
      pcapFile(micro, [{ seconds: 1, fraction: 1, bytes: new Uint8Array(MAX_PACKET_LENGTH) }]),
    );
    expect(result.packets[0].bytes).toHaveLength(MAX_PACKET_LENGTH);
    expect(result.issues).toEqual([]);
  });

  it('keeps nanoseconds below a second', () => {
    const [packet] = read(
      pcapFile(micro, [{ seconds: 5, fraction: 2_500_000, bytes: someBytes(4) }]),
    ).packets;
    expect(packet).toMatchObject({ seconds: 7, nanos: 500_000_000 });
  });

  it('reads the two lengths of files before version 2.3 the other way round', () => {
    const file = concat(pcapHeader(micro, 1, [2, 2]), words(true, 1, 1, 1500, 8), someBytes(8));
    const result = read(file);
    expect(result.packets).toMatchObject([{ originalLength: 1500, bytes: someBytes(8) }]);
    expect(result.issues).toEqual([]);
  });

  it('says that a version is not known and reads on', () => {
    const file = concat(pcapHeader(micro, 1, [7, 1]), pcapRecord(micro, packets[0]));
    expect(read(file)).toMatchObject({ count: 1, issues: [{ code: 'PCAP_VERSION', offset: 4 }] });
  });

  it('takes the link type without the frame check sequence bits', () => {
    expect(read(pcapFile(micro, packets, 0x54000001)).linkTypes).toEqual([1]);
  });
});

describe('what is not a capture', () => {
  it('says that a file is empty', () => {
    expect(read(new Uint8Array(0))).toMatchObject({
      notACapture: true,
      format: null,
      issues: [{ code: 'CAPTURE_EMPTY' }],
    });
  });

  it.each([1, 3, 4, 23])('says that a file of %i bytes ends in its header', (length) => {
    const result = read(pcapFile(micro, packets).subarray(0, length));
    expect(result).toMatchObject({
      notACapture: true,
      issues: [{ code: 'CAPTURE_CUT_HEADER', offset: length }],
    });
  });

  it.each([
    ['GET / HTTP/1.1', 'text'],
    ['\x1f\x8b\x08\x00', 'gzip'],
    ['PK\x03\x04', 'ZIP'],
    ['snoop\0\0\0', 'snoop'],
    ['\x01\x02\x03\x04\x05', 'neither pcap nor pcapng.'],
    ['ab', 'text'],
  ])('says so of %j', (text, words) => {
    const result = read(Uint8Array.from(text, (char) => char.charCodeAt(0)));
    expect(result).toMatchObject({
      notACapture: true,
      format: null,
      packets: [],
      issues: [{ code: 'NOT_A_CAPTURE' }],
    });
    expect(result.issues[0].message).toContain(words);
  });

  it('knows gzip by its first two bytes', () => {
    expect(isGzip(Uint8Array.of(0x1f, 0x8b, 8))).toBe(true);
    expect(isGzip(Uint8Array.of(0x1f))).toBe(false);
    expect(isGzip(utf8Bytes('text'))).toBe(false);
  });
});

describe('the list of issues', () => {
  it('is bounded', async () => {
    const { Blocks } = await import('./capture-files');
    const blocks = new Blocks(true);
    const bad = Array.from({ length: 3 * MAX_ISSUES }, () => blocks.enhanced(9, 0n, someBytes(4)));
    const result = read(concat(blocks.section(), ...bad));
    expect(result.issues).toHaveLength(MAX_ISSUES + 1);
    expect(result.issues[MAX_ISSUES].code).toBe('CAPTURE_MORE_ISSUES');
  });
});
