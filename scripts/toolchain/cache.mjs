// The folder outside the checkout where real servers, clients and editors are kept, shared by every
// checkout of this machine. Each tool sits in a folder named after its exact version; a folder that has
// its final name is complete, because it was renamed into place only after its install had ended.
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { withLock } from './lock.mjs';
import { note } from './run.mjs';

/**
 * @returns {string} absolute path; `$HANDSHAKE_INSPECTOR_CACHE` wins, else `~/.cache/handshake-inspector`.
 * Root's home is usually closed to other users, and PostgreSQL refuses to run as root: the unprivileged user
 * it is started as must be able to reach its binaries, so then `/var/cache/handshake-inspector` is used.
 */
export function cacheRoot() {
  const chosen = process.env.HANDSHAKE_INSPECTOR_CACHE;
  if (chosen) return path.resolve(chosen);
  if (process.getuid?.() === 0 && !(statSync(homedir()).mode & 0o001))
    return '/var/cache/handshake-inspector';
  return path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'handshake-inspector');
}

/**
 * Finds `name` in the cache, or installs it: `install(folder)` fills an empty temporary folder, which then
 * takes its final name. Two processes asking at once: one installs, the other waits.
 * @param {string} name folder name, with the version in it
 * @param {(folder: string) => Promise<void>} install
 * @returns {Promise<string>} the complete folder
 */
export async function cached(name, install) {
  const root = cacheRoot();
  const folder = path.join(root, name);
  if (existsSync(folder)) return folder;
  mkdirSync(root, { recursive: true, mode: 0o755 });
  accessSync(root, constants.W_OK);
  return withLock(path.join(root, `${name}.lock`), async () => {
    if (existsSync(folder)) return folder;
    const started = Date.now();
    note(`installing ${name} into ${root}`);
    const prefix = `.installing-${name}-`;
    for (const left of readdirSync(root).filter((each) => each.startsWith(prefix))) {
      rmSync(path.join(root, left), { recursive: true, force: true }); // Of a run that was killed in the middle.
    }
    const temporary = mkdtempSync(path.join(root, prefix));
    try {
      await install(temporary);
      renameSync(temporary, folder);
    } catch (error) {
      rmSync(temporary, { recursive: true, force: true });
      throw error;
    }
    note(`installed ${name} in ${((Date.now() - started) / 1000).toFixed(1)} s`);
    return folder;
  });
}
