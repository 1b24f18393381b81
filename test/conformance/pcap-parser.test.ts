/** The npm package `pcap-parser` reads the plain classic form; both readers must see the same packets. */
import { createRequire } from 'node:module';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { PCAP_VARIANTS, pcapFile, read, someBytes } from '../unit/capture/capture-files';
import { readSharedCapture, sharedCaptures, sharedCapturesPresent } from './shared-files';

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

async function expectAgreement(file: Uint8Array): Promise<number> {
  const theirs = await libraryPackets(file);
  const ours = read(file).packets;
  expect(
    ours.map(({ seconds, nanos, bytes, originalLength }) => [seconds, nanos, originalLength, bytes]),
  ).toEqual(
    theirs.map(({ header, data }) => [
      header.timestampSeconds,
      header.timestampMicroseconds * 1000,
      header.originalLength,
      new Uint8Array(data),
    ]),
  );
  return ours.length;
}

/** Classic, little-endian, microseconds. */
const isPlain = (file: Uint8Array) => [0xd4, 0xc3, 0xb2, 0xa1].every((byte, i) => file[i] === byte);

describe('pcap-parser', () => {
  it('agrees on a file of our own', async () => {
    const packets = Array.from({ length: 200 }, (_, i) => ({
      seconds: 1_700_000_000 + i,
      fraction: (i * 7919) % 1_000_000,
      bytes: someBytes((i * 131) % 1600, i),
      original: 1600,
    }));
    expect(await expectAgreement(pcapFile(PCAP_VARIANTS[0], packets))).toBe(200);
  });

  const names = sharedCaptures().filter((name) => isPlain(readSharedCapture(name)));

  it.skipIf(!sharedCapturesPresent)('is asked about many files of other origin', () => {
    expect(names.length).toBeGreaterThan(50);
  });

  it.each(names)('agrees on %s', async (name) => {
    expect(await expectAgreement(readSharedCapture(name))).toBeGreaterThan(0);
  });
});
