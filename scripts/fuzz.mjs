// `npm run fuzz [-- RUNS]`: the fuzz tests with many more runs of each than in `npm test`, and new random values each time. Says at
// the end how many inputs were tried, and for each family of readers what the worst of them took (test/support/guard.ts).
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
const reports = lines.filter((line) => line !== '').map((line) => JSON.parse(line));
const families = new Map();
for (const [family, spent] of reports.flatMap((report) => report.families)) {
  const sum = families.get(family) ?? { inputs: 0, slowest: 0, arrays: 0, growth: 0 };
  sum.inputs += spent.inputs;
  for (const most of ['slowest', 'arrays', 'growth']) sum[most] = Math.max(sum[most], spent[most]);
  families.set(family, sum);
}
const number = (value, width) => Math.round(value).toLocaleString('en').padStart(width);
const megabytes = (bytes) => `${(bytes / 2 ** 20).toFixed(1).padStart(5)} MB`;
process.stdout.write('family           inputs   slowest, processor   most in arrays   most growth\n');
for (const [family, { inputs, slowest, arrays, growth }] of families) {
  const took = `${number(slowest, 16)} ms`;
  process.stdout.write(
    `${family.padEnd(13)}${number(inputs, 10)}${took}  ${megabytes(arrays).padStart(15)}${megabytes(growth).padStart(14)}\n`,
  );
}
const inputs = reports.reduce((sum, report) => sum + report.inputs, 0);
process.stdout.write(`${number(inputs, 0)} inputs tried\n`);
process.exit(status ?? 1);
