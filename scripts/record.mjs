// `npm run record [-- PART…]`: records the captures in test/fixtures again, from real PostgreSQL 18 and an older one, psql with
// both libpqs, the npm clients pg and mongodb (current and 3.x). With PARTs, only those whose name contains one of them.
// Every recording differs in its random bytes: read what changes in the golden texts before you commit.
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { outFolder, root } from './paths.mjs';
import { note } from './toolchain/run.mjs';

const bundle = path.join(outFolder, 'record', 'main.mjs');

try {
  await compile();
  const { recordFixtures } = await import(pathToFileURL(bundle).href);
  await recordFixtures(path.join(root, 'test/fixtures'), process.argv.slice(2));
} catch (error) {
  note(error.stack ?? String(error));
  process.exitCode = 1;
} finally {
  rmSync(path.dirname(bundle), { recursive: true, force: true });
}

/** The recorder is written in the language of the rooms it uses; packages stay where they are. */
async function compile() {
  const { build } = await import('esbuild');
  mkdirSync(path.dirname(bundle), { recursive: true });
  await build({
    entryPoints: [path.join(root, 'test/record/main.ts')],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    // As deep as test/record, so the scripts' paths hold; they find things by their own place.
    external: ['../../scripts/*'],
    logLevel: 'warning',
  });
}
