import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fsPath, pathFromBytes } from '../files/path-bytes';

const CAPTURE = /\.(pcap|pcapng|cap)(\.(gz|zst|lz4))?$/i;
/** Folders inside folders that are looked into. */
const MAX_DEPTH = 32;

export interface CapturePath {
  readonly path: string;
  /** Bytes; 0 where that is not known. */
  readonly size: number;
}

/**
 * The captures that the arguments name: files as they are, folders by what is in them, in order of name. A folder that may not be looked
 * into is one of them: whoever reads it says why.
 */
export async function capturePaths(named: readonly string[]): Promise<CapturePath[]> {
  const found: CapturePath[] = [];
  for (const path of named) {
    const size = await sizeOf(path);
    if (size === 'folder') await addFolder(path, found, 0);
    else found.push({ path, size });
  }
  return found;
}

/** What cannot be looked at is left for the reader to say why. */
async function sizeOf(path: string): Promise<number | 'folder'> {
  try {
    const { size, isFolder } = await stat(fsPath(path)).then((s) => ({
      size: s.size,
      isFolder: s.isDirectory(),
    }));
    return isFolder ? 'folder' : size;
  } catch {
    return 0;
  }
}

async function addFolder(folder: string, found: CapturePath[], depth: number): Promise<void> {
  const entries = await readdir(fsPath(folder), { withFileTypes: true, encoding: 'buffer' }).catch(
    () => null,
  );
  if (entries === null) {
    found.push({ path: folder, size: 0 });
    return;
  }
  const named = entries.map((entry) => ({ entry, name: pathFromBytes(entry.name) }));
  for (const { entry, name } of named.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, name);
    if (entry.isDirectory() && depth < MAX_DEPTH) await addFolder(path, found, depth + 1);
    else if ((entry.isFile() || entry.isSymbolicLink()) && CAPTURE.test(name)) {
      // A link to a folder is left alone: it may lead back.
      const size = await sizeOf(path);
      if (size !== 'folder') found.push({ path, size });
    }
  }
}
