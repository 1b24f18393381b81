// `npm run --silent cli -- ARGUMENTS`: the command line straight from the checkout, built first if its
// sources have changed. stdout carries nothing but the program's own output.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import path from 'node:path';
import { build } from './build.mjs';
import { distFolder } from './paths.mjs';
import { note } from './toolchain/run.mjs';

try {
  await build({ ifStale: true, only: ['cli'] });
} catch (error) {
  note(error.message);
  process.exit(70); // EX_SOFTWARE: neither of the statuses that the program itself ends with.
}

// npm changes to the package's folder; a relative FILE means relative to where the person typed it.
const cwd = process.env.INIT_CWD ?? process.cwd();
const child = spawn(process.execPath, [path.join(distFolder, 'cli.js'), ...process.argv.slice(2)], {
  cwd,
  stdio: 'inherit',
});
// A Ctrl-C reaches the program too, being in the same process group: what it makes of it is our status.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    if (signal !== 'SIGINT') child.kill(signal);
  });
}
child.on('error', (error) => {
  note(error.message);
  process.exit(70);
});
child.on('exit', (status, signal) => process.exit(status ?? 128 + constants.signals[signal]));
