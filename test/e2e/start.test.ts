import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { root } from '../../scripts/paths.mjs';
import { describeWith } from '../support/toolchain';

await describeWith('npm start', ['codeServer'], () => {
  test('serves VS Code on the demo workspace and stops again', () => {
    const { stdout, stderr, status } = spawnSync('npm', ['start', '--silent', '--', '--served', '--check'], {
      cwd: root,
      encoding: 'utf8',
      timeout: 180_000,
    });
    expect(stdout, stderr).toMatch(/is ready: http:\/\/127\.0\.0\.1:\d+\/\?folder=\S+demo/);
    expect(status).toBe(0);
  });
});
