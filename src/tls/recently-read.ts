import { equalBytes } from '../base/bytes';

/** Entries kept; then all are forgotten. A capture shows the certificates and names of a few servers. */
const MAX_ENTRIES = 256;
/** Longest DER kept. */
const MAX_LENGTH = 1 << 16;

/**
 * What was read of DER that comes again and again: the same few certificates and names are in every handshake, and reading one takes up to
 * a millisecond.
 */
export class RecentlyRead<T> {
  readonly #entries = new Map<number, { readonly der: Uint8Array; readonly value: T }>();

  /** @param read is given a copy, which it may keep. */
  constructor(private readonly read: (der: Uint8Array) => T) {}

  of(der: Uint8Array): T {
    const key = endHash(der);
    const known = this.#entries.get(key);
    if (known && equalBytes(known.der, der)) return known.value;
    const copy = der.slice();
    const value = this.read(copy);
    if (this.#entries.size >= MAX_ENTRIES) this.#entries.clear();
    if (der.length <= MAX_LENGTH) this.#entries.set(key, { der: copy, value });
    return value;
  }
}

/** FNV-1a over the end, which of a certificate is its signature and of a name its most specific part. */
function endHash(der: Uint8Array): number {
  let hash = 0x811c9dc5 ^ der.length;
  for (let i = Math.max(0, der.length - 32); i < der.length; i++) hash = Math.imul(hash ^ der[i], 0x01000193);
  return hash;
}
