// Programs of the operating system: found first, else installed where this is Debian and we are root.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cacheRoot } from './cache.mjs';
import { withLock } from './lock.mjs';
import { note, onPath, run } from './run.mjs';

let updated = false;

/**
 * @param {string} debianPackage
 * @param {() => string | undefined} find path of the program, once it is there
 * @returns {Promise<string | { skipped: string }>}
 */
export async function findOrInstall(debianPackage, find) {
  const found = find();
  if (found) return found;
  if (!onPath('apt-get'))
    return { skipped: `${debianPackage} is not installed, and there is no apt-get to install it` };
  if (process.getuid?.() !== 0) {
    return {
      skipped: `${debianPackage} is not installed; as root this would install it (apt-get install ${debianPackage})`,
    };
  }
  mkdirSync(cacheRoot(), { recursive: true, mode: 0o755 });
  try {
    return await withLock(path.join(cacheRoot(), 'apt.lock'), async () => {
      const byAnother = find();
      if (byAnother) return byAnother;
      await aptInstall(debianPackage);
      return find() ?? { skipped: `${debianPackage} was installed, but its program was not found` };
    });
  } catch (error) {
    return { skipped: `${debianPackage} could not be installed: ${error.message}` };
  }
}

async function aptInstall(debianPackage) {
  const started = Date.now();
  note(`installing ${debianPackage} with apt-get`);
  declineDefaultCluster();
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const waitForLock = ['-o', 'DPkg::Lock::Timeout=300'];
  if (!updated) await run('apt-get', ['update', '-q', ...waitForLock], { env });
  updated = true;
  const install = ['install', '-q', '-y', '--no-install-recommends', ...waitForLock, debianPackage];
  await withoutServices(() => run('apt-get', install, { env }));
  note(`installed ${debianPackage} in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

/**
 * Debian's PostgreSQL would create a cluster and start it as a service at once. Its own switch says no; a
 * choice that the machine's owner has already made stays as it is.
 */
function declineDefaultCluster() {
  const file = '/etc/postgresql-common/createcluster.conf';
  if (existsSync(file)) return;
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, 'create_main_cluster = false\n');
}

/**
 * Debian starts what it installs as a service at once (pgbouncer, HAProxy, sshd). policy-rc.d says no for as long as we install; one that
 * the machine's owner has written stays as it is.
 */
async function withoutServices(work) {
  const file = '/usr/sbin/policy-rc.d';
  if (existsSync(file)) return work();
  writeFileSync(file, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}
