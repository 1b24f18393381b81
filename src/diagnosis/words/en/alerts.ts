/** TLS alerts in words a person can act on, by who sent them (RFC 8446 section 6.2). */
import type { AlertSummary } from '../../../trace/model';

interface Words {
  readonly meaning: string;
  readonly help: string;
}

const LOOK_IN_LOG = 'Look in the log of the side that sent the alert: it names the exact reason.';

/** What a client says of the server, most often about its certificate. */
const FROM_CLIENT: Readonly<Record<string, Words>> = {
  unknown_ca: {
    meaning: 'it does not know the authority that issued the server certificate',
    help: 'Give the client the certificate of that authority (sslrootcert in PostgreSQL, tlsCAFile in MongoDB), or let the server send the missing intermediate certificates.',
  },
  bad_certificate: {
    meaning: 'it refused the server certificate',
    help: 'Check that the name in the certificate is the host name the client connects to, and that the certificate is not damaged.',
  },
  certificate_unknown: {
    meaning: 'it could not accept the server certificate',
    help: 'Check the chain, the host name and the trust store of the client. Java clients send this alert for every certificate problem.',
  },
  certificate_expired: {
    meaning: 'the server certificate has expired or is not valid yet',
    help: 'Renew the server certificate, and check the clocks of both machines.',
  },
  certificate_revoked: {
    meaning: 'the server certificate was revoked',
    help: 'Install a new server certificate.',
  },
  protocol_version: {
    meaning: 'it does not accept the TLS version that the server chose',
    help: 'Raise the TLS version of the server (ssl_max_protocol_version, net.tls.disabledProtocols), or lower the minimum of the client.',
  },
};

/** What a server says of the client. */
const FROM_SERVER: Readonly<Record<string, Words>> = {
  handshake_failure: {
    meaning: 'the two sides have no cipher suite, key exchange group or signature algorithm in common',
    help: 'Compare what the ClientHello offers with the ciphers configured on the server. Servers of TLS 1.2 also send this when a client certificate is missing.',
  },
  protocol_version: {
    meaning: 'it does not accept any TLS version that the client offers',
    help: 'Use a newer client library, or lower the minimum version of the server (ssl_min_protocol_version, net.tls.disabledProtocols).',
  },
  unknown_ca: {
    meaning: 'it does not know the authority that issued the client certificate',
    help: 'Add that authority to the server (ssl_ca_file in PostgreSQL, net.tls.CAFile in MongoDB), or use a client certificate from one it knows.',
  },
  bad_certificate: {
    meaning: 'it refused the client certificate',
    help: 'Check that the client certificate and its key belong together and are meant for client authentication.',
  },
  certificate_unknown: {
    meaning: 'it could not accept the client certificate',
    help: LOOK_IN_LOG,
  },
  certificate_expired: {
    meaning: 'the client certificate has expired or is not valid yet',
    help: 'Renew the client certificate, and check the clocks of both machines.',
  },
  certificate_revoked: {
    meaning: 'the client certificate was revoked',
    help: 'Use another client certificate.',
  },
  certificate_required: {
    meaning: 'it requires a client certificate, and none was sent',
    help: 'Give the client a certificate and key (sslcert and sslkey in PostgreSQL, tlsCertificateKeyFile in MongoDB).',
  },
  no_application_protocol: {
    meaning: 'it speaks none of the application protocols (ALPN) that the client offers',
    help: 'For direct TLS to PostgreSQL the client must offer "postgresql"; check that nothing else answers on this port.',
  },
  unrecognized_name: {
    meaning: 'it does not serve the host name (SNI) that the client asked for',
    help: 'Connect by the name that the server or its load balancer is configured for.',
  },
  internal_error: {
    meaning: 'something failed inside it, or it does not want this client and gives no reason',
    help: "MongoDB Atlas gives this answer to an address that is not in the project's IP access list. On another server, look in its log: it names the exact reason.",
  },
  access_denied: {
    meaning: 'it understood the certificate but does not allow this client',
    help: LOOK_IN_LOG,
  },
  inappropriate_fallback: {
    meaning: 'the client came back with a lower TLS version although the server can do better',
    help: 'Something made the first attempt fail: look at the connection before this one.',
  },
};

/** The same from either side. */
const FROM_EITHER: Readonly<Record<string, Words>> = {
  handshake_failure: {
    meaning: 'nothing that both sides accept was left to choose',
    help: 'Compare the cipher suites, groups and signature algorithms of both sides.',
  },
  insufficient_security: {
    meaning: 'what the other side offers is not secure enough for it',
    help: 'Allow stronger cipher suites or larger keys on the other side, or lower the security level of this one.',
  },
  unsupported_certificate: {
    meaning: 'it cannot use this kind of certificate',
    help: 'Check the key type and the extended key usage of the certificate.',
  },
  illegal_parameter: { meaning: 'a value in the handshake was not allowed', help: LOOK_IN_LOG },
  decode_error: {
    meaning: 'a message could not be understood',
    help: 'Something between the two sides may change the bytes, or one of them does not speak TLS properly.',
  },
  decrypt_error: {
    meaning: 'a signature or a Finished message did not verify',
    help: 'A certificate may not belong to its private key, or a middle box changes the handshake.',
  },
  bad_record_mac: {
    meaning: 'a record could not be decrypted',
    help: 'Something between the two sides changes the bytes, or they disagree on their keys.',
  },
  record_overflow: {
    meaning: 'a record was too long',
    help: 'The other side may have sent something that is not TLS.',
  },
  unexpected_message: {
    meaning: 'a message came that is not allowed at this point',
    help: 'One side may have sent data in the clear: compare the steps before the alert.',
  },
  internal_error: {
    meaning: 'something failed inside it that is not about the other side',
    help: LOOK_IN_LOG,
  },
  missing_extension: {
    meaning: 'an extension that it needs was missing',
    help: 'One of the TLS libraries is too old for the other.',
  },
  unsupported_extension: { meaning: 'an extension came that was not offered', help: LOOK_IN_LOG },
  no_renegotiation: {
    meaning: 'it does not renegotiate',
    help: 'Turn off renegotiation on the other side, or use TLS 1.3.',
  },
};

/** Alerts that end a connection in good order. */
const PEACEFUL = new Set(['close_notify', 'user_canceled']);

/** Undefined for the alerts that are no failure. */
export function alertWords(alert: AlertSummary): Words | undefined {
  if (PEACEFUL.has(alert.description)) return undefined;
  const own = alert.from === 'client' ? FROM_CLIENT : FROM_SERVER;
  return (
    own[alert.description] ??
    FROM_EITHER[alert.description] ?? { meaning: `TLS alert ${alert.description}`, help: LOOK_IN_LOG }
  );
}
