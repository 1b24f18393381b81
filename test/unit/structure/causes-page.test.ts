import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CAUSES } from '../../../src/diagnosis/catalogue';

const root = resolve(__dirname, '../../..');

describe('docs/causes.md', () => {
  it('is what the catalogue and its words say', () => {
    const run = () =>
      execFileSync(process.execPath, ['scripts/causes-page.mjs', '--check'], { cwd: root, stdio: 'pipe' });
    expect(run).not.toThrow();
  }, 60_000);

  it('has every cause, under its code', () => {
    const page = readFileSync(resolve(root, 'docs/causes.md'), 'utf8');
    const headings = [...page.matchAll(/^### (\S+)$/gm)].map(([, code]) => code);
    expect([...headings].sort()).toEqual(Object.keys(CAUSES).sort());
  });
});
