// Makes the checkout ready to run with nothing installed by hand before: `npm ci` where node_modules is
// missing or is not what package-lock.json says, and otherwise only two stat calls. Imports no dependency.
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './paths.mjs';
import { withLock } from './toolchain/lock.mjs';
import { npm } from './toolchain/npm.mjs';
import { note } from './toolchain/run.mjs';

const wanted = path.join(root, 'package-lock.json');
/** npm writes this last, so it says both what is installed and that the install came to its end. */
const installed = path.join(root, 'node_modules/.package-lock.json');

/** @returns {Promise<void>} rejects with npm's own words if the install fails */
export async function ensureDependencies() {
  if (areInstalled()) return;
  mkdirSync(path.join(root, 'out'), { recursive: true });
  await withLock(path.join(root, 'out/.dependencies.lock'), async () => {
    if (areInstalled()) return;
    const started = Date.now();
    note('installing the npm dependencies (npm ci)');
    // No package of ours needs its install script, and a script is somebody else's code run unasked.
    await npm(['ci', '--include=dev', '--include=optional', '--ignore-scripts'], root);
    note(`installed them in ${((Date.now() - started) / 1000).toFixed(1)} s`);
  });
}

function areInstalled() {
  try {
    if (statSync(installed).mtimeMs >= statSync(wanted).mtimeMs) return true;
    return samePackages();
  } catch {
    return false;
  }
}

/** A fresh checkout or a pull renews the lock file's time; what counts is whether its contents changed. */
function samePackages() {
  const have = JSON.parse(readFileSync(installed, 'utf8')).packages;
  const want = JSON.parse(readFileSync(wanted, 'utf8')).packages;
  return Object.entries(want).every(([name, entry]) => {
    if (name === '' || (entry.optional && !have[name])) return true;
    return have[name]?.version === entry.version;
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    await ensureDependencies();
  } catch (error) {
    note(error.message);
    process.exit(1);
  }
}
