import { concat, utf8Bytes } from '../../../src/base/bytes';
import type { Issue } from '../../../src/base/issue';
import { CaptureReader } from '../../../src/capture/reader';

/** Capture files as bytes, written here by hand so that the readers are not checked against the project's own writer. */

export interface TestPacket {
  readonly seconds: number;
  /** In the file's own unit. */
  readonly fraction: number;
  readonly bytes: Uint8Array;
  readonly original?: number;
}

export interface PcapVariant {
  readonly name: string;
  readonly magic: number;
  readonly little: boolean;
  readonly nanos: boolean;
  readonly modified: boolean;
}

export const PCAP_VARIANTS: readonly PcapVariant[] = [true, false].flatMap((little) =>
  [
    { name: 'microseconds', magic: 0xa1b2c3d4, nanos: false, modified: false },
    { name: 'nanoseconds', magic: 0xa1b23c4d, nanos: true, modified: false },
    { name: 'modified', magic: 0xa1b2cd34, nanos: false, modified: true },
  ].map((variant) => ({ ...variant, little, name: `${variant.name}, ${little ? 'little' : 'big'}-endian` })),
);

/** 32-bit words in one byte order. */
export function words(little: boolean, ...values: number[]): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of values.entries()) view.setUint32(4 * i, value, little);
  return bytes;
}

export function halves(little: boolean, ...values: number[]): Uint8Array {
  const bytes = new Uint8Array(2 * values.length);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of values.entries()) view.setUint16(2 * i, value, little);
  return bytes;
}

export function pcapHeader(
  variant: PcapVariant,
  linkType = 1,
  version: [number, number] = [2, 4],
): Uint8Array {
  const { little, magic } = variant;
  return concat(words(little, magic), halves(little, ...version), words(little, 0, 0, 65_535, linkType));
}

export function pcapRecord(variant: PcapVariant, packet: TestPacket): Uint8Array {
  const { bytes, seconds, fraction } = packet;
  const lengths = [bytes.length, packet.original ?? bytes.length];
  const extra = variant.modified ? words(variant.little, 3, 0x08000000) : new Uint8Array(0);
  return concat(words(variant.little, seconds, fraction, ...lengths), extra, bytes);
}

export function pcapFile(variant: PcapVariant, packets: readonly TestPacket[], linkType = 1): Uint8Array {
  return concat(pcapHeader(variant, linkType), ...packets.map((packet) => pcapRecord(variant, packet)));
}

/** Builds pcapng blocks in one byte order. */
export class Blocks {
  constructor(readonly little: boolean) {}

  block(type: number, ...body: Uint8Array[]): Uint8Array {
    const joined = pad(concat(...body));
    const length = joined.length + 12;
    return concat(words(this.little, type, length), joined, words(this.little, length));
  }

  section(options: Uint8Array[] = []): Uint8Array {
    const { little } = this;
    const version = halves(little, 1, 0);
    return this.block(
      0x0a0d0d0a,
      words(little, 0x1a2b3c4d),
      version,
      words(little, 0xffffffff, 0xffffffff),
      this.option(4, utf8Bytes('a test')),
      ...options,
      words(little, 0),
    );
  }

  interface(linkType: number, options: Uint8Array[] = [], snapLength = 0): Uint8Array {
    const end = options.length > 0 ? words(this.little, 0) : new Uint8Array(0);
    return this.block(1, halves(this.little, linkType, 0), words(this.little, snapLength), ...options, end);
  }

  resolution(value: number): Uint8Array {
    return this.option(9, Uint8Array.of(value));
  }

  offset(seconds: bigint): Uint8Array {
    const value = new Uint8Array(8);
    new DataView(value.buffer).setBigInt64(0, seconds, this.little);
    return this.option(14, value);
  }

  enhanced(
    id: number,
    ticks: bigint,
    bytes: Uint8Array,
    original = bytes.length,
    options: Uint8Array[] = [],
  ): Uint8Array {
    const head = words(this.little, id, ...split(ticks), bytes.length, original);
    return this.block(6, head, pad(bytes), ...options);
  }

  comment(text: string): Uint8Array {
    return this.option(1, utf8Bytes(text));
  }

  names(...records: readonly (readonly [type: number, address: Uint8Array, name: string])[]): Uint8Array {
    const each = records.map(([type, address, name]) =>
      this.option(type, concat(address, utf8Bytes(`${name}\0`))),
    );
    return this.block(4, ...each, words(this.little, 0));
  }

  statistics(id: number, counts: Readonly<Record<number, bigint>>): Uint8Array {
    const options = Object.entries(counts).map(([code, value]) => {
      const bytes = new Uint8Array(8);
      new DataView(bytes.buffer).setBigUint64(0, value, this.little);
      return this.option(Number(code), bytes);
    });
    return this.block(5, words(this.little, id, 0, 0), ...options, words(this.little, 0));
  }

  obsolete(id: number, ticks: bigint, bytes: Uint8Array): Uint8Array {
    const head = [
      halves(this.little, id, 0xffff),
      words(this.little, ...split(ticks), bytes.length, bytes.length),
    ];
    return this.block(2, ...head, pad(bytes));
  }

  simple(bytes: Uint8Array, original = bytes.length): Uint8Array {
    return this.block(3, words(this.little, original), pad(bytes));
  }

  secrets(text: string): Uint8Array {
    const bytes = utf8Bytes(text);
    return this.block(10, words(this.little, 0x544c534b, bytes.length), pad(bytes));
  }

  option(code: number, value: Uint8Array): Uint8Array {
    return concat(halves(this.little, code, value.length), pad(value));
  }
}

function split(ticks: bigint): [number, number] {
  return [Number(ticks >> 32n), Number(ticks & 0xffffffffn)];
}

function pad(bytes: Uint8Array): Uint8Array {
  return bytes.length % 4 === 0 ? bytes : concat(bytes, new Uint8Array(4 - (bytes.length % 4)));
}

/** What a reader told its sink. */
export interface ReadPacket {
  readonly frame: number;
  readonly seconds: number;
  readonly nanos: number;
  readonly linkType: number;
  readonly bytes: Uint8Array;
  readonly originalLength: number;
  readonly fileOffset: number;
}

export interface ReadResult {
  readonly format: 'pcap' | 'pcapng' | null;
  readonly notACapture: boolean;
  readonly bytes: number;
  readonly count: number;
  readonly linkTypes: readonly number[];
  readonly issues: readonly Issue[];
  /** Issues as the sink got them. */
  readonly told: readonly Issue[];
  readonly packets: readonly ReadPacket[];
  readonly notes: readonly string[];
  readonly secrets: readonly string[];
}

/** Reads a file given in chunks and keeps everything. */
export function readChunks(chunks: Iterable<Uint8Array>): ReadResult {
  const packets: ReadPacket[] = [];
  const secrets: string[] = [];
  const told: Issue[] = [];
  const reader = new CaptureReader({
    handlePacket(view) {
      const { frame, seconds, nanos, linkType, originalLength, fileOffset } = view;
      const bytes = view.buffer.slice(view.start, view.end);
      packets.push({ frame, seconds, nanos, linkType, bytes, originalLength, fileOffset });
    },
    handleSecrets: (keyLog) => secrets.push(new TextDecoder().decode(keyLog)),
    handleIssue: (issue) => told.push(issue),
  });
  for (const chunk of chunks) reader.push(chunk);
  reader.finish();
  const { format, notACapture, bytes, linkTypes, issues, notes } = reader;
  return {
    format,
    notACapture,
    bytes,
    count: reader.packets,
    linkTypes,
    issues,
    told,
    packets,
    notes,
    secrets,
  };
}

export function read(file: Uint8Array): ReadResult {
  return readChunks([file]);
}

/** Cuts a file into pieces of the given lengths, the last one again and again. Each piece is its own array. */
export function* cut(file: Uint8Array, lengths: readonly number[]): Generator<Uint8Array> {
  let at = 0;
  for (let i = 0; at < file.length; i++) {
    const length = Math.max(1, lengths[Math.min(i, lengths.length - 1)] ?? file.length);
    yield file.slice(at, at + length);
    at += length;
  }
}

/** Some bytes that are not all alike. */
export function someBytes(length: number, seed = 1): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 37 + seed * 101 + (i >> 8)) & 0xff);
}
