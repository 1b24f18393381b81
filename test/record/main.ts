import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { provide } from '../../scripts/toolchain/index.mjs';
import { recordingsToPcapng } from '../../src/inspect/export';
import { mongoStories } from './mongo-stories';
import { postgresStories } from './postgres-stories';
import { suiteStories } from './postgres-suites';
import type { Story } from './story';

/** A handshake is small; a larger file holds something that was not meant to be recorded. */
const MAX_BYTES = 48 * 1024;

/**
 * Records every story, or those whose name contains one of `wanted`, into `folder`, and writes an index of what is in each file.
 * Rejects when a real server or client cannot be had.
 */
export async function recordFixtures(folder: string, wanted: readonly string[] = []): Promise<void> {
  mkdirSync(path.join(folder, 'suites'), { recursive: true });
  const index: string[] = [];
  for await (const story of allStories()) {
    index.push(`${story.name}.pcapng\t${story.says}`);
    if (wanted.length > 0 && !wanted.some((part) => story.name.includes(part))) continue;
    const bytes = recordingsToPcapng(story.recordings);
    if (bytes.length > MAX_BYTES) throw new Error(`${story.name} has ${bytes.length} bytes`);
    if (story.recordings.length === 0) throw new Error(`${story.name}: nothing was recorded`);
    writeFileSync(path.join(folder, `${story.name}.pcapng`), bytes);
    process.stderr.write(`${story.name}: ${story.recordings.length} connection(s), ${bytes.length} bytes\n`);
  }
  writeFileSync(path.join(folder, 'INDEX.tsv'), `${index.join('\n')}\n`);
}

async function* allStories(): AsyncGenerator<Story> {
  const newest = await needed('postgres18');
  const older = await needed('postgres15');
  await needed('psql');
  yield* postgresStories(newest.bin, newest.lib, older.bin);
  yield* suiteStories(newest.bin, newest.lib);
  yield* mongoStories();
}

async function needed(name: string) {
  const found = await provide(name);
  if (found.skipped) throw new Error(`${name} is needed to record: ${found.skipped}`);
  return found;
}
