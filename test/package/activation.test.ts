import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { build } from '../../scripts/build.mjs';
import { distFolder, root } from '../../scripts/paths.mjs';

/** Of more than a megabyte of bundles: what VS Code must read before it can show a host or open a capture. */
const LIMIT_BYTES = 64 * 1024;

beforeAll(() => build({ ifStale: true }));

test('activation reads next to nothing', () => {
  const probe = path.join(root, 'test/support/activation-probe.cjs');
  const printed = execFileSync(process.execPath, [probe, distFolder], { encoding: 'utf8' });
  const { files } = JSON.parse(printed) as { files: [name: string, bytes: number][] };
  expect(files.map(([name]) => name)).toContain('extension.js');
  const bytes = files.reduce((sum, [, size]) => sum + size, 0);
  expect(bytes, JSON.stringify(files)).toBeLessThanOrEqual(LIMIT_BYTES);
});
