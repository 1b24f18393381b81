// npm as the scripts use it: the npm that belongs to this Node, without install scripts.
import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { onPath, run } from './run.mjs';

const QUIET = ['--no-audit', '--no-fund', '--no-progress', '--loglevel=error'];

/** @returns {string} npm's own folder, which also holds the node-gyp it uses. */
export function npmFolder() {
  const besideNode = path.resolve(path.dirname(realpathSync(process.execPath)), '../lib/node_modules/npm');
  const candidates = [process.env.npm_execpath, onPath('npm')]
    .filter((file) => file && existsSync(file))
    .map((file) => path.dirname(path.dirname(realpathSync(file))));
  candidates.push(besideNode, path.join(path.dirname(process.execPath), 'node_modules/npm'));
  const found = candidates.find((folder) => existsSync(path.join(folder, 'bin/npm-cli.js')));
  if (!found) throw new Error('npm was not found beside node nor on PATH');
  return found;
}

/** Runs npm in `cwd`. */
export function npm(args, cwd, env = process.env) {
  return run(process.execPath, [path.join(npmFolder(), 'bin/npm-cli.js'), ...args, ...QUIET], { cwd, env });
}

/**
 * Puts one registry package into `folder/node_modules`, scripts not run.
 * @returns {Promise<string>} the package's folder
 */
export async function installPackage(spec, folder) {
  await npm(['install', '--prefix', folder, '--no-package-lock', '--ignore-scripts', spec], folder);
  return path.join(folder, 'node_modules', spec.replace(/(?<=.)@[^@/]*$/, ''));
}

/** Compiles a package's native part with npm's own node-gyp against the headers in `nodeFolder`. */
export function rebuildNative(packageFolder, nodeFolder, nodeBinary) {
  const gyp = path.join(npmFolder(), 'node_modules/node-gyp/bin/node-gyp.js');
  const env = { ...process.env, PATH: `${path.dirname(nodeBinary)}${path.delimiter}${process.env.PATH}` };
  return run(nodeBinary, [gyp, 'rebuild', '--release', `--nodedir=${nodeFolder}`], {
    cwd: packageFolder,
    env,
  });
}
