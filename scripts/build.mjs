// `npm run build`: the bundles in dist/. Says everything on stderr.
//   --if-stale   only if a source is newer than what is there
//   --only cli   only the named Node bundle (repeatable)
import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { ensureDependencies } from './ensure-dependencies.mjs';
import { fingerprint, isFresh, writeStamp } from './fingerprint.mjs';
import { distFolder, outFolder, root } from './paths.mjs';
import { thirdPartyLicenses } from './third-party.mjs';
import { withLock } from './toolchain/lock.mjs';
import { note } from './toolchain/run.mjs';

const SOURCES = ['src', 'package.json', 'package-lock.json', 'webpack.config.mjs', 'tsconfig.json'];

/**
 * @param {{ ifStale?: boolean, only?: string[] }} [options]
 * @returns {Promise<void>} rejects with the compiler's messages
 */
export async function build({ ifStale = false, only } = {}) {
  if (ifStale && fresh(only)) return;
  await ensureDependencies();
  mkdirSync(outFolder, { recursive: true });
  await withLock(path.join(outFolder, '.build.lock'), async () => {
    if (ifStale && fresh(only)) return; // Another process has built it while we waited.
    await compile(only);
  });
}

/** A full build serves every bundle; a partial one only its own. */
function fresh(only) {
  const print = fingerprint(SOURCES);
  const everything = isFresh(path.join(distFolder, 'cli.js'), stamp('all'), print);
  return everything || Boolean(only?.every((name) => isFresh(bundle(name), stamp(name), print)));
}

const bundle = (name) => path.join(distFolder, `${name}.js`);
const stamp = (name) => path.join(distFolder, '.stamps', name);

async function compile(only) {
  const started = Date.now();
  const print = fingerprint(SOURCES); // Before reading: what is written meanwhile must count as newer.
  const { default: webpack } = await import('webpack');
  const { default: configurations } = await import(pathToFileURL(path.join(root, 'webpack.config.mjs')).href);
  const compiler = webpack(configurations({ only }));
  const stats = await new Promise((resolve, reject) => {
    compiler.run((error, result) => {
      compiler.close(() => (error ? reject(error) : resolve(result)));
    });
  });
  // A warning is an error too: an import that a stand-in lacks is undefined when the program runs.
  if (stats.hasErrors() || stats.hasWarnings()) {
    throw new Error(stats.toString({ preset: 'errors-warnings', colors: process.stderr.isTTY }));
  }
  if (!only) {
    const notices = thirdPartyLicenses(stats.stats.map((each) => each.compilation));
    writeFileSync(path.join(distFolder, 'THIRD_PARTY_LICENSES.txt'), notices);
  }
  if (existsSync(bundle('cli'))) chmodSync(bundle('cli'), 0o755);
  for (const name of only ?? ['all']) writeStamp(stamp(name), print);
  const size = (only ?? ['extension', 'server', 'cli'])
    .map((name) => `${name} ${Math.round(statSync(bundle(name)).size / 1024)} KB`)
    .join(', ');
  note(`built ${size} in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { values } = parseArgs({
    options: { 'if-stale': { type: 'boolean' }, only: { type: 'string', multiple: true } },
  });
  try {
    await build({ ifStale: values['if-stale'], only: values.only });
  } catch (error) {
    note(error.message);
    process.exit(1);
  }
}
