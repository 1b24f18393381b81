import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { build } from '../../scripts/build.mjs';
import { distFolder, root } from '../../scripts/paths.mjs';

describe('the bundles', () => {
  let elsewhere: string;

  beforeAll(async () => {
    await build({ ifStale: true });
    elsewhere = mkdtempSync(path.join(tmpdir(), 'handshake-inspector-bin-'));
  });

  afterAll(() => rmSync(elsewhere, { recursive: true, force: true }));

  test('the command line runs with plain node, and as the program that npm links', () => {
    const cli = path.join(distFolder, 'cli.js');
    const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
    expect(
      execFileSync(process.execPath, [cli, '--version'], { cwd: elsewhere, encoding: 'utf8' }),
    ).toContain(version);
    expect(readFileSync(cli, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
    expect(statSync(cli).mode & 0o111).toBe(0o111);
    const link = path.join(elsewhere, 'handshake-inspector');
    symlinkSync(cli, link);
    expect(execFileSync(link, ['--version'], { encoding: 'utf8' })).toContain(version);
  });

  test('`npm run cli` prints only what the program prints, where the person stands', () => {
    const { stdout, status } = spawnSync(
      'npm',
      ['--prefix', root, 'run', '--silent', 'cli', '--', '--version'],
      {
        cwd: elsewhere,
        encoding: 'utf8',
      },
    );
    expect(status).toBe(0);
    expect(stdout).toMatch(/^\S*\d+\.\d+\.\d+\n$/);
  });

  test('`npm run cli` passes the exit status on', () => {
    const missing = path.join(elsewhere, 'missing.pcap');
    const args = ['--prefix', root, 'run', '--silent', 'cli', '--', 'decode', missing];
    const { status, stdout } = spawnSync('npm', args, { cwd: elsewhere, encoding: 'utf8' });
    expect(stdout).toBe('');
    expect(status).toBe(2);
  });
});
