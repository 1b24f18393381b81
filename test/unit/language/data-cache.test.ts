import { describe, expect, it } from 'vitest';
import { DataCache } from '../../../src/language/data-cache';

describe('DataCache', () => {
  it('reads once for all who ask, one pass at a time, and keeps few', async () => {
    const reads: string[] = [];
    let running = 0;
    const cache = new DataCache(async (id) => {
      reads.push(id);
      expect(++running).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 1));
      running--;
      return [new Uint8Array([id.length])];
    });
    await Promise.all([cache.get('a'), cache.get('a'), cache.get('bb')]);
    expect(reads).toEqual(['a', 'bb']);
    for (let at = 0; at < 8; at++) await cache.get(`c${at}`);
    await cache.get('c7');
    expect(reads).toHaveLength(10);
    expect((await cache.get('a'))?.[0]).toEqual(new Uint8Array([1]));
    expect(reads.at(-1)).toBe('a');
  });

  it('forgets a pass that failed, and goes on', async () => {
    let fail = true;
    const cache = new DataCache(async () => {
      if (fail) throw new Error('gone');
      return [];
    });
    await expect(cache.get('a')).rejects.toThrow('gone');
    fail = false;
    await expect(cache.get('a')).resolves.toEqual([]);
  });

  it('stops a pass when it is closed', async () => {
    const cache = new DataCache(
      (_id, signal) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    );
    const asked = cache.get('a');
    await Promise.resolve();
    await Promise.resolve();
    cache.dispose();
    await expect(asked).rejects.toThrow('closed');
  });
});
