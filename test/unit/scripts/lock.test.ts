import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { withLock } from '../../../scripts/toolchain/lock.mjs';

describe('a lock between processes', () => {
  let folder: string;
  let lock: string;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'handshake-inspector-lock-'));
    lock = path.join(folder, 'x.lock');
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('lets one in at a time', async () => {
    let inside = 0;
    let most = 0;
    const work = async () => {
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setTimeout(resolve, 20));
      inside--;
    };
    await Promise.all([withLock(lock, work), withLock(lock, work), withLock(lock, work)]);
    expect(most).toBe(1);
    expect(existsSync(lock)).toBe(false);
  });

  test('is released by a failure, which passes through', async () => {
    const failing = withLock(lock, async () => {
      throw new Error('inside');
    });
    await expect(failing).rejects.toThrow('inside');
    expect(existsSync(lock)).toBe(false);
  });

  test('is taken over from a process that has ended', async () => {
    const { pid } = spawnSync(process.execPath, ['--version']);
    mkdirSync(lock);
    writeFileSync(path.join(lock, 'owner'), String(pid));
    await expect(withLock(lock, async () => 'in', { timeoutMs: 1000 })).resolves.toBe('in');
  });

  test('is waited for no longer than said while its owner runs', async () => {
    mkdirSync(lock);
    writeFileSync(path.join(lock, 'owner'), String(process.pid));
    await expect(withLock(lock, async () => 'in', { timeoutMs: 300 })).rejects.toThrow('gave up waiting');
  });
});
