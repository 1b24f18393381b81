import { sha224, sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import { hex } from '../base/bytes';
import { Cursor } from '../base/cursor';

type Hash = (data: Uint8Array) => Uint8Array;

/** Signature algorithms by the DER of their object identifier, and the hash each uses (RFC 3279, 4055, 5758). */
const HASHES: Readonly<Record<string, Hash>> = {
  '2a864886f70d010104': sha256, // md5WithRSAEncryption: RFC 5929 replaces MD5 and SHA-1 by SHA-256
  '2a864886f70d010105': sha256, // sha1WithRSAEncryption
  '2a8648ce3d0401': sha256, // ecdsa-with-SHA1
  '2a864886f70d01010e': sha224,
  '2a864886f70d01010b': sha256,
  '2a864886f70d01010c': sha384,
  '2a864886f70d01010d': sha512,
  '2a8648ce3d040301': sha224,
  '2a8648ce3d040302': sha256,
  '2a8648ce3d040303': sha384,
  '2a8648ce3d040304': sha512,
};

const RSASSA_PSS = '2a864886f70d01010a';
/** Hashes by object identifier, as RSASSA-PSS names them in its parameters (RFC 4055 section 2.1). */
const PSS_HASHES: readonly (readonly [oid: string, hash: Hash])[] = [
  ['608648016503040201', sha256],
  ['608648016503040202', sha384],
  ['608648016503040203', sha512],
  ['608648016503040204', sha224],
];

/**
 * The channel binding data `tls-server-end-point` (RFC 5929 section 4.1): the certificate's hash, by the hash of its own
 * signature. Null when the bytes are not a certificate or its signature has no single hash (Ed25519), as in libpq's
 * `pgtls_get_peer_certificate_hash`.
 *
 * @param certificate DER.
 */
export function serverEndPoint(certificate: Uint8Array): Uint8Array | null {
  const outer = element(new Cursor(certificate), 0x30);
  if (!outer) return null;
  const fields = new Cursor(outer);
  if (!element(fields, 0x30)) return null;
  const algorithm = element(fields, 0x30);
  if (!algorithm) return null;
  const parts = new Cursor(algorithm);
  const oid = element(parts, 0x06);
  if (!oid) return null;
  const name = hex(oid);
  const hash = name === RSASSA_PSS ? pssHash(parts.take(parts.remaining)) : HASHES[name];
  return hash ? hash(certificate) : null;
}

/** The hash is named first in the parameters; SHA-1, the default, is replaced by SHA-256. */
function pssHash(parameters: Uint8Array): Hash {
  const text = hex(parameters);
  let best = { at: Number.POSITIVE_INFINITY, hash: sha256 as Hash };
  for (const [oid, hash] of PSS_HASHES) {
    const at = text.indexOf(`0609${oid}`);
    if (at >= 0 && at < best.at) best = { at, hash };
  }
  return best.hash;
}

/** The content of the next DER element if it has this tag. */
function element(cursor: Cursor, tag: number): Uint8Array | undefined {
  if (cursor.u8() !== tag) return undefined;
  const first = cursor.u8();
  let length = first;
  if (first >= 0x80) {
    length = 0;
    const count = first & 0x7f;
    if (count < 1 || count > 3) return undefined;
    for (let i = 0; i < count; i++) length = length * 256 + cursor.u8();
  }
  const content = cursor.take(length);
  return cursor.overran ? undefined : content;
}
