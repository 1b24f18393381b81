/**
 * System, resolver and OpenSSL error codes → a sentence for a person and the next thing to try.
 * Codes: errno(3), Node's `dns` and `tls` pages, OpenSSL's x509_vfy.h (`X509_V_ERR_…`, named by Node without the prefix).
 */

/** What is known where the error happened. */
export interface ErrorPlace {
  /** `host:port` as the user wrote it. */
  readonly target: string;
  readonly host: string;
  readonly port: number;
  readonly product: 'PostgreSQL' | 'MongoDB';
}

/** A stable code, one sentence that says what happened, one that says what to try. */
export interface ErrorWords {
  readonly code: string;
  readonly message: string;
  readonly next: string;
}

type Words = (place: ErrorPlace) => readonly [message: string, next: string];

const serverName = (place: ErrorPlace) => place.product;

/** The options of each product's clients that name these files. */
const rootOption = (place: ErrorPlace) => (place.product === 'MongoDB' ? 'tlsCAFile' : 'sslrootcert');
const certificateOption = (place: ErrorPlace) =>
  place.product === 'MongoDB'
    ? 'tlsCertificateKeyFile, certificate and key in one file'
    : 'sslcert and sslkey';

const SYSTEM: Readonly<Record<string, Words>> = {
  ENOTFOUND: (p) => [
    `The name "${p.host}" does not resolve to an address.`,
    'Check the spelling of the host, and whether this machine uses the DNS server or VPN that knows the name.',
  ],
  EAI_AGAIN: (p) => [
    `The name server gave no answer for "${p.host}".`,
    'Check the network connection and the DNS server of this machine, then try again.',
  ],
  ECONNREFUSED: (p) => [
    `Nobody listens on ${p.target}: the connection was refused.`,
    `Check that ${serverName(p)} runs on that host, listens on this address and not on localhost only, and that port ${p.port} is right.`,
  ],
  ECONNRESET: (p) => [
    `${p.target} reset the connection.`,
    `Look in the ${serverName(p)} server's log; a firewall or proxy in between can also reset connections.`,
  ],
  EPIPE: (p) => [
    `${p.target} closed the connection while something was being sent.`,
    `Look in the ${serverName(p)} server's log for the reason.`,
  ],
  ETIMEDOUT: (p) => [
    `${p.target} does not answer.`,
    'A firewall that drops packets looks like this: check its rules, the security group and the route to the host.',
  ],
  EHOSTUNREACH: (p) => [
    `There is no route to ${p.host}.`,
    'Check the network connection, the VPN and the address.',
  ],
  ENETUNREACH: (p) => [
    `The network of ${p.host} cannot be reached from here.`,
    'Check the network connection and the VPN; if the address is IPv6, whether this machine has IPv6.',
  ],
  EADDRNOTAVAIL: (p) => [
    `${p.target} is not an address that can be connected to.`,
    'Check the host and port.',
  ],
  EACCES: (p) => [
    `This machine does not permit a connection to ${p.target}.`,
    'A local firewall or sandbox forbids it.',
  ],
  EPERM: (p) => [
    `This machine does not permit a connection to ${p.target}.`,
    'A local firewall or sandbox forbids it.',
  ],
  EMFILE: () => ['This process has too many files and sockets open.', 'Close some of them and try again.'],
  ENOENT: (p) => [
    `There is no socket file at ${p.target}.`,
    'Check unix_socket_directories of the server and the directory given as host.',
  ],
};

const CERTIFICATE: Readonly<Record<string, Words>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: (p) => [
    `The certificate of ${p.target} is self-signed and not among the trusted ones.`,
    `If this is the server you mean, give its certificate as the root certificate (${rootOption(p)}).`,
  ],
  SELF_SIGNED_CERT_IN_CHAIN: (p) => [
    `The certificate of ${p.target} was issued by an authority that is not trusted here.`,
    `Give that authority's certificate as the root certificate (${rootOption(p)}).`,
  ],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: (p) => [
    `The certificate of ${p.target} was issued by an authority that is not trusted here.`,
    `Give the issuing authority's certificate as the root certificate (${rootOption(p)}); the chain shown names it.`,
  ],
  UNABLE_TO_GET_ISSUER_CERT: (p) => [
    `The chain of ${p.target} lacks the certificate of an authority in the middle.`,
    'Have the server send its intermediate certificates, or add them to the root certificate file.',
  ],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: (p) => [
    `The certificate of ${p.target} was issued by an authority that is not trusted here, or an intermediate certificate is missing.`,
    `Give the issuing authority's certificate as the root certificate (${rootOption(p)}).`,
  ],
  CERT_HAS_EXPIRED: (p) => [
    `The certificate of ${p.target} has expired.`,
    'Have the server present a renewed certificate; also check the clock of this machine.',
  ],
  CERT_NOT_YET_VALID: (p) => [
    `The certificate of ${p.target} is not valid yet.`,
    'Check the clocks of this machine and of the machine that issued the certificate.',
  ],
  CERT_REVOKED: (p) => [`The certificate of ${p.target} was revoked.`, 'Have the server present a new one.'],
  UNABLE_TO_GET_CRL: (p) => [
    `Whether the certificate of ${p.target} was revoked cannot be told: no revocation list covers its chain.`,
    'Give the list of every authority in the chain (sslcrl), or none at all.',
  ],
  CRL_HAS_EXPIRED: (p) => [
    `The revocation list for the certificate of ${p.target} is out of date.`,
    'Fetch the newest list from the authority.',
  ],
  CERT_SIGNATURE_FAILURE: (p) => [
    `A signature in the certificate chain of ${p.target} is wrong.`,
    'The root certificate may be another one of the same name: check its fingerprint.',
  ],
  INVALID_CA: (p) => [
    `A certificate in the chain of ${p.target} is not allowed to issue certificates.`,
    'Check the basic constraints of the issuing certificate.',
  ],
  INVALID_PURPOSE: (p) => [
    `The certificate of ${p.target} is not meant for a server.`,
    'Check its extended key usage: it must include server authentication.',
  ],
  CERT_CHAIN_TOO_LONG: (p) => [
    `The certificate chain of ${p.target} is too long.`,
    'Check what the server sends.',
  ],
  ERR_TLS_CERT_ALTNAME_INVALID: (p) => [
    `The certificate of ${p.target} is for another name.`,
    'Connect with a name that the certificate holds, or have the server present a certificate for this name.',
  ],
};

const TLS: Readonly<Record<string, Words>> = {
  TLS_PEER_CLOSED: (p) => [
    `${p.target} closed the connection during the TLS handshake.`,
    `Look in the ${serverName(p)} server's log; it may want a client certificate, another TLS version, or no TLS at all on this port.`,
  ],
  ERR_SSL_WRONG_VERSION_NUMBER: (p) => [
    `${p.target} did not answer in TLS.`,
    'Check the port, and whether TLS is turned on at the server.',
  ],
  ERR_SSL_PACKET_LENGTH_TOO_LONG: (p) => [
    `${p.target} did not answer in TLS.`,
    'Check the port, and whether TLS is turned on at the server.',
  ],
  ERR_SSL_UNSUPPORTED_PROTOCOL: (p) => [
    `${p.target} offers only a TLS version that is not accepted here.`,
    'Have the server offer TLS 1.2 or later.',
  ],
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: (p) => [
    `${p.target} refused the TLS versions offered.`,
    'The server wants another TLS version: compare its minimum and maximum with those of this client.',
  ],
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: (p) => [
    `${p.target} found no TLS parameters in common, or wants a client certificate.`,
    'Compare cipher suites and TLS versions, and give a client certificate if the server asks for one.',
  ],
  ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR: (p) => [
    `${p.target} ended the TLS handshake with internal_error.`,
    p.product === 'MongoDB'
      ? "MongoDB Atlas answers so to an address that is not in the project's IP access list; on another server, look in its log."
      : 'Look in its log for the reason.',
  ],
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: (p) => [
    `${p.target} does not trust the authority of the client certificate.`,
    "Add the client certificate's authority to the server's CA file.",
  ],
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: (p) => [
    `${p.target} requires a client certificate.`,
    `Give a client certificate and its key (${certificateOption(p)}).`,
  ],
  ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL: (p) => [
    `${p.target} does not speak the application protocol offered by ALPN.`,
    'The port may belong to another service, or to a proxy that expects another protocol.',
  ],
  ERR_OSSL_UNSUPPORTED: (p) => [
    'The file of the client key holds no private key that can be read.',
    `It must be PEM with a PRIVATE KEY block (${certificateOption(p)}).`,
  ],
  ERR_OSSL_PEM_NO_START_LINE: (p) => [
    'A file of the client certificate or key is not PEM.',
    `It must have CERTIFICATE and PRIVATE KEY blocks (${certificateOption(p)}).`,
  ],
  ERR_OSSL_BAD_DECRYPT: () => [
    'The client key is encrypted, and no password or a wrong one was given for it.',
    'Give the password of the key (tlsCertificateKeyFilePassword, sslpassword).',
  ],
  ERR_OSSL_X509_KEY_VALUES_MISMATCH: () => [
    'The client certificate and the client key do not belong together.',
    'Give the key that the certificate was made for.',
  ],
};

/** Words for an error code; a code that is not in the tables keeps its own message. */
export function errorWords(code: string, fallback: string, place: ErrorPlace): ErrorWords {
  const words = SYSTEM[code] ?? CERTIFICATE[code] ?? TLS[code];
  if (words) {
    const [message, next] = words(place);
    return { code, message, next };
  }
  if (code.startsWith('ERR_SSL') || code.startsWith('ERR_OSSL') || code.startsWith('ERR_TLS')) {
    return {
      code,
      message: `The TLS handshake with ${place.target} failed: ${fallback}.`,
      next: `Compare the TLS settings of the client with those of the ${place.product} server, and look in its log.`,
    };
  }
  return {
    code: code || 'UNKNOWN',
    message: `${place.target}: ${fallback}.`,
    next: `Look in the ${place.product} server's log for the same moment.`,
  };
}

/** `code` of a system error, or an empty string. */
export function errorCode(error: unknown): string {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : '';
}
