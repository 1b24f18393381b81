/** Key derivation: HKDF-Expand-Label (RFC 8446 section 7.1) and the PRF of older versions (RFC 5246 section 5, RFC 2246). */
import { expand } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { md5, sha1 } from '@noble/hashes/legacy.js';
import { sha256, sha384 } from '@noble/hashes/sha2.js';
import { concat, utf8Bytes } from '../base/bytes';

export const HASHES = { sha1, sha256, sha384 } as const;

/** HKDF-Expand-Label with an empty context, as record keys need. */
export function expandLabel(
  hash: 'sha256' | 'sha384',
  secret: Uint8Array,
  label: string,
  length: number,
): Uint8Array {
  const full = utf8Bytes(`tls13 ${label}`);
  const info = concat(Uint8Array.of(length >> 8, length & 0xff, full.length), full, Uint8Array.of(0));
  return expand(HASHES[hash], secret, info, length);
}

type Hmac = (key: Uint8Array, data: Uint8Array) => Uint8Array;

function expandHmac(mac: Hmac, secret: Uint8Array, seed: Uint8Array, length: number): Uint8Array {
  const result = new Uint8Array(length);
  let a = seed;
  for (let at = 0; at < length; ) {
    a = mac(secret, a);
    const block = mac(secret, concat(a, seed));
    const part = block.subarray(0, length - at);
    result.set(part, at);
    at += part.length;
  }
  return result;
}

/** The PRF of TLS 1.2. */
export function prf12(
  hash: 'sha256' | 'sha384',
  secret: Uint8Array,
  label: string,
  seed: Uint8Array,
  length: number,
): Uint8Array {
  const mac: Hmac = (key, data) => hmac(HASHES[hash], key, data);
  return expandHmac(mac, secret, concat(utf8Bytes(label), seed), length);
}

/** The PRF of TLS 1.0 and 1.1: MD5 over the first half of the secret, SHA-1 over the second, XORed. */
export function prf10(secret: Uint8Array, label: string, seed: Uint8Array, length: number): Uint8Array {
  const half = Math.ceil(secret.length / 2);
  const full = concat(utf8Bytes(label), seed);
  const left = expandHmac((key, data) => hmac(md5, key, data), secret.subarray(0, half), full, length);
  const right = expandHmac(
    (key, data) => hmac(sha1, key, data),
    secret.subarray(secret.length - half),
    full,
    length,
  );
  for (let i = 0; i < length; i++) left[i] ^= right[i];
  return left;
}
