import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { DecodeFormat } from '../../src/cli/formats';

/** One program run from start to end. */
export interface ProcessRun {
  /** Wall clock. */
  readonly seconds: number;
  /** Processor time of user and system, all threads. */
  readonly cpu: number;
  /** Peak resident size, MB; null where /usr/bin/time is not there to tell. */
  readonly peakMb: number | null;
  /** Lines written. */
  readonly lines: number;
}

const TIME = '/usr/bin/time';

/** Runs a program and counts the lines it prints. */
export function run(command: string, args: readonly string[]): Promise<ProcessRun> {
  const timed = existsSync(TIME);
  const start = performance.now();
  const child = timed
    ? spawn(TIME, ['-f', 'TIMES %U %S %M', command, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    : spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let lines = 0;
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => {
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines++;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-4096);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => {
      if (status !== 0) reject(new Error(`${command} ended with status ${status}: ${errors}`));
      const [, user, system, peak] = /TIMES ([\d.]+) ([\d.]+) (\d+)/.exec(errors) ?? [];
      resolve({
        seconds: (performance.now() - start) / 1000,
        cpu: Number(user) + Number(system),
        peakMb: peak === undefined ? null : Number(peak) / 1024,
        lines,
      });
    });
  });
}

/** What is compared: the list has a line for each trace and one more, JSON a line for each trace and two more. */
export type CliFormat = 'list' | 'json';

/** The packaged command line. @param node the Node that runs it. */
export function runCli(
  root: string,
  file: string,
  format: DecodeFormat,
  node = process.execPath,
): Promise<ProcessRun> {
  return run(node, [join(root, 'dist', 'cli.js'), 'decode', file, '--format', format]);
}

/** tshark looking for the same two protocols: a line for each packet, or as JSON all it knows of each. */
export function runTshark(file: string, format: CliFormat): Promise<ProcessRun> {
  const json = format === 'json' ? ['-T', 'json'] : [];
  return run('tshark', ['-r', file, '-Y', 'pgsql || mongo', ...json]);
}

/** A reader of this benchmark, a program of its own that loads nothing else; the library calls what Node warns of. */
export function runReader(program: string, file: string): Promise<ProcessRun> {
  return run(process.execPath, ['--no-deprecation', program, file]);
}

export function hasTshark(): boolean {
  return spawnSync('tshark', ['--version'], { stdio: 'ignore' }).error === undefined;
}

/** What runs on this machine besides us makes every number worse: said with them. */
export function loadAverage(): string {
  try {
    return readFileSync('/proc/loadavg', 'utf8').split(' ')[0];
  } catch {
    return 'unknown';
  }
}
