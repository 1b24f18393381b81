import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cached } from '../../../scripts/toolchain/cache.mjs';

describe('the cache of tools', () => {
  let folder: string;
  const before = process.env.HANDSHAKE_INSPECTOR_CACHE;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'handshake-inspector-cache-'));
    process.env.HANDSHAKE_INSPECTOR_CACHE = folder;
  });

  afterEach(() => {
    if (before === undefined) delete process.env.HANDSHAKE_INSPECTOR_CACHE;
    else process.env.HANDSHAKE_INSPECTOR_CACHE = before;
    rmSync(folder, { recursive: true, force: true });
  });

  test('installs once for all who ask at the same time', async () => {
    let installs = 0;
    const install = async (into: string) => {
      installs++;
      await new Promise((resolve) => setTimeout(resolve, 50));
      writeFileSync(path.join(into, 'tool'), 'x');
    };
    const found = await Promise.all([cached('tool-1', install), cached('tool-1', install)]);
    expect(installs).toBe(1);
    expect(found).toEqual([path.join(folder, 'tool-1'), path.join(folder, 'tool-1')]);
    expect(readdirSync(folder)).toEqual(['tool-1']);
  });

  test('keeps nothing of an install that failed, and tries again when asked again', async () => {
    const failing = cached('tool-1', async (into) => {
      writeFileSync(path.join(into, 'half'), 'x');
      throw new Error('no network');
    });
    await expect(failing).rejects.toThrow('no network');
    expect(readdirSync(folder)).toEqual([]);
    await cached('tool-1', async (into) => writeFileSync(path.join(into, 'tool'), 'x'));
    expect(existsSync(path.join(folder, 'tool-1/tool'))).toBe(true);
  });

  test('clears away what a killed install has left, and only of the same tool', async () => {
    for (const name of ['.installing-tool-1-abc', '.installing-other-2-abc'])
      mkdirSync(path.join(folder, name));
    await cached('tool-1', async () => {});
    expect(readdirSync(folder).sort()).toEqual(['.installing-other-2-abc', 'tool-1']);
  });
});
