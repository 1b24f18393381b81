// `npm run bench [-- PACKETS]`: how fast captures are read, beside pcap-parser, a bare scan of the same file and tshark. The
// captures (of a million packets unless said, a tenth and ten times that) are made once and kept in the system's temporary folder.
// All of it runs on Node 24; the list also on the Node that runs this, if that is another.
// Then how many logins a second our mongos takes, beside FerretDB. `npm run bench -- logins`: only that.
// How much memory captures take that are made to fill it. `npm run bench -- bounds [CONNECTIONS]`: only that.
// Then how long a login to PostgreSQL takes, and how many a second the lab takes. `npm run bench -- postgres`: only that.
// Then how long it takes to save a redacted copy of 100,000 logins with different names. `npm run bench -- redaction`: only that.
// What a person waits for in the editor while a capture of 1 GB is opened and looked at. `npm run bench -- editor`: only that.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build as buildBundles } from './build.mjs';
import { ensureDependencies } from './ensure-dependencies.mjs';
import { outFolder, root } from './paths.mjs';
import { provide } from './toolchain/index.mjs';
import { note, onPath } from './toolchain/run.mjs';

const only = ['logins', 'postgres', 'bounds', 'redaction', 'editor'].find((name) => name === process.argv[2]);
const packets = Number(process.argv[2] ?? 1_000_000);
if (!only && !(Number.isInteger(packets) && packets >= 10_000)) {
  process.stderr.write(
    'usage: npm run bench -- PACKETS (at least 10000), or logins, or postgres, or redaction, or editor, or bounds [CONNECTIONS]\n',
  );
  process.exit(2);
}
await ensureDependencies();
// esbuild comes with esbuild-loader.
const require = createRequire(createRequire(import.meta.url).resolve('esbuild-loader'));

/** The scripts' own modules start programs by their file's name: they stay where they are. */
const toolchain = {
  name: 'toolchain',
  setup: (build) =>
    build.onResolve({ filter: /scripts\/toolchain\// }, ({ path: name, resolveDir }) => ({
      path: pathToFileURL(path.resolve(resolveDir, name)).href,
      external: true,
    })),
};

/** Bundles a part of the benchmark and runs it. @param {string} [node] the Node that runs it and the programs it times */
async function runPart(name, args, node = process.execPath) {
  const bundle = await bundlePart(name);
  return spawnSync(node, ['--no-deprecation', bundle, ...args], { stdio: 'inherit' }).status ?? 1;
}

/**
 * @param {'esm' | 'cjs'} [format] a program that is timed from its start is a script: modules take longer to load
 * @returns {Promise<string>} where the bundle is
 */
async function bundlePart(name, format = 'esm') {
  const bundle = path.join(outFolder, 'bench', `${name}.${format === 'esm' ? 'mjs' : 'cjs'}`);
  mkdirSync(path.dirname(bundle), { recursive: true });
  const js = "import { createRequire as __r } from 'node:module'; const require = __r(import.meta.url);";
  await require('esbuild').build({
    entryPoints: [path.join(root, `test/bench/${name}.ts`)],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format,
    target: 'node20',
    external: ['pcap-parser', 'pg'],
    plugins: [toolchain],
    banner: format === 'esm' ? { js } : {},
    logLevel: 'warning',
  });
  return bundle;
}

async function benchReaders() {
  try {
    await buildBundles({ ifStale: true, only: ['cli'] });
  } catch (error) {
    note(`the command line cannot be built and is left out: ${error.message.split('\n')[0]}`);
  }
  const readers = [];
  for (const name of ['read-ours', 'read-headers', 'read-pcap-parser'])
    readers.push(await bundlePart(name, 'cjs'));
  // The Node that VS Code has, for that is where the decoder runs; this one is timed beside it where it is another.
  const { node = process.execPath } = await provide('node24');
  const older = node === process.execPath || process.versions.node.startsWith('24.') ? '' : process.execPath;
  return runPart('main', [root, String(packets), older, ...readers], node);
}

async function benchBounds() {
  await buildBundles({ ifStale: true, only: ['cli'] });
  const { node = process.execPath } = await provide('node24');
  return runPart('bounds', [root, process.argv[3] ?? '1000000'], node);
}

async function benchLogins() {
  const ferretdb = await provide('ferretdb');
  const lab = await bundlePart('mongo-lab-process');
  return runPart('mongo-logins', [lab, ferretdb.path ?? '', ferretdb.skipped ?? '']);
}

async function benchPostgres() {
  const [server, psql] = [await provide('postgres18'), await provide('psql')];
  const skipped = server.skipped ?? psql.skipped;
  if (skipped) {
    note(`PostgreSQL logins: skipped, ${skipped}`);
    return 0;
  }
  const lab = await bundlePart('postgres-lab-process');
  return runPart('postgres-logins', [server.bin, server.lib, psql.path, onPath('pgbench') ?? '', lab]);
}

const benchRedaction = () => runPart('redaction', []);

/** The end-to-end test of a large capture, which then asserts times too. */
async function benchEditor() {
  await buildBundles({ ifStale: true });
  const vitest = path.join(root, 'node_modules/vitest/vitest.mjs');
  const env = { ...process.env, HANDSHAKE_INSPECTOR_TIMED: '1' };
  const args = [vitest, 'run', '--project', 'e2e', 'test/e2e/opening.test.ts'];
  return spawnSync(process.execPath, args, { cwd: root, env, stdio: 'inherit' }).status ?? 1;
}

const parts = {
  readers: benchReaders,
  bounds: benchBounds,
  logins: benchLogins,
  postgres: benchPostgres,
  redaction: benchRedaction,
  editor: benchEditor,
};
for (const [name, run] of Object.entries(parts)) {
  if (only && only !== name) continue;
  const status = await run();
  if (status !== 0) process.exit(status);
}
