import { read, readSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';

/** Bytes of one read. Smaller ones cost a turn each; larger ones leave the processor's cache before they are looked at. */
const CHUNK = 1 << 20;
/** The same where nothing overlaps: then all of it fits the second level of the cache. */
const BLOCKING_CHUNK = 256 << 10;
/**
 * Reads under way at once, so that the disk or the copy from the page cache overlaps with what is done with a chunk. Of three one is
 * always there to begin when another ends, before this thread has heard of it.
 */
const AHEAD = 3;

export interface FileChunksOptions {
  readonly signal?: AbortSignal;
  /** False for a pipe. */
  readonly seekable?: boolean;
  /** Every processor has a thread of ours to run: waiting for the disk itself, this one is not woken for every block. */
  readonly blocking?: boolean;
}

/**
 * The bytes of a file in order. Memory is used again: a chunk is valid until the next one is asked for.
 *
 * @throws what reading throws; `signal`'s reason once it is aborted.
 */
export async function* fileChunks(
  handle: FileHandle,
  options: FileChunksOptions = {},
): AsyncGenerator<Uint8Array> {
  const { signal, seekable = true, blocking = false } = options;
  if (!seekable || blocking) {
    yield* seekable ? blockingChunks(handle, signal) : pipeChunks(handle, signal);
    return;
  }
  let position = 0;
  const buffers = Array.from({ length: AHEAD }, () => new Uint8Array(CHUNK));
  const start = (buffer: Uint8Array) => {
    const read = readFully(handle.fd, buffer, position);
    position += CHUNK;
    // Whoever stops early never waits for the rest.
    read.catch(() => undefined);
    return read;
  };
  const reads = buffers.map(start);
  try {
    for (let turn = 0; ; turn = (turn + 1) % AHEAD) {
      const length = await reads[turn];
      signal?.throwIfAborted();
      if (length > 0) yield length === CHUNK ? buffers[turn] : buffers[turn].subarray(0, length);
      // A short read is the end: the others, begun behind it, found nothing.
      if (length < CHUNK) return;
      reads[turn] = start(buffers[turn]);
    }
  } finally {
    await Promise.allSettled(reads);
  }
}

/** Fills the buffer from a place in the file. @returns bytes read; fewer than asked for only at the file's end. */
function readFully(fd: number, buffer: Uint8Array, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    let length = 0;
    const go = () => read(fd, buffer, length, buffer.length - length, position + length, done);
    const done = (error: Error | null, bytesRead: number) => {
      if (error) {
        reject(error);
        return;
      }
      length += bytesRead;
      if (bytesRead === 0 || length === buffer.length) resolve(length);
      else go();
    };
    go();
  });
}

async function* blockingChunks(
  handle: FileHandle,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(BLOCKING_CHUNK);
  for (;;) {
    const length = readSync(handle.fd, buffer, 0, BLOCKING_CHUNK, null);
    signal?.throwIfAborted();
    if (length === 0) return;
    yield length === BLOCKING_CHUNK ? buffer : buffer.subarray(0, length);
  }
}

/** A pipe has no places to read ahead from. */
async function* pipeChunks(handle: FileHandle, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(CHUNK);
  for (;;) {
    const { bytesRead } = await handle.read(buffer, 0, CHUNK, null);
    signal?.throwIfAborted();
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}
