/**
 * The alert that OpenSSL sends for a certificate it refuses (`ssl_x509err2alert` in OpenSSL's statem_lib.c), by Node's name of the
 * verification error. Numbers are those of RFC 8446 section 6.
 */
const ALERTS: Readonly<Record<string, number>> = {
  CERT_HAS_EXPIRED: 45,
  CRL_HAS_EXPIRED: 45,
  CERT_NOT_YET_VALID: 42,
  CRL_NOT_YET_VALID: 42,
  CERT_UNTRUSTED: 42,
  CERT_REJECTED: 42,
  HOSTNAME_MISMATCH: 42,
  CERT_REVOKED: 44,
  CERT_SIGNATURE_FAILURE: 51,
  CRL_SIGNATURE_FAILURE: 51,
  INVALID_PURPOSE: 43,
  DEPTH_ZERO_SELF_SIGNED_CERT: 48,
  SELF_SIGNED_CERT_IN_CHAIN: 48,
  UNABLE_TO_GET_CRL: 48,
  UNABLE_TO_GET_ISSUER_CERT: 48,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 48,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 48,
  CERT_CHAIN_TOO_LONG: 48,
  PATH_LENGTH_EXCEEDED: 48,
  INVALID_CA: 48,
  OUT_OF_MEM: 80,
};

const CERTIFICATE_UNKNOWN = 46;

/**
 * A fatal alert as a whole TLS record (RFC 8446 sections 5.1 and 6). It is in the clear, as OpenSSL's is here: a client seals
 * nothing before its own second flight.
 */
export function certificateAlert(code: string): Uint8Array {
  return new Uint8Array([21, 3, 3, 0, 2, 2, ALERTS[code] ?? CERTIFICATE_UNKNOWN]);
}
