// `npm run bench [-- PACKETS]`: how fast captures are read, beside pcap-parser, a bare scan of the same file and tshark. The
// captures (of a million packets unless said, a tenth and ten times that) are made once and kept in the system's temporary folder.
// Then how many logins a second our mongos takes, beside FerretDB. `npm run bench -- logins`: only that.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build as buildBundles } from './build.mjs';
import { ensureDependencies } from './ensure-dependencies.mjs';
import { outFolder, root } from './paths.mjs';
import { provide } from './toolchain/index.mjs';
import { note } from './toolchain/run.mjs';

const onlyLogins = process.argv[2] === 'logins';
const packets = Number(process.argv[2] ?? 1_000_000);
if (!onlyLogins && !(Number.isInteger(packets) && packets >= 10_000)) {
  process.stderr.write('usage: npm run bench -- PACKETS (at least 10000), or logins\n');
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

/** Bundles a part of the benchmark and runs it. */
async function runPart(name, args) {
  const bundle = path.join(outFolder, 'bench', `${name}.mjs`);
  mkdirSync(path.dirname(bundle), { recursive: true });
  await require('esbuild').build({
    entryPoints: [path.join(root, `test/bench/${name}.ts`)],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['pcap-parser'],
    plugins: [toolchain],
    banner: {
      js: "import { createRequire as __r } from 'node:module'; const require = __r(import.meta.url);",
    },
    logLevel: 'warning',
  });
  return spawnSync(process.execPath, ['--no-deprecation', bundle, ...args], { stdio: 'inherit' }).status ?? 1;
}

async function benchReaders() {
  try {
    await buildBundles({ ifStale: true, only: ['cli'] });
  } catch (error) {
    note(`the command line cannot be built and is left out: ${error.message.split('\n')[0]}`);
  }
  return runPart('main', [root, String(packets)]);
}

async function benchLogins() {
  const ferretdb = await provide('ferretdb');
  return runPart('mongo-logins', [ferretdb.path ?? '', ferretdb.skipped ?? '']);
}

const readers = onlyLogins ? 0 : await benchReaders();
process.exit(readers || (await benchLogins()));
