/** The formulas of RFC 5802 section 3. PBKDF2 itself (`SaltedPassword`) is the caller's: see `DeriveEffect`. */
import { hmac } from '@noble/hashes/hmac.js';
import { sha1 } from '@noble/hashes/legacy.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { equalBytes, utf8Bytes } from '../base/bytes';
import type { ScramHash } from './scram';
import { authMessage, parseClientFinal, parseClientFirst, parseServerFinal } from './scram';

const HASHES = { sha1, sha256 } as const;

/** Length of a key, proof or signature in bytes; also PBKDF2's output length. */
export const SCRAM_KEY_LENGTH: Readonly<Record<ScramHash, number>> = { sha1: 20, sha256: 32 };

/** What a server stores instead of a password. */
export interface ScramVerifier {
  readonly hash: ScramHash;
  readonly salt: Uint8Array;
  readonly iterations: number;
  readonly storedKey: Uint8Array;
  readonly serverKey: Uint8Array;
  /** Made up for an unknown user: the exchange goes on as usual and must fail at its end. */
  readonly mock?: boolean;
}

export function scramHash(hash: ScramHash, data: Uint8Array): Uint8Array {
  return HASHES[hash](data);
}

function scramHmac(hash: ScramHash, key: Uint8Array, data: Uint8Array): Uint8Array {
  return hmac(HASHES[hash], key, data);
}

function clientKeyOf(hash: ScramHash, saltedPassword: Uint8Array): Uint8Array {
  return scramHmac(hash, saltedPassword, utf8Bytes('Client Key'));
}

export function serverKeyOf(hash: ScramHash, saltedPassword: Uint8Array): Uint8Array {
  return scramHmac(hash, saltedPassword, utf8Bytes('Server Key'));
}

/** ClientProof = ClientKey XOR HMAC(H(ClientKey), AuthMessage). */
export function clientProof(hash: ScramHash, saltedPassword: Uint8Array, message: Uint8Array): Uint8Array {
  const key = clientKeyOf(hash, saltedPassword);
  return xor(key, scramHmac(hash, scramHash(hash, key), message));
}

/** ServerSignature = HMAC(ServerKey, AuthMessage). */
export function serverSignature(hash: ScramHash, serverKey: Uint8Array, message: Uint8Array): Uint8Array {
  return scramHmac(hash, serverKey, message);
}

/** Whether the proof was made from the password behind `storedKey`. */
export function proofMatches(
  hash: ScramHash,
  storedKey: Uint8Array,
  message: Uint8Array,
  proof: Uint8Array,
): boolean {
  if (proof.length !== SCRAM_KEY_LENGTH[hash]) return false;
  const clientKey = xor(proof, scramHmac(hash, storedKey, message));
  return equalBytes(scramHash(hash, clientKey), storedKey);
}

export function verifierFromSalted(
  hash: ScramHash,
  saltedPassword: Uint8Array,
  salt: Uint8Array,
  iterations: number,
): ScramVerifier {
  return {
    hash,
    salt,
    iterations,
    storedKey: scramHash(hash, clientKeyOf(hash, saltedPassword)),
    serverKey: serverKeyOf(hash, saltedPassword),
  };
}

/** The messages of an exchange as they crossed the wire. */
export interface RecordedScram {
  readonly hash: ScramHash;
  readonly clientFirst: Uint8Array;
  readonly serverFirst: Uint8Array;
  readonly clientFinal: Uint8Array;
  /** Absent when the server refused. */
  readonly serverFinal?: Uint8Array;
}

export interface RecordedScramCheck {
  /** The client's proof was made from this password. */
  readonly proof: boolean;
  /** The server's signature was; null when there was none. */
  readonly signature: boolean | null;
}

/** Tells offline whether a recorded exchange used a given password: the wrong one, or a server that does not know it. */
export function checkRecorded(recorded: RecordedScram, saltedPassword: Uint8Array): RecordedScramCheck {
  const first = parseClientFirst(recorded.clientFirst).value;
  const final = parseClientFinal(recorded.clientFinal).value;
  const message = authMessage(
    recorded.clientFirst.subarray(first.bare.offset, first.bare.offset + first.bare.length),
    recorded.serverFirst,
    recorded.clientFinal.subarray(0, final.withoutProof.length),
  );
  const { hash } = recorded;
  const storedKey = scramHash(hash, clientKeyOf(hash, saltedPassword));
  const sent = recorded.serverFinal ? parseServerFinal(recorded.serverFinal).value.signature : null;
  return {
    proof: proofMatches(hash, storedKey, message, final.proof),
    signature:
      sent === null
        ? null
        : equalBytes(sent, serverSignature(hash, serverKeyOf(hash, saltedPassword), message)),
  };
}

function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  const result = new Uint8Array(a.length);
  for (let i = 0; i < a.length; i++) result[i] = a[i] ^ b[i];
  return result;
}
