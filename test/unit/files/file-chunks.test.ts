import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { concat } from '../../../src/base/bytes';
import { type FileChunksOptions, fileChunks } from '../../../src/files/file-chunks';

const MEGABYTE = 1 << 20;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'file-chunks-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Bytes that say where they stand. */
function content(length: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4)).map((_, i) => i);
  return new Uint8Array(words.buffer, 0, length);
}

async function withFile<T>(bytes: Uint8Array, use: (file: Awaited<ReturnType<typeof open>>) => Promise<T>) {
  const path = join(folder, 'file');
  await writeFile(path, bytes);
  const handle = await open(path, 'r');
  try {
    return await use(handle);
  } finally {
    await handle.close();
  }
}

async function readAll(bytes: Uint8Array, options: FileChunksOptions): Promise<Uint8Array> {
  return withFile(bytes, async (handle) => {
    const pieces: Uint8Array[] = [];
    for await (const chunk of fileChunks(handle, options)) pieces.push(chunk.slice());
    return concat(...pieces);
  });
}

describe('the bytes of a file', () => {
  const sizes = [0, 1, MEGABYTE - 1, MEGABYTE, MEGABYTE + 1, 3 * MEGABYTE, 7 * MEGABYTE + 5];
  const ways: readonly FileChunksOptions[] = [{}, { blocking: true }, { seekable: false }];
  it.each(sizes)('%i of them come whole and in order, however they are read', async (size) => {
    const bytes = content(size);
    for (const way of ways) {
      const read = await readAll(bytes, way);
      expect(Buffer.compare(read, bytes), JSON.stringify(way)).toBe(0);
    }
  });

  it('whoever stops early can close the file at once', async () => {
    const first = await withFile(content(9 * MEGABYTE), async (handle) => {
      for await (const chunk of fileChunks(handle)) return chunk[4];
      return -1;
    });
    expect(first).toBe(1);
  });

  it('end when the reading is called off, with its reason', async () => {
    const stop = new AbortController();
    const reading = withFile(content(9 * MEGABYTE), async (handle) => {
      for await (const _ of fileChunks(handle, { signal: stop.signal })) stop.abort(new Error('enough'));
    });
    await expect(reading).rejects.toThrow('enough');
  });

  it('what reading throws is thrown', async () => {
    const handle = await open(folder, 'r');
    try {
      await expect(fileChunks(handle).next()).rejects.toMatchObject({ code: 'EISDIR' });
    } finally {
      await handle.close();
    }
  });
});
