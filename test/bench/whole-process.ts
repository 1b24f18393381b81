import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';

/** One program run from start to end, or why it was not. */
export type ProcessResult =
  | { readonly name: string; readonly seconds: number; readonly output: string }
  | { readonly name: string; readonly skipped: string };

function time(name: string, command: string, args: readonly string[]): ProcessResult {
  const start = performance.now();
  const run = spawnSync(command, args, {
    encoding: 'utf8',
    maxBuffer: 1 << 30,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const seconds = (performance.now() - start) / 1000;
  if (run.error) return { name, skipped: `${command} could not be started: ${run.error.message}` };
  if (run.status !== 0) return { name, skipped: `${command} ended with status ${run.status}` };
  return { name, seconds, output: run.stdout };
}

/** The packaged command line on a file. */
export function runCli(root: string, file: string): ProcessResult {
  const name = 'handshake-inspector decode';
  const cli = join(root, 'dist', 'cli.js');
  if (!existsSync(cli)) return { name, skipped: 'dist/cli.js is missing: run `npm run build` first' };
  return time(name, process.execPath, [cli, 'decode', file, '--format', 'json']);
}

/** tshark on the same file, looking for the same two protocols. */
export function runTshark(file: string): ProcessResult {
  const name = "tshark -Y 'pgsql || mongo'";
  const found = spawnSync('tshark', ['--version'], { stdio: 'ignore' });
  if (found.error) return { name, skipped: 'tshark is not on the PATH' };
  return time(name, 'tshark', ['-r', file, '-Y', 'pgsql || mongo']);
}
