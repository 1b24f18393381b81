// `npm run fuzz [-- RUNS]`: the fuzz tests with many more runs of each than in `npm test`, and new random values each time. Says at
// the end how many inputs were tried.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { ensureDependencies } from './ensure-dependencies.mjs';
import { outFolder, root } from './paths.mjs';

const runs = Number(process.argv[2] ?? 36_000);
if (!(runs > 0)) {
  process.stderr.write('usage: npm run fuzz -- RUNS\n');
  process.exit(2);
}
await ensureDependencies();
const counts = path.join(outFolder, `fuzz-counts.${process.pid}`);
mkdirSync(outFolder, { recursive: true });
const vitest = path.join(root, 'node_modules/vitest/vitest.mjs');
const { status } = spawnSync(
  process.execPath,
  [vitest, 'run', '--project', 'fuzz', '--testTimeout=3600000'],
  {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      HANDSHAKE_INSPECTOR_FUZZ_RUNS: String(runs),
      HANDSHAKE_INSPECTOR_FUZZ_COUNTS: counts,
    },
  },
);
const lines = existsSync(counts) ? readFileSync(counts, 'utf8').trim().split('\n') : [];
rmSync(counts, { force: true });
const inputs = lines.reduce((sum, line) => sum + Number(line), 0);
process.stdout.write(`${inputs.toLocaleString('en')} inputs tried\n`);
process.exit(status ?? 1);
