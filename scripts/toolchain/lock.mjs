// A lock between processes: a folder, because making one is atomic on every file system we meet.
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const POLL_MS = 200;
/** A lock folder without an owner file yet is given this long before it counts as left behind. */
const OWNERLESS_MS = 10_000;

/**
 * Runs `work` while holding `lockPath`. A lock whose owner is no longer running is taken over.
 * @template T
 * @param {string} lockPath
 * @param {() => Promise<T>} work
 * @param {{ timeoutMs?: number }} [options]
 * @returns {Promise<T>}
 */
export async function withLock(lockPath, work, { timeoutMs = 15 * 60_000 } = {}) {
  const deadline = Date.now() + timeoutMs;
  while (!tryTake(lockPath)) {
    if (abandoned(lockPath)) {
      discard(lockPath);
      continue;
    }
    if (Date.now() > deadline) throw new Error(`gave up waiting for the lock ${lockPath}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  try {
    return await work();
  } finally {
    rmSync(lockPath, { recursive: true, force: true });
  }
}

function tryTake(lockPath) {
  try {
    mkdirSync(lockPath);
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
  writeFileSync(path.join(lockPath, 'owner'), String(process.pid));
  return true;
}

function abandoned(lockPath) {
  try {
    const pid = Number(readFileSync(path.join(lockPath, 'owner'), 'utf8'));
    if (pid > 0) return !alive(pid);
  } catch {
    // No owner file: either being written this moment, or its maker died before writing it.
  }
  try {
    return Date.now() - statSync(lockPath).mtimeMs > OWNERLESS_MS;
  } catch {
    return false; // Released meanwhile.
  }
}

/** Of several that wait, two may find it abandoned and the second be late: what it moves away is then held. */
function discard(lockPath) {
  const aside = `${lockPath}.${process.pid}`;
  try {
    renameSync(lockPath, aside);
    if (abandoned(aside)) rmSync(aside, { recursive: true, force: true });
    else renameSync(aside, lockPath);
  } catch {
    // Another was faster.
  }
}

function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
