/**
 * The npm package `pcap-parser` reads the classic form; both readers must see the same packets of every classic file there is. It knows
 * microseconds only: of a file with nanoseconds the magic number is exchanged, and the fraction compared as what it is. Records with more
 * fields ("modified") it refuses.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { type PcapLayout, pcapLayout } from '../../src/capture/format';
import { PCAP_VARIANTS, pcapFile, read, someBytes } from '../unit/capture/capture-files';
import {
  readSharedCapture,
  sharedCaptures,
  sharedCapturesPresent,
  withoutSharedCaptures,
} from './shared-files';

interface LibraryPacket {
  readonly header: {
    readonly timestampSeconds: number;
    readonly timestampMicroseconds: number;
    readonly capturedLength: number;
    readonly originalLength: number;
  };
  readonly data: Uint8Array;
}

// The package has no type declarations.
const pcapParser = createRequire(import.meta.url)('pcap-parser') as {
  parse(input: NodeJS.ReadableStream): NodeJS.EventEmitter;
};

function libraryPackets(file: Uint8Array): Promise<LibraryPacket[]> {
  return new Promise((resolve, reject) => {
    const packets: LibraryPacket[] = [];
    const parser = pcapParser.parse(Readable.from([Buffer.from(file)]));
    parser.on('packet', (packet: LibraryPacket) => packets.push(packet));
    parser.on('end', () => resolve(packets));
    parser.on('error', reject);
  });
}

/** @returns packets compared. */
async function expectAgreement(file: Uint8Array): Promise<number> {
  const { littleEndian, nanoseconds } = pcapLayout(file) as PcapLayout;
  const known = file.slice();
  if (nanoseconds) known.set(littleEndian ? [0xd4, 0xc3, 0xb2, 0xa1] : [0xa1, 0xb2, 0xc3, 0xd4]);
  const theirs = await libraryPackets(known);
  const ours = read(file).packets;
  expect(
    ours.map(({ seconds, nanos, bytes, originalLength }) => [seconds, nanos, originalLength, bytes]),
  ).toEqual(
    theirs.map(({ header, data }) => [
      header.timestampSeconds,
      header.timestampMicroseconds * (nanoseconds ? 1 : 1000),
      header.originalLength,
      new Uint8Array(data),
    ]),
  );
  return ours.length;
}

const isClassic = (file: Uint8Array) => pcapLayout(file) !== undefined;
/** 24 bytes instead of 16 before each packet. */
const isModified = (file: Uint8Array) => pcapLayout(file)?.recordHeaderLength === 24;

const fixtures = path.join(import.meta.dirname, '../fixtures');

describe.each(PCAP_VARIANTS.filter(({ modified }) => !modified))('pcap-parser, $name', (variant) => {
  it('agrees on a file of our own', async () => {
    const packets = Array.from({ length: 200 }, (_, i) => ({
      seconds: 1_700_000_000 + i,
      fraction: (i * 7919) % 1_000_000,
      bytes: someBytes((i * 131) % 1600, i),
      original: 1600,
    }));
    expect(await expectAgreement(pcapFile(variant, packets))).toBe(200);
  });

  it.each(readdirSync(fixtures).filter((name) => name.endsWith('.pcapng')))(
    'agrees on %s in this form',
    async (name) => {
      const packets = read(new Uint8Array(readFileSync(path.join(fixtures, name)))).packets.map(
        ({ seconds, nanos, bytes, originalLength }) => ({
          seconds,
          fraction: variant.nanos ? nanos : Math.floor(nanos / 1000),
          bytes,
          original: originalLength,
        }),
      );
      expect(await expectAgreement(pcapFile(variant, packets))).toBeGreaterThan(5);
    },
  );
});

describe('pcap-parser, on captures of other origin', () => {
  const names = sharedCaptures().filter((name) => isClassic(readSharedCapture(name)));
  const [modified, readable] = [true, false].map((kind) =>
    names.filter((name) => isModified(readSharedCapture(name)) === kind),
  );

  it.skipIf(!sharedCapturesPresent)(`is asked about every classic file${withoutSharedCaptures}`, () => {
    expect(readable.length).toBeGreaterThan(60);
    expect(readable.some((name) => pcapLayout(readSharedCapture(name))?.nanoseconds)).toBe(true);
  });

  it.each(readable)('agrees on %s', async (name) => {
    expect(await expectAgreement(readSharedCapture(name))).toBeGreaterThan(0);
  });

  it.each(modified)('cannot read %s, and says so', async (name) => {
    await expect(libraryPackets(readSharedCapture(name))).rejects.toThrow(/unknown magic/);
  });
});
