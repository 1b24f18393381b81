import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { build } from '../../scripts/build.mjs';
import { distFolder, root } from '../../scripts/paths.mjs';
import { type BenchCapture, makeCapture } from '../bench/make-capture';

/** Enough for a second thread, and for the connections in it to end. */
const PACKETS = 40_000;

function decode(file: string, format: string, jobs: number) {
  const args = [path.join(distFolder, 'cli.js'), 'decode', file, '--format', format, '--jobs', String(jobs)];
  return spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
}

describe.skipIf(availableParallelism() < 2)('one file, decoded by two threads', () => {
  let capture: BenchCapture;

  beforeAll(async () => {
    await build({ ifStale: true });
    capture = makeCapture(root, 'mixed', PACKETS);
  });

  test.each(['list', 'json', 'sarif', 'text'])('%s is what one thread prints', (format) => {
    const one = decode(capture.file, format, 1);
    const two = decode(capture.file, format, 2);
    expect(one.status).toBe(0);
    expect(two.status).toBe(0);
    expect(one.stdout).toContain('mongo');
    expect(two.stdout === one.stdout, `${two.stdout.length} and ${one.stdout.length} characters`).toBe(true);
  });
});
