import { readdirSync, readFileSync, readlinkSync, renameSync, rmSync, statSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** What a folder is for, and the process that it goes with. */
const FOLDER = /^handshake-inspector-[a-z]+-(\d+(?:\.\d+){0,2})-\w{6}$/;

/**
 * Creates a folder for this user alone, to be removed by whoever asked for it. Folders whose process did not come to that, because it was
 * killed, are removed first.
 *
 * @param what it is for, lower-case letters.
 * @throws what the file system says.
 */
export async function makeTemporaryFolder(what: string): Promise<string> {
  removeFoldersOfTheDead();
  return mkdtemp(path.join(tmpdir(), `handshake-inspector-${what}-${thisProcess()}-`));
}

/**
 * Gives a folder of {@link makeTemporaryFolder} a name under which it stays, for something in it that exists nowhere else.
 *
 * @returns its path now.
 */
export function keepFolder(folder: string): string {
  const kept = `${folder}-kept`;
  try {
    renameSync(folder, kept);
    return kept;
  } catch {
    return folder;
  }
}

/** Removes the folders of processes that are no more. */
function removeFoldersOfTheDead(): void {
  try {
    for (const name of readdirSync(tmpdir())) {
      const owner = FOLDER.exec(name)?.[1];
      const folder = path.join(tmpdir(), name);
      if (owner === undefined || lives(owner) || !isOurs(folder)) continue;
      rmSync(folder, { recursive: true, force: true });
    }
  } catch {
    // Tidying up is not what anybody waits for.
  }
}

function isOurs(folder: string): boolean {
  const uid = process.getuid?.();
  return uid === undefined || statSync(folder, { throwIfNoEntry: false })?.uid === uid;
}

/**
 * Names a process for good: its number, and on Linux when it began (a number is given again) and its namespace (another container's
 * processes cannot be seen from here).
 */
export function thisProcess(): string {
  const started = startOf(process.pid);
  return started === undefined ? `${process.pid}` : `${process.pid}.${started}.${namespace()}`;
}

/** @param owner as {@link thisProcess} names it. Where that cannot be known it lives. */
export function lives(owner: string): boolean {
  const [pid, started, space] = owner.split('.');
  if (started !== undefined) return space !== namespace() || startOf(Number(pid)) === started;
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** When a process began, clock ticks since the machine did (proc(5), field 22 of stat); undefined when there is none, or no /proc. */
function startOf(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name before it is in parentheses and may hold anything.
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

function namespace(): string {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0';
  } catch {
    return '0';
  }
}
