import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(__dirname, '../../..');

describe('media/trace-v2.schema.json', () => {
  it('is what src/trace/model.ts says', () => {
    const run = () =>
      execFileSync(process.execPath, ['scripts/trace-schema.mjs', '--check'], { cwd: root, stdio: 'pipe' });
    expect(run).not.toThrow();
  }, 60_000);
});
