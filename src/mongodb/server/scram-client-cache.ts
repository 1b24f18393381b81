import { hex } from '../../base/bytes';
import type { DeriveEffect } from '../../base/machine';

/** Salts remembered at once: a mongos has one for each server that it talks to. */
const MAX_KEYS = 100;

/**
 * Salted passwords that a client has derived, by salt and iteration count, so that its next connection need not (mongos `SCRAMClientCache`;
 * Authentication specification, Caching credentials in SCRAM). For one password; its connections share it.
 */
export class ScramClientCache {
  readonly #keys = new Map<string, Uint8Array>();

  get size(): number {
    return this.#keys.size;
  }

  find(effect: DeriveEffect): Uint8Array | undefined {
    return this.#keys.get(nameOf(effect));
  }

  add(effect: DeriveEffect, key: Uint8Array): void {
    if (this.#keys.size >= MAX_KEYS) this.#keys.clear();
    this.#keys.set(nameOf(effect), key);
  }
}

function nameOf({ hash, iterations, salt }: DeriveEffect): string {
  return `${hash} ${iterations} ${hex(salt)}`;
}

/** The part of one connection: what it has asked to be derived, by the effect's id. */
export class CachedDerivation {
  readonly #asked = new Map<number, DeriveEffect>();

  constructor(private readonly cache: ScramClientCache) {}

  /** The key, where it is known; otherwise the effect has to be executed and its outcome handed to {@link handleDerived}. */
  find(effect: DeriveEffect): Uint8Array | undefined {
    const known = this.cache.find(effect);
    if (!known) this.#asked.set(effect.id, effect);
    return known;
  }

  handleDerived(id: number, key: Uint8Array): void {
    const effect = this.#asked.get(id);
    if (effect && this.#asked.delete(id)) this.cache.add(effect, key);
  }
}
