// A real VS Code served over HTTP: code-server from the npm registry, its four native parts compiled here.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { cached } from './cache.mjs';
import { node24 } from './node24.mjs';
import { installPackage, npm, rebuildNative } from './npm.mjs';
import { onPath } from './run.mjs';

const VERSION = '4.139.1';
/** The packages of `lib/vscode` that are nothing without their compiled part. */
const NATIVE = ['@vscode/spdlog', '@vscode/native-watchdog', '@parcel/watcher', 'node-pty'];

/** @returns {Promise<{ node: string, entry: string } | { skipped: string }>} run as `node entry …flags` */
export async function codeServer() {
  const runtime = await node24();
  if ('skipped' in runtime) return runtime;
  for (const tool of ['make', 'c++', 'python3']) {
    if (!onPath(tool)) return { skipped: `code-server needs ${tool} to compile its native parts` };
  }
  const folder = await cached(`code-server-${VERSION}`, async (into) => {
    const server = await installPackage(`code-server@${VERSION}`, into);
    const vscode = path.join(server, 'lib/vscode');
    await npm(['install', '--omit=dev', '--ignore-scripts', '--no-package-lock'], vscode);
    for (const name of NATIVE) {
      const native = path.join(vscode, 'node_modules', name);
      if (!existsSync(native)) throw new Error(`code-server ${VERSION} has no ${name} any more`);
      await rebuildNative(native, runtime.headers, runtime.node);
    }
  });
  return { node: runtime.node, entry: path.join(folder, 'node_modules/code-server/out/node/entry.js') };
}
