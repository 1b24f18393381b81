import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

const CHUNK = 512 << 10;

/** What gzip made of some chunks of memory that is used again. @throws with a code `Z_…` where the file is damaged. */
export async function* gunzipped(
  first: Uint8Array,
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip({ chunkSize: CHUNK });
  const source = Readable.from(copies(first, rest));
  source.on('error', (error) => gunzip.destroy(error));
  try {
    yield* source.pipe(gunzip) as AsyncIterable<Uint8Array>;
  } finally {
    source.destroy();
  }
}

/** Copies of chunks whose memory is used again: a stream holds several. */
async function* copies(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first.slice();
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value.slice();
}
