/**
 * The one way in which this project writes a file: beside the old one, to the disk, and then in its place. Whatever happens meanwhile, a
 * killed process or a full disk, the name stands for the old file or the new one, and either is whole. The file is for its user alone,
 * also where the old one was not. `test/unit/structure/writes.test.ts` keeps every other room from writing by itself.
 */

import {
  closeSync,
  constants,
  createReadStream,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { describeFileError, describeWriteError } from './errors';
import { fsPath } from './path-bytes';
import { makeTemporaryFolder } from './temporary-folder';
import { placeFor, removeLeftOver, type WritePlace } from './write-place';

/** Whole, or piece by piece; an array that was given may be used again when the next is asked for. */
export type FileContent = Uint8Array | string | AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

export interface WriteOptions {
  /**
   * Looks at what was written before it gets its name; when it throws, the file stays as it was and nothing is left beside it.
   *
   * @param written path of the whole content.
   */
  readonly check?: (written: string) => Promise<void> | void;
}

const PRIVATE = 0o600;

/**
 * Writes a file whole or not at all. A link stays, and what it leads to is replaced; a pipe or device is written straight. A file with
 * several names (hard links) keeps its old content under the others.
 *
 * @throws {CaptureFileError} when it cannot be written, in words; what `content` or `check` throws, as it is.
 */
export async function writeWhole(
  file: string,
  content: FileContent,
  options: WriteOptions = {},
): Promise<void> {
  const inWords = inWordsOf(file);
  const { target, temporary } = await inWords(async () => placeFor(file));
  if (temporary === null) return writeStraight(file, target, content, options);
  removeLeftOver(path.dirname(target));
  unfinished.add(temporary);
  try {
    await writeNew(temporary, content, inWords);
    await options.check?.(temporary);
    await inWords(() => rename(fsPath(temporary), fsPath(target)));
  } catch (error) {
    await rm(fsPath(temporary), { force: true }).catch(() => {});
    throw error;
  } finally {
    unfinished.delete(temporary);
  }
  await syncFolder(path.dirname(target));
}

/** Copies a file, whole or not at all. @throws {CaptureFileError} when one cannot be read or the other not be written. */
export function copyWhole(source: string, file: string): Promise<void> {
  return writeWhole(file, chunksOf(source));
}

/**
 * {@link writeWhole} for what must be on the disk before the caller goes on.
 *
 * @throws what the file system says.
 */
export function writeWholeNow(file: string, content: string): void {
  const place = placeFor(file);
  if (place.temporary !== null) removeLeftOver(path.dirname(place.target));
  try {
    writeNow(place, Buffer.from(content));
    if (place.temporary !== null) renameSync(fsPath(place.temporary), fsPath(place.target));
  } catch (error) {
    if (place.temporary !== null) rmSync(fsPath(place.temporary), { force: true });
    throw error;
  }
  if (place.temporary !== null) syncFolderNow(path.dirname(place.target));
}

/** Creates a file for its user alone that grows while it is used, as a recording does. @throws what the file system says: it exists. */
export function createGrowing(file: string): Promise<FileHandle> {
  return open(file, 'wx', PRIVATE);
}

/** Removes what is only half written, when the process is about to end. */
export function abandonUnfinished(): void {
  for (const temporary of unfinished) rmSync(fsPath(temporary), { force: true });
}

const unfinished = new Set<string>();

type InWords = <T>(work: () => Promise<T>) => Promise<T>;

function inWordsOf(file: string): InWords {
  return (work) =>
    work().catch((error: unknown) => {
      throw describeWriteError(file, error);
    });
}

/** Creates a file with a content, and waits until it is on the disk. */
async function writeNew(file: string, content: FileContent, inWords: InWords): Promise<void> {
  const handle = await inWords(() => open(fsPath(file), 'wx', PRIVATE));
  try {
    for await (const piece of piecesOf(content)) await inWords(() => handle.writeFile(piece));
    await inWords(() => handle.sync());
  } catch (error) {
    await handle.close().catch(() => {});
    throw error;
  }
  await inWords(() => handle.close());
}

/** What has no name to keep is written as it comes, unless it has to be looked at first. */
async function writeStraight(
  file: string,
  target: string,
  content: FileContent,
  { check }: WriteOptions,
): Promise<void> {
  const inWords = inWordsOf(file);
  const folder = check ? await inWords(() => makeTemporaryFolder('checked')) : undefined;
  try {
    let looked = content;
    if (folder !== undefined) {
      const copy = path.join(folder, 'content');
      await writeNew(copy, content, inWords);
      await check?.(copy);
      looked = chunksOf(copy);
    }
    // Behind what this process has printed already, if it is a file that its output goes to.
    const handle = await inWords(() => open(fsPath(target), constants.O_WRONLY | constants.O_APPEND));
    try {
      for await (const piece of piecesOf(looked)) await inWords(() => handle.writeFile(piece));
    } finally {
      await handle.close().catch(() => {});
    }
  } finally {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }
}

function piecesOf(content: FileContent): AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string> {
  return typeof content === 'string' || content instanceof Uint8Array ? [content] : content;
}

async function* chunksOf(file: string): AsyncIterable<Uint8Array> {
  try {
    yield* createReadStream(fsPath(file), { highWaterMark: 1 << 18 });
  } catch (error) {
    throw describeFileError(file, error);
  }
}

function writeNow({ target, temporary }: WritePlace, bytes: Uint8Array): void {
  const flags = temporary === null ? constants.O_WRONLY | constants.O_APPEND : 'wx';
  const descriptor = openSync(fsPath(temporary ?? target), flags, PRIVATE);
  try {
    // One call may take less than all of it.
    for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
    if (temporary !== null) fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** The new name is safe once its folder is written; some systems cannot open a folder, and then the rename alone has to do. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(fsPath(folder), 'r').catch(() => undefined);
  await handle?.sync().catch(() => {});
  await handle?.close().catch(() => {});
}

function syncFolderNow(folder: string): void {
  try {
    const descriptor = openSync(fsPath(folder), 'r');
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    // As above.
  }
}
