/** From the pre-master secret to the master secret (RFC 5246 section 8.1, RFC 7627 section 4). */
import { md5, sha1 } from '@noble/hashes/legacy.js';
import { concat } from '../base/bytes';
import { HASHES, prf10, prf12 } from './key-schedule';
import { VERSION } from './names';

const LENGTH = 48;

export interface MasterSecretInput {
  readonly version: number;
  /** The hash of the suite's PRF. */
  readonly hash: 'sha256' | 'sha384';
  readonly clientRandom: Uint8Array;
  readonly serverRandom: Uint8Array;
  /** All handshake messages up to the ClientKeyExchange, where the extended master secret was agreed on. */
  readonly transcript: Uint8Array | undefined;
}

/** 48 bytes. */
export function masterSecret(preMaster: Uint8Array, input: MasterSecretInput): Uint8Array {
  const { version, hash, transcript } = input;
  const old = version < VERSION.tls12;
  const label = transcript ? 'extended master secret' : 'master secret';
  const seed = transcript
    ? old
      ? concat(md5(transcript), sha1(transcript))
      : HASHES[hash](transcript)
    : concat(input.clientRandom, input.serverRandom);
  return old ? prf10(preMaster, label, seed, LENGTH) : prf12(hash, preMaster, label, seed, LENGTH);
}
