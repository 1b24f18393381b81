import { randomBytes } from 'node:crypto';
import {
  accessSync,
  constants,
  lstatSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
} from 'node:fs';
import path from 'node:path';
import { fsPath, pathFromBytes } from './path-bytes';

/** Where the bytes of a file go until they are all there. */
export interface WritePlace {
  /** The file itself: what a link leads to, not the link. */
  readonly target: string;
  /** A name in the same folder that nobody can guess; null for what is written straight: a pipe, a device, this process's own output. */
  readonly temporary: string | null;
}

/** As many as Linux follows. */
const MAX_LINKS = 40;

/** Files of descriptors: they have no name that another file could take. */
const DESCRIPTORS = /^\/(proc|dev\/fd)(\/|$)/;

const TEMPORARY = /^\.handshake-inspector-[0-9a-f]{32}\.tmp$/;

/** Nobody writes to a temporary file for so long and still means to finish. */
const LEFT_OVER_MS = 10 * 60_000;

/** @throws what the file system says: its folder is missing, it is a folder itself, it may not be written, too many links. */
export function placeFor(file: string): WritePlace {
  // With a separator at its end a path is that of a folder, or of nothing: then this says of what.
  if ((file.endsWith('/') || file.endsWith(path.sep)) && statSync(fsPath(file)))
    throw failure('EISDIR', file);
  let target = path.resolve(file);
  for (let links = 0; links < MAX_LINKS; links++) {
    const folder = pathFromBytes(realpathSync(fsPath(path.dirname(target)), 'buffer'));
    target = path.join(folder, path.basename(target));
    if (DESCRIPTORS.test(folder)) return { target, temporary: null };
    const known = lstatSync(fsPath(target), { throwIfNoEntry: false });
    if (known?.isDirectory()) throw failure('EISDIR', file);
    if (!known?.isSymbolicLink()) {
      // A file that was made read-only is kept, though its folder would let it be replaced.
      if (known) accessSync(fsPath(target), constants.W_OK);
      return { target, temporary: known && !known.isFile() ? null : temporaryIn(folder) };
    }
    target = path.resolve(folder, pathFromBytes(readlinkSync(fsPath(target), 'buffer')));
  }
  throw failure('ELOOP', file);
}

/** Removes what writers that were killed left in a folder; what cannot be removed stays. */
export function removeLeftOver(folder: string, now = Date.now()): void {
  for (const name of namesIn(folder)) {
    if (!TEMPORARY.test(name)) continue;
    const file = path.join(folder, name);
    try {
      const { mtimeMs } = lstatSync(fsPath(file));
      if (now - mtimeMs > LEFT_OVER_MS) rmSync(fsPath(file));
    } catch {
      // Gone, somebody else's, or no file.
    }
  }
}

function temporaryIn(folder: string): string {
  return path.join(folder, `.handshake-inspector-${randomBytes(16).toString('hex')}.tmp`);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(fsPath(folder));
  } catch {
    return [];
  }
}

function failure(code: string, file: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${file}`), { code });
}
