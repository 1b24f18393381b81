import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { CaptureReader } from '../../src/capture/reader';
import { fileChunks } from '../../src/files/file-chunks';

/** Reads a whole capture one way; gives the packets it found. */
export type Reader = (file: string) => Promise<number>;

async function eachChunk(file: string, take: (chunk: Uint8Array) => void): Promise<void> {
  const handle = await open(file, 'r');
  try {
    for await (const chunk of fileChunks(handle)) take(chunk);
  } finally {
    await handle.close();
  }
}

/** Only the record headers of a classic little-endian file, without looking at anything else: the floor. */
export const bareScan: Reader = async (file) => {
  let packets = 0;
  let skip = 24;
  // A header that lies across two chunks.
  const held = new Uint8Array(16);
  let holding = 0;
  await eachChunk(file, (chunk) => {
    let at = skip;
    if (holding > 0) {
      held.set(chunk.subarray(0, 16 - holding), holding);
      at = 16 - holding + (held[8] | (held[9] << 8) | (held[10] << 16));
      packets++;
      holding = 0;
    }
    while (at + 16 <= chunk.length) {
      at += 16 + (chunk[at + 8] | (chunk[at + 9] << 8) | (chunk[at + 10] << 16));
      packets++;
    }
    if (at < chunk.length) {
      holding = chunk.length - at;
      held.set(chunk.subarray(at));
      skip = 0;
    } else {
      skip = at - chunk.length;
    }
  });
  return packets;
};

/** Our reader with nothing behind it. */
export const ourReader: Reader = async (file) => {
  const reader = new CaptureReader({ handlePacket() {} });
  await eachChunk(file, (chunk) => reader.push(chunk));
  reader.finish();
  return reader.packets;
};

interface PcapParser {
  parse(input: NodeJS.ReadableStream): NodeJS.EventEmitter;
}

/** The npm package, given the file as its documentation does. */
export const pcapParser: Reader = (file) =>
  new Promise((resolve, reject) => {
    const library = createRequire(import.meta.url)('pcap-parser') as PcapParser;
    let packets = 0;
    const parser = library.parse(createReadStream(file));
    parser.on('packet', () => {
      packets++;
    });
    parser.on('end', () => resolve(packets));
    parser.on('error', reject);
  });
