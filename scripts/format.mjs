// `npm run format`: the formatter's and the linter's safe corrections, applied.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { ensureDependencies } from './ensure-dependencies.mjs';
import { root } from './paths.mjs';

await ensureDependencies();
const biome = path.join(root, 'node_modules/@biomejs/biome/bin/biome');
const { status } = spawnSync(process.execPath, [biome, 'check', '--write', '.'], {
  cwd: root,
  stdio: 'inherit',
});
process.exit(status ?? 1);
