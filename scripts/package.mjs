// `npm run package`: out/handshake-inspector.vsix, with fresh bundles in it.
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from './build.mjs';
import { fingerprint, isFresh, writeStamp } from './fingerprint.mjs';
import { outFolder, root, vsixFile } from './paths.mjs';
import { withLock } from './toolchain/lock.mjs';
import { note } from './toolchain/run.mjs';

const CONTENTS = ['dist', 'media', 'package.json', 'README.md', 'CHANGELOG.md', 'LICENSE', '.vscodeignore'];
const stamp = path.join(outFolder, '.vsix-stamp');

/**
 * @param {{ ifStale?: boolean }} [options]
 * @returns {Promise<string>} the VSIX's path
 */
export async function packageExtension({ ifStale = false } = {}) {
  await build({ ifStale });
  mkdirSync(outFolder, { recursive: true });
  return withLock(path.join(outFolder, '.package.lock'), async () => {
    const print = fingerprint(CONTENTS);
    if (ifStale && isFresh(vsixFile, stamp, print)) return vsixFile;
    await createVsix();
    writeStamp(stamp, print);
    const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
    note(
      `packaged version ${version}: ${path.relative(root, vsixFile)}, ${Math.round(statSync(vsixFile).size / 1024)} KB`,
    );
    return vsixFile;
  });
}

async function createVsix() {
  const { default: vsce } = await import('@vscode/vsce');
  // vsce reports with console.log, and stdout is not ours to write to.
  const { log, info } = console;
  console.log = console.info = () => {};
  try {
    await vsce.createVSIX({
      cwd: root,
      packagePath: vsixFile,
      dependencies: false, // Everything is in the bundles.
      allowMissingRepository: true,
      rewriteRelativeLinks: false,
    });
  } finally {
    Object.assign(console, { log, info });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { values } = parseArgs({ options: { 'if-stale': { type: 'boolean' } } });
  try {
    await packageExtension({ ifStale: values['if-stale'] });
  } catch (error) {
    note(error.message);
    process.exit(1);
  }
}
