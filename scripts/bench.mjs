// `npm run bench [-- PACKETS]`: how fast captures are read, beside pcap-parser, a bare scan of the same file and tshark. The
// captures (of a million packets unless said, a tenth and ten times that) are made once and kept in the system's temporary folder.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { build as buildBundles } from './build.mjs';
import { ensureDependencies } from './ensure-dependencies.mjs';
import { outFolder, root } from './paths.mjs';
import { note } from './toolchain/run.mjs';

const packets = Number(process.argv[2] ?? 1_000_000);
if (!(Number.isInteger(packets) && packets >= 10_000)) {
  process.stderr.write('usage: npm run bench -- PACKETS (at least 10000)\n');
  process.exit(2);
}
await ensureDependencies();
try {
  await buildBundles({ ifStale: true, only: ['cli'] });
} catch (error) {
  note(`the command line cannot be built and is left out: ${error.message.split('\n')[0]}`);
}
// esbuild comes with esbuild-loader.
const require = createRequire(createRequire(import.meta.url).resolve('esbuild-loader'));
const bundle = path.join(outFolder, 'bench', 'main.mjs');
mkdirSync(path.dirname(bundle), { recursive: true });
await require('esbuild').build({
  entryPoints: [path.join(root, 'test/bench/main.ts')],
  outfile: bundle,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  external: ['pcap-parser'],
  banner: { js: "import { createRequire as __r } from 'node:module'; const require = __r(import.meta.url);" },
  logLevel: 'warning',
});
const { status } = spawnSync(process.execPath, ['--no-deprecation', bundle, root, String(packets)], {
  stdio: 'inherit',
});
process.exit(status ?? 1);
