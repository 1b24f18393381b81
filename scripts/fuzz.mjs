// `npm run fuzz [-- RUNS]`: the fuzz tests with many more runs than in `npm test`, and new random values each time.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { ensureDependencies } from './ensure-dependencies.mjs';
import { root } from './paths.mjs';

const runs = Number(process.argv[2] ?? 20_000);
if (!(runs > 0)) {
  process.stderr.write('usage: npm run fuzz -- RUNS\n');
  process.exit(2);
}
await ensureDependencies();
const vitest = path.join(root, 'node_modules/vitest/vitest.mjs');
const { status } = spawnSync(
  process.execPath,
  [vitest, 'run', '--project', 'fuzz', '--testTimeout=3600000'],
  {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, HANDSHAKE_INSPECTOR_FUZZ_RUNS: String(runs) },
  },
);
process.exit(status ?? 1);
