/** How the records of a cipher suite are protected. */
import { suiteName } from './names';

export interface Protection {
  readonly kind: 'gcm' | 'ccm' | 'chacha20-poly1305' | 'cbc';
  /** Length of the encryption key in bytes. */
  readonly keyLength: number;
  /** The hash of the PRF (TLS 1.2) or of HKDF (TLS 1.3). */
  readonly hash: 'sha256' | 'sha384';
  /** The record MAC of a CBC suite, otherwise null. */
  readonly mac: 'sha1' | 'sha256' | 'sha384' | null;
  /** Bytes of an AEAD's tag: 16, or 8 for CCM_8; 0 for CBC. */
  readonly tagLength: number;
}

/** Length of a TLS 1.3 traffic secret and of a Finished by the suite's hash, in bytes. */
export const SECRET_LENGTH = { sha256: 32, sha384: 48 } as const;

/** The end of a suite's registered name says it: cipher, key length in bits, mode, hash. TLS 1.2 names no hash with CCM: SHA-256. */
const AES = /_AES_(128|256)_(GCM|CBC|CCM|CCM_8)(?:_SHA(256|384)?)?$/;
const CHACHA = /_CHACHA20_POLY1305_SHA256$/;

const KINDS = { GCM: 'gcm', CCM: 'ccm', CCM_8: 'ccm', CBC: 'cbc' } as const;
const TAG = 16;

/** Suites asked for so far; there are few. */
const known = new Map<number, Protection | undefined>();

/** Undefined for suites that this project does not open: ARIA, Camellia, 3DES, RC4, NULL. */
export function protectionOf(suite: number): Protection | undefined {
  if (!known.has(suite)) known.set(suite, readProtection(suite));
  return known.get(suite);
}

function readProtection(suite: number): Protection | undefined {
  const name = suiteName(suite);
  if (CHACHA.test(name)) {
    return { kind: 'chacha20-poly1305', keyLength: 32, hash: 'sha256', mac: null, tagLength: TAG };
  }
  const match = AES.exec(name);
  if (!match) return undefined;
  const [, keyBits, mode, bits] = match;
  const kind = KINDS[mode as keyof typeof KINDS];
  return {
    kind,
    keyLength: Number(keyBits) / 8,
    hash: bits === '384' ? 'sha384' : 'sha256',
    mac: kind !== 'cbc' ? null : bits === '384' ? 'sha384' : bits === '256' ? 'sha256' : 'sha1',
    tagLength: kind === 'cbc' ? 0 : mode === 'CCM_8' ? 8 : TAG,
  };
}

/** What a record cipher needs to know of a record. */
export interface SealedRecord {
  readonly type: number;
  readonly version: number;
  readonly header: Uint8Array;
  readonly payload: Uint8Array;
}

export interface OpenedRecord {
  /** Content type: the inner one in TLS 1.3. */
  readonly type: number;
  /** A new array. */
  readonly content: Uint8Array;
}

/** Opens the records of one direction under one set of keys. */
export interface RecordCipher {
  /** Number of the next record; only a record that opens moves it on. */
  sequence: number;
  /** Undefined when the record was not sealed with these keys, or damaged. */
  open(record: SealedRecord): OpenedRecord | undefined;
  /**
   * Seals other content in place of a record's own, as record number {@link sequence}, which it moves on.
   *
   * @param like the record, for its header, its explicit nonce and its length.
   * @param content of the length that the record's own content has.
   * @returns the new payload, as long as the record's.
   */
  seal(like: SealedRecord, content: OpenedRecord): Uint8Array;
}

/** A record's number as eight bytes. */
export function sequenceBytes(sequence: number): Uint8Array {
  const bytes = new Uint8Array(8);
  let rest = sequence;
  for (let i = 7; i >= 0 && rest > 0; i--) {
    bytes[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return bytes;
}

/** TLS 1.3 and ChaCha20 suites: the record's number, XORed into the end of the IV (RFC 8446 section 5.3). */
export function nonceOf(iv: Uint8Array, sequence: number): Uint8Array {
  const nonce = iv.slice();
  const bytes = sequenceBytes(sequence);
  for (let i = 0; i < 8; i++) nonce[nonce.length - 8 + i] ^= bytes[i];
  return nonce;
}
