import { describe, expect, it } from 'vitest';
import type { DeriveEffect } from '../../../src/base/machine';
import { CachedDerivation, ScramClientCache } from '../../../src/mongodb/server/scram-client-cache';

const effect = (
  id: number,
  salt: number,
  iterations = 4_096,
  hash: 'sha1' | 'sha256' = 'sha1',
): DeriveEffect => ({
  type: 'derive',
  id,
  hash,
  password: Uint8Array.of(1),
  salt: Uint8Array.of(salt),
  iterations,
  length: 20,
});
const KEY = Uint8Array.of(7);

describe('the keys that a client remembers', () => {
  it('are found again by salt, count and hash together', () => {
    const cache = new CachedDerivation(new ScramClientCache());
    expect(cache.find(effect(1, 5))).toBeUndefined();
    cache.handleDerived(1, KEY);
    expect(cache.find(effect(2, 5))).toBe(KEY);
    expect(cache.find(effect(3, 6))).toBeUndefined();
    expect(cache.find(effect(4, 5, 4_097))).toBeUndefined();
    expect(cache.find(effect(5, 5, 4_096, 'sha256'))).toBeUndefined();
  });

  it('are those that were asked for, and no others', () => {
    const cache = new CachedDerivation(new ScramClientCache());
    cache.handleDerived(9, KEY);
    expect(cache.find(effect(9, 5))).toBeUndefined();
  });

  it('are a bounded number', () => {
    const cache = new CachedDerivation(new ScramClientCache());
    for (let salt = 0; salt < 250; salt++) {
      cache.find(effect(salt, salt));
      cache.handleDerived(salt, KEY);
    }
    expect(cache.find(effect(0, 249))).toBe(KEY);
    expect(cache.find(effect(0, 0))).toBeUndefined();
  });

  it('are not mixed up between connections that count alike', () => {
    const shared = new ScramClientCache();
    const [one, two] = [new CachedDerivation(shared), new CachedDerivation(shared)];
    one.find(effect(1, 5));
    two.find(effect(1, 6));
    two.handleDerived(1, Uint8Array.of(6));
    one.handleDerived(1, Uint8Array.of(5));
    expect([shared.find(effect(0, 5)), shared.find(effect(0, 6))]).toEqual([
      Uint8Array.of(5),
      Uint8Array.of(6),
    ]);
    expect(shared.size).toBe(2);
  });
});
