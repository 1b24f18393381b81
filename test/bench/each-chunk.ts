import { open } from 'node:fs/promises';
import { fileChunks } from '../../src/files/file-chunks';

/** The bytes of a file, read as the program reads them. */
export async function eachChunk(file: string, take: (chunk: Uint8Array) => void): Promise<void> {
  const handle = await open(file, 'r');
  try {
    for await (const chunk of fileChunks(handle)) take(chunk);
  } finally {
    await handle.close();
  }
}
