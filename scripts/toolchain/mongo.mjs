// Clients of MongoDB that are not in package.json, and a server that speaks its protocol.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cached } from './cache.mjs';
import { installPackage } from './npm.mjs';
import { onPath, run } from './run.mjs';
import { findOrInstall } from './system-packages.mjs';

const MONGOSH = '2.12.0';
const FERRETDB = '1.24.0';

/** @returns {Promise<{ entry: string }>} run as `node entry …` */
export async function mongosh() {
  const folder = await cached(`mongosh-${MONGOSH}`, (into) =>
    installPackage(`mongosh@${MONGOSH}`, into).then(() => {}),
  );
  return { entry: path.join(folder, 'node_modules/mongosh/bin/mongosh.js') };
}

/** @returns {Promise<{ python: string } | { skipped: string }>} a Python that has PyMongo */
export async function pymongo() {
  const found = await findOrInstall('python3-pymongo', pythonWithPymongo);
  return typeof found === 'string' ? { python: found } : found;
}

function pythonWithPymongo() {
  // Debian's packages are for Debian's Python, which need not be the first on PATH.
  return [onPath('python3'), '/usr/bin/python3'].find((python) => {
    if (!python) return false;
    try {
      execFileSync(python, ['-c', 'import pymongo, sys; sys.exit(pymongo.version_tuple[0] > 3)'], {
        stdio: 'ignore',
      });
      return true;
    } catch {
      return false;
    }
  });
}

/** @returns {Promise<{ cc: string, include: string } | { skipped: string }>} a C compiler; the folder of the headers' folders */
export async function libmongoc() {
  const cc = onPath('cc', 'gcc', 'clang');
  if (!cc) return { skipped: 'libmongoc needs a C compiler' };
  const found = await findOrInstall('libmongoc-dev', () =>
    ['/usr/include', '/usr/local/include'].find((folder) =>
      existsSync(path.join(folder, 'libmongoc-1.0/mongoc/mongoc.h')),
    ),
  );
  return typeof found === 'string' ? { cc, include: found } : found;
}

/**
 * FerretDB's last 1.x, which keeps its data in SQLite and so needs no other server. It is built in its own module, against its own
 * go.sum; `go install …@version` would also ask the module proxy for the list of all versions, which not every proxy gives.
 *
 * @returns {Promise<{ path: string, version: string } | { skipped: string }>}
 */
export async function ferretdb() {
  const go = onPath('go') ?? (existsSync('/usr/local/go/bin/go') ? '/usr/local/go/bin/go' : undefined);
  if (!go) return { skipped: 'FerretDB is built from its Go module, and there is no go' };
  const folder = await cached(`ferretdb-${FERRETDB}`, async (into) => {
    const env = { ...process.env, GOFLAGS: '', GOTOOLCHAIN: 'local' };
    const module = `github.com/FerretDB/FerretDB@v${FERRETDB}`;
    const { Dir } = JSON.parse(await run(go, ['mod', 'download', '-json', module], { cwd: into, env }));
    const source = path.join(into, 'source');
    cpSync(Dir, source, { recursive: true });
    await run('chmod', ['-R', 'u+w', source]); // Go's module cache is read-only.
    // Its release script writes this file from the tag; without it the program does not start.
    writeFileSync(path.join(source, 'build/version/version.txt'), `v${FERRETDB}\n`);
    mkdirSync(path.join(into, 'bin'));
    const output = path.join(into, 'bin/ferretdb');
    await run(go, ['build', '-trimpath', '-o', output, './cmd/ferretdb'], { cwd: source, env });
    rmSync(source, { recursive: true, force: true });
  });
  return { path: path.join(folder, 'bin/ferretdb'), version: FERRETDB };
}
