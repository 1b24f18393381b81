import { createReadStream, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Readable } from 'node:stream';
import { CaptureReader } from '../../src/capture/reader';
import { Inspector } from '../../src/inspect/inspector';
import { FlowTable } from '../../src/network/flow-table';
import { SegmentView } from '../../src/network/segment';
import { decodeSegment } from '../../src/network/tcp';

/** Gives the bytes of a capture from its beginning, each time it is called. */
export type Source = () => Readable;

/** Reads a whole capture one way; gives the packets it found. All ways get the file in the same chunks. */
export type Reader = (source: Source) => Promise<number>;

const CHUNK = 1 << 20;

/** What a program does: the file is read while it is decoded. */
export function fromFile(file: string): Source {
  return () => createReadStream(file, { highWaterMark: CHUNK });
}

/** What the decoding alone costs: the file is in memory. */
export function fromMemory(file: string): Source {
  const bytes = readFileSync(file);
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += CHUNK) chunks.push(bytes.subarray(at, at + CHUNK));
  return () => Readable.from(chunks);
}

/** Only the record headers of a classic little-endian file, without looking at anything else: the floor. */
const bareScan: Reader = async (source) => {
  let packets = 0;
  let skip = 24;
  let held = Buffer.alloc(0);
  for await (const chunk of source()) {
    const bytes: Buffer = held.length > 0 ? Buffer.concat([held, chunk]) : chunk;
    let at = skip;
    while (at + 16 <= bytes.length) {
      at += 16 + bytes.readUInt32LE(at + 8);
      packets++;
    }
    held = at < bytes.length ? Buffer.from(bytes.subarray(at)) : Buffer.alloc(0);
    skip = Math.max(0, at - bytes.length);
  }
  return packets;
};

const captureReader: Reader = async (source) => {
  const reader = new CaptureReader({ handlePacket() {} });
  for await (const chunk of source()) reader.push(chunk);
  reader.finish();
  return reader.packets;
};

const flows: Reader = async (source) => {
  const segment = new SegmentView();
  const table = new FlowTable();
  const reader = new CaptureReader({
    handlePacket(packet) {
      if (decodeSegment(packet, segment)) table.lookup(segment);
    },
  });
  for await (const chunk of source()) reader.push(chunk);
  reader.finish();
  return reader.packets;
};

const inspector: Reader = async (source) => {
  const sink = new Inspector();
  const reader = new CaptureReader(sink);
  for await (const chunk of source()) reader.push(chunk);
  reader.finish();
  sink.finish();
  return reader.packets;
};

interface PcapParser {
  parse(input: NodeJS.ReadableStream): NodeJS.EventEmitter;
}

const pcapParser: Reader = (source) =>
  new Promise((resolve, reject) => {
    const library = createRequire(import.meta.url)('pcap-parser') as PcapParser;
    let packets = 0;
    const parser = library.parse(source());
    parser.on('packet', () => {
      packets++;
    });
    parser.on('end', () => resolve(packets));
    parser.on('error', reject);
  });

export const READERS: readonly { readonly name: string; readonly read: Reader }[] = [
  { name: 'bare scan of record headers', read: bareScan },
  { name: 'our reader alone', read: captureReader },
  { name: 'our reader, TCP and flow look-up', read: flows },
  { name: 'our whole decoder, in process', read: inspector },
  { name: 'pcap-parser (npm)', read: pcapParser },
];
