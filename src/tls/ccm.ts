/** AES-CCM (RFC 3610, NIST SP 800-38C) out of AES-CTR and AES-CBC: the library has those two and not this one. */
import { cbc, ctr } from '@noble/ciphers/aes.js';
import { concat, equalBytes } from '../base/bytes';

const BLOCK = 16;
const ZEROS = new Uint8Array(BLOCK);

/**
 * @param nonce 7 to 13 bytes; TLS uses 12.
 * @param tagLength bytes of the tag at the end of `sealed`: 16, or 8 for the suites named CCM_8.
 * @param associated below 65,280 bytes, which RFC 3610 section 2.2 writes with a length of two.
 * @returns the content, or undefined when the tag is wrong.
 */
export function openCcm(
  key: Uint8Array,
  nonce: Uint8Array,
  tagLength: number,
  associated: Uint8Array,
  sealed: Uint8Array,
): Uint8Array | undefined {
  const length = sealed.length - tagLength;
  if (length < 0) return undefined;
  // Counter 0 hides the tag, the content begins with counter 1: one run over both, the tag's block first.
  const start = blockOf(14 - nonce.length, nonce, 0);
  const padded = concat(sealed.subarray(length), ZEROS.subarray(tagLength), sealed.subarray(0, length));
  const plain = ctr(key, start).decrypt(padded);
  const content = plain.slice(BLOCK);
  const mac = cbcMac(key, nonce, tagLength, associated, content);
  return equalBytes(plain.subarray(0, tagLength), mac.subarray(0, tagLength)) ? content : undefined;
}

/** What {@link openCcm} opens: the content encrypted, then the tag. */
export function sealCcm(
  key: Uint8Array,
  nonce: Uint8Array,
  tagLength: number,
  associated: Uint8Array,
  content: Uint8Array,
): Uint8Array {
  const mac = cbcMac(key, nonce, tagLength, associated, content);
  const sealed = ctr(key, blockOf(14 - nonce.length, nonce, 0)).encrypt(concat(mac, content));
  return concat(sealed.subarray(BLOCK), sealed.subarray(0, tagLength));
}

/** CBC-MAC over B_0, the associated data with its length, and the content, each filled up with zeros (RFC 3610 section 2.2). */
function cbcMac(
  key: Uint8Array,
  nonce: Uint8Array,
  tagLength: number,
  associated: Uint8Array,
  content: Uint8Array,
): Uint8Array {
  const lengthBytes = 15 - nonce.length;
  const flags = (associated.length > 0 ? 0x40 : 0) | (((tagLength - 2) / 2) << 3) | (lengthBytes - 1);
  const first = blockOf(flags, nonce, content.length);
  const size = Uint8Array.of(associated.length >> 8, associated.length & 0xff);
  const before = associated.length > 0 ? filled(concat(size, associated)) : new Uint8Array(0);
  const chain = cbc(key, ZEROS, { disablePadding: true }).encrypt(concat(first, before, filled(content)));
  return chain.subarray(chain.length - BLOCK);
}

/** Flags, nonce and a number that fills the rest of the block. */
function blockOf(flags: number, nonce: Uint8Array, value: number): Uint8Array {
  const block = new Uint8Array(BLOCK);
  block[0] = flags;
  block.set(nonce, 1);
  let rest = value;
  for (let i = BLOCK - 1; rest > 0; i--) {
    block[i] = rest & 0xff;
    rest >>>= 8;
  }
  return block;
}

function filled(bytes: Uint8Array): Uint8Array {
  const rest = bytes.length % BLOCK;
  return rest === 0 ? bytes : concat(bytes, new Uint8Array(BLOCK - rest));
}
