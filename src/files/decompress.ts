import { isLz4, Lz4Unpacker } from '../capture/compression/lz4';
import { CompressionError, type Unpacker } from '../capture/compression/unpacker';
import { isZstd, ZstdUnpacker } from '../capture/compression/zstd';
import { isGzip } from '../capture/format';

/** A source of bytes, and how many went into it so far. */
export interface ByteSource {
  readonly chunks: AsyncIterable<Uint8Array>;
  readonly bytesIn: number;
}

/** What a file holds: its own bytes, or what gzip, zstd or lz4 made them of. The first bytes say which. A chunk is valid until the next one. */
export function decompressed(raw: AsyncIterable<Uint8Array>): ByteSource {
  const counter = new Counter(raw);
  return {
    chunks: choose(counter),
    get bytesIn() {
      return counter.bytes;
    },
  };
}

/** Whether an error came from unpacking rather than from reading. */
export function isDamagedCompression(error: unknown): boolean {
  return error instanceof CompressionError || ((error as NodeJS.ErrnoException).code ?? '').startsWith('Z_');
}

async function* choose(counter: Counter): AsyncGenerator<Uint8Array> {
  const iterator = counter[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done) return;
  if (isGzip(first.value)) {
    // Most captures are not compressed: then zlib is not loaded.
    const { gunzipped } = await import('./gunzip');
    try {
      yield* gunzipped(first.value, iterator);
    } finally {
      await iterator.return?.(undefined);
    }
    return;
  }
  const unpacker = unpackerFor(first.value);
  if (unpacker) {
    try {
      yield* unpacker.push(first.value);
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
        yield* unpacker.push(next.value);
      }
      unpacker.finish();
    } finally {
      await iterator.return?.(undefined);
    }
    return;
  }
  yield first.value;
  yield* { [Symbol.asyncIterator]: () => iterator };
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
