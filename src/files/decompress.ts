import { isLz4, Lz4Unpacker } from '../capture/compression/lz4';
import { CompressionError, type Unpacker } from '../capture/compression/unpacker';
import { isZstd, ZstdUnpacker } from '../capture/compression/zstd';
import { isGzip } from '../capture/format';

/** A source of bytes, and how many went into it so far. */
export interface ByteSource {
  readonly chunks: AsyncIterable<Uint8Array>;
  readonly bytesIn: number;
}

/** Most that a compressed file may unpack to unless more is asked for, megabytes: a few of them can be made to stand for a year's reading. */
const UNPACKED_MEGABYTES = 20_000;

/** Unpacked between two turns of the event loop: whoever wants to cancel is heard, however little of the file is read for it. */
const BETWEEN_TURNS = 8 << 20;

/** More was unpacked than may be. */
export class UnpackedLimitError extends CompressionError {
  constructor(readonly megabytes: number) {
    super(`unpacks to more than ${megabytes} MB`);
  }
}

/**
 * What a file holds: its own bytes, or what gzip, zstd or lz4 made them of. The first bytes say which. A chunk is valid until the next one.
 *
 * @param megabytes most that is unpacked; an {@link UnpackedLimitError} follows it.
 */
export function decompressed(
  raw: AsyncIterable<Uint8Array>,
  megabytes: number = UNPACKED_MEGABYTES,
): ByteSource {
  const counter = new Counter(raw);
  return {
    chunks: choose(counter, megabytes),
    get bytesIn() {
      return counter.bytes;
    },
  };
}

/** Whether an error came from unpacking rather than from reading. */
export function isDamagedCompression(error: unknown): boolean {
  return error instanceof CompressionError || ((error as NodeJS.ErrnoException).code ?? '').startsWith('Z_');
}

/** The chunks up to the limit, and some turns of the event loop between them. */
async function* bounded(chunks: AsyncIterable<Uint8Array>, megabytes: number): AsyncGenerator<Uint8Array> {
  let room = megabytes * 1_000_000;
  let turn = BETWEEN_TURNS;
  for await (const chunk of chunks) {
    if (chunk.length > room) {
      if (room > 0) yield chunk.subarray(0, room);
      throw new UnpackedLimitError(megabytes);
    }
    room -= chunk.length;
    turn -= chunk.length;
    yield chunk;
    if (turn > 0) continue;
    turn = BETWEEN_TURNS;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function* choose(counter: Counter, megabytes: number): AsyncGenerator<Uint8Array> {
  const iterator = counter[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done) return;
  if (isGzip(first.value)) {
    // Most captures are not compressed: then zlib is not loaded.
    const { gunzipped } = await import('./gunzip');
    try {
      yield* bounded(gunzipped(first.value, iterator), megabytes);
    } finally {
      await iterator.return?.(undefined);
    }
    return;
  }
  const unpacker = unpackerFor(first.value);
  if (unpacker) {
    try {
      yield* bounded(unpacked(unpacker, first.value, iterator), megabytes);
    } finally {
      await iterator.return?.(undefined);
    }
    return;
  }
  yield first.value;
  yield* { [Symbol.asyncIterator]: () => iterator };
}

async function* unpacked(
  unpacker: Unpacker,
  first: Uint8Array,
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield* unpacker.push(first);
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield* unpacker.push(next.value);
  unpacker.finish();
}

function unpackerFor(firstBytes: Uint8Array): Unpacker | undefined {
  if (isZstd(firstBytes)) return new ZstdUnpacker();
  return isLz4(firstBytes) ? new Lz4Unpacker() : undefined;
}

class Counter implements AsyncIterable<Uint8Array> {
  bytes = 0;

  constructor(private readonly source: AsyncIterable<Uint8Array>) {}

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for await (const chunk of this.source) {
      this.bytes += chunk.length;
      yield chunk;
    }
  }
}
