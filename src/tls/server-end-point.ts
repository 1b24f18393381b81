import { md5, sha1 } from '@noble/hashes/legacy.js';
import { sha224, sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import { RsaSaPssParams } from '@peculiar/asn1-rsa';
import { AsnConvert } from '@peculiar/asn1-schema';
import { AlgorithmIdentifier } from '@peculiar/asn1-x509';
import { hex } from '../base/bytes';
import { Cursor } from '../base/cursor';

type Hash = (data: Uint8Array) => Uint8Array;

/** Signature algorithms by object identifier: the hash each was made with. */
const SIGNATURE_HASHES: Readonly<Record<string, Hash>> = {
  '1.2.840.113549.1.1.4': md5,
  '1.2.840.113549.1.1.5': sha1,
  '1.2.840.113549.1.1.14': sha224,
  '1.2.840.113549.1.1.11': sha256,
  '1.2.840.113549.1.1.12': sha384,
  '1.2.840.113549.1.1.13': sha512,
  '1.2.840.10040.4.3': sha1,
  '2.16.840.1.101.3.4.3.1': sha224,
  '2.16.840.1.101.3.4.3.2': sha256,
  '1.2.840.10045.4.1': sha1,
  '1.2.840.10045.4.3.1': sha224,
  '1.2.840.10045.4.3.2': sha256,
  '1.2.840.10045.4.3.3': sha384,
  '1.2.840.10045.4.3.4': sha512,
};

const RSASSA_PSS = '1.2.840.113549.1.1.10';

const DIGESTS: Readonly<Record<string, Hash>> = {
  '1.3.14.3.2.26': sha1,
  '2.16.840.1.101.3.4.2.1': sha256,
  '2.16.840.1.101.3.4.2.2': sha384,
  '2.16.840.1.101.3.4.2.3': sha512,
  '2.16.840.1.101.3.4.2.4': sha224,
};

/**
 * Channel binding data of type tls-server-end-point (RFC 5929 section 4.1): the certificate's hash by the hash function of its own
 * signature, SHA-256 instead of MD5 and SHA-1.
 *
 * @returns undefined when the certificate cannot be read or its signature names no hash, as Ed25519's does: then the binding is
 *   not defined, and libpq and PostgreSQL refuse it too.
 */
export function tlsServerEndPoint(certificateDer: Uint8Array): Uint8Array | undefined {
  const identifier = signatureAlgorithm(certificateDer);
  const hash = identifier && hashOf(identifier);
  if (!hash) return undefined;
  return hash === md5 || hash === sha1 ? sha256(certificateDer) : hash(certificateDer);
}

/** `Certificate.signatureAlgorithm` (RFC 5280 section 4.1) and nothing else: reading it all takes a millisecond of every login. */
function signatureAlgorithm(certificateDer: Uint8Array): Uint8Array | undefined {
  const certificate = new Cursor(certificateDer);
  const end = enterSequence(certificate);
  if (end !== certificateDer.length) return undefined;
  const tbsEnd = enterSequence(certificate);
  if (tbsEnd === undefined || tbsEnd >= end) return undefined;
  const start = tbsEnd;
  certificate.skip(tbsEnd - certificate.position);
  const algorithmEnd = enterSequence(certificate);
  if (algorithmEnd === undefined || algorithmEnd > end) return undefined;
  return certificateDer.slice(start, algorithmEnd);
}

/** Few algorithms are in use: each is decoded once. */
const recent = new Map<string, Hash | undefined>();
const RECENT_LIMITS = { entries: 64, bytes: 256 } as const;

/** @param identifier DER of an AlgorithmIdentifier */
function hashOf(identifier: Uint8Array): Hash | undefined {
  if (identifier.length > RECENT_LIMITS.bytes) return readHash(identifier);
  const key = hex(identifier);
  if (recent.has(key)) return recent.get(key);
  const hash = readHash(identifier);
  if (recent.size >= RECENT_LIMITS.entries) recent.clear();
  recent.set(key, hash);
  return hash;
}

function readHash(identifier: Uint8Array): Hash | undefined {
  try {
    const { algorithm, parameters } = AsnConvert.parse(identifier, AlgorithmIdentifier);
    return algorithm === RSASSA_PSS ? pssHash(parameters) : SIGNATURE_HASHES[algorithm];
  } catch {
    return undefined;
  }
}

/** Steps behind the tag and length of a SEQUENCE (X.690 section 8.1.3) and gives where it ends; undefined when there is none. */
function enterSequence(cursor: Cursor): number | undefined {
  if (cursor.u8() !== 0x30) return undefined;
  const first = cursor.u8();
  const octets = first & 0x7f;
  let length = first;
  if (first >= 0x80) {
    if (octets < 1 || octets > 3) return undefined;
    length = 0;
    for (let i = 0; i < octets; i++) length = (length << 8) | cursor.u8();
  }
  const end = cursor.position + length;
  return cursor.overran || end > cursor.end ? undefined : end;
}

function pssHash(parameters: ArrayBuffer | null | undefined): Hash | undefined {
  if (!parameters) return sha1;
  try {
    return DIGESTS[AsnConvert.parse(parameters, RsaSaPssParams).hashAlgorithm.algorithm];
  } catch {
    return undefined;
  }
}
