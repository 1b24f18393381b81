/** The AEADs of TLS, by the one thing that a reader does with them. */
import { gcm } from '@noble/ciphers/aes.js';
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { openCcm } from './ccm';
import type { Protection } from './protection';

/** @returns the content, or undefined when the record was not sealed with these keys, or damaged. */
export function openAead(
  { kind, tagLength }: Protection,
  key: Uint8Array,
  nonce: Uint8Array,
  associated: Uint8Array,
  sealed: Uint8Array,
): Uint8Array | undefined {
  if (sealed.length < tagLength) return undefined;
  if (kind === 'ccm') return openCcm(key, nonce, tagLength, associated, sealed);
  const aead = kind === 'gcm' ? gcm : chacha20poly1305;
  try {
    return aead(key, nonce, associated).decrypt(sealed);
  } catch {
    return undefined;
  }
}
