/** The AEADs of TLS. */
import { gcm } from '@noble/ciphers/aes.js';
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { openCcm, sealCcm } from './ccm';
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

/** The content and its tag. */
export function sealAead(
  { kind, tagLength }: Protection,
  key: Uint8Array,
  nonce: Uint8Array,
  associated: Uint8Array,
  content: Uint8Array,
): Uint8Array {
  if (kind === 'ccm') return sealCcm(key, nonce, tagLength, associated, content);
  const aead = kind === 'gcm' ? gcm : chacha20poly1305;
  return aead(key, nonce, associated).encrypt(content);
}
