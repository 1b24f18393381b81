/** Findings about TLS in English. */
import type { FindingWords } from '../../findings';
import type { TLS_SEVERITIES } from '../../severities/tls';

export const TLS_FINDINGS: Readonly<Record<keyof typeof TLS_SEVERITIES, FindingWords>> = {
  // Its help is that of the alert.
  TLS_ALERT: { message: 'TLS alert %.', help: '' },
  TLS_POSSIBLE_ALERT: {
    message:
      'The last encrypted record of the % has the size of an alert: it may have refused the handshake.',
    help: 'A client usually refuses the server certificate here, a server a missing or unacceptable client certificate. Look in its log, or give this capture a TLS key log.',
  },
  TLS_NOT_TLS: {
    message: 'Where TLS was expected, the %.',
    help: 'Check that the port is the database and not another service or a proxy, and that the server has TLS switched on.',
  },
  TLS_OLD_VERSION: {
    message: 'The connection uses %, which RFC 8996 forbids.',
    help: 'Set the minimum to TLSv1.2 on both sides (ssl_min_protocol_version, ssl_min_protocol_version in the connection string, net.tls.disabledProtocols).',
  },
  TLS_WEAK_CIPHER: {
    message: 'The cipher suite % does not protect the connection.',
    help: 'Allow only suites with AES-GCM or ChaCha20-Poly1305 on the server.',
  },
  TLS_SELF_SIGNED: {
    message:
      'The server certificate (%) is self-signed: only a client that was given this very certificate can verify it.',
    help: 'Give it to the clients as their root certificate, or use a certificate of an authority they know.',
  },
  TLS_NAME_MISMATCH: {
    message: 'The client asked for %.',
    help: 'A client that verifies the name (sslmode=verify-full; MongoDB by default) will refuse it. Connect by a name of the certificate, or issue one with this name in subjectAltName.',
  },
  TLS_CERTIFICATE_EXPIRED: {
    message: 'The certificate of %.',
    help: 'A client that verifies certificates refuses it. Renew it, and check the clocks of both machines.',
  },
  TLS_CERTIFICATE_NOT_YET_VALID: {
    message: 'The certificate of %.',
    help: 'A client that verifies certificates refuses it. Renew it, and check the clocks of both machines.',
  },
};

/** The parts that stand for the `%` above. */
export const TLS_SEEN = {
  alert: (description: string, side: string, meaning: string) =>
    `${description} from the ${side}: ${meaning}`,
  notTls: (side: string, words: string) => `${side} sent something else (${words})`,
  mismatch: (name: string, names: string) => `${name}; the server certificate is for ${names}`,
  expired: (subject: string, date: string) => `${subject} had expired on ${date}`,
  early: (subject: string, date: string) => `${subject} is not valid before ${date}`,
} as const;
