/** Findings about PostgreSQL in English. */
import type { FindingWords } from '../../findings';
import type { POSTGRES_SEVERITIES } from '../../severities/postgres';

export const POSTGRES_FINDINGS: Readonly<Record<keyof typeof POSTGRES_SEVERITIES, FindingWords>> = {
  PG_SSL_REFUSED: {
    message: 'The server declined TLS (N), and the client went on unencrypted.',
    help: 'Set ssl = on with a certificate on the server; give the client sslmode=require or stronger so that it stops instead.',
  },
  PG_SSL_ERROR_RESPONSE: {
    message: 'The server answered SSLRequest with an error (E) instead of S or N.',
    help: 'It could not start a backend, or is not PostgreSQL. Its text came before TLS, so libpq does not show it (CVE-2024-10977). Read the server log.',
  },
  PG_SURPLUS_AFTER_SSL_RESPONSE: {
    message:
      'Unencrypted bytes followed the server answer S (%): a client without the fix for CVE-2021-23222 reads them as if they came from inside TLS.',
    help: 'Someone may be injecting data between client and server, or a proxy is broken. Update libpq and check what is in between.',
  },
  PG_SURPLUS_AFTER_SSL_REQUEST: {
    message:
      'Unencrypted bytes followed SSLRequest before TLS started (%): a server without the fix for CVE-2021-23214 reads them as if they came from inside TLS.',
    help: 'Someone may be injecting data, or the client does not wait for the answer. Update the server and check what is in between.',
  },
  PG_CLEARTEXT_PASSWORD: {
    message: 'The password crossed the network in clear text, outside TLS.',
    help: 'Change this password. Use scram-sha-256 in pg_hba.conf and hostssl with sslmode=verify-full.',
  },
  PG_PASSWORD_METHOD: {
    message: 'The server asks for the password itself (method password); only TLS protects it.',
    help: 'With scram-sha-256 the server never sees the password.',
  },
  PG_MD5: {
    message: 'The password is authenticated with md5, which PostgreSQL 18 has deprecated.',
    help: "Set password_encryption = 'scram-sha-256', set the password again, and change pg_hba.conf to scram-sha-256.",
  },
  PG_NO_AUTHENTICATION: {
    message: 'The server accepted the client without authentication.',
    help: 'The matching line of pg_hba.conf says trust, or a method that is not visible on the wire (cert, ident, peer). Check that this is intended.',
  },
  PG_SCRAM_UNFINISHED: {
    message:
      'The server accepted the client without proving that it knows the password (no AuthenticationSASLFinal).',
    help: 'libpq accepts this unless require_auth=scram-sha-256 or channel_binding=require is set: set one, and check which server this is.',
  },
  PG_CHANNEL_BINDING_UNUSED: {
    message:
      'The server offered SCRAM-SHA-256-PLUS, and the client did not bind authentication to the TLS channel.',
    help: 'channel_binding=require makes libpq insist on it; some drivers do not support it.',
  },
  PG_PLUS_WITHOUT_TLS: {
    message: 'SCRAM-SHA-256-PLUS was offered on a connection without TLS.',
    help: 'A proxy removed TLS between client and server. libpq stops here: connect to the server itself, or let the proxy authenticate.',
  },
  PG_DIRECT_WITHOUT_ALPN: {
    message:
      'TLS started without SSLRequest and without the ALPN protocol "postgresql", which PostgreSQL 17 and later require.',
    help: 'Let the client send ALPN, or use sslnegotiation=postgres. Older servers do not support direct TLS at all.',
  },
  PG_PROTOCOL_NEGOTIATED: {
    message:
      'The server supports protocol % at most, less than the client asked for, or does not know all of its options.',
    help: 'Harmless if the client goes on; a client that cannot should ask for less (max_protocol_version=3.0).',
  },
  PG_BAD_NEGOTIATION: {
    message:
      'The server negotiated protocol %, which is not a valid answer to what the client asked for: libpq stops here.',
    help: 'A server may only go down, within version 3, or name options that were asked for. Look at the proxy or pooler that answers.',
  },
  PG_NO_HBA_ENTRY: {
    message: 'No pg_hba.conf entry matches. This line would allow it: %',
    help: 'Add it to pg_hba.conf and run SELECT pg_reload_conf(). pg_hba.conf uses the first matching line, so put it above broader ones.',
  },
  PG_CHANNEL_BINDING_FAILED: {
    message:
      'The channel binding check failed: the server has another certificate than the one the client was shown.',
    help: 'Something between client and server terminates TLS. Let TLS pass through it, or use channel_binding=disable if it is trusted.',
  },
  PG_CERTIFICATE_BY_SSLMODE: {
    message: 'The server certificate by sslmode: disable, allow, prefer and require do not check it; %.',
    help: 'With a root file (sslrootcert or ~/.postgresql/root.crt) require checks it as verify-ca does. sslrootcert=system takes the roots of the machine and needs verify-full.',
  },
  PG_NEGOTIATE_INSIDE_TLS: {
    message: 'The client asked for encryption (%) on a connection that is encrypted already.',
    help: 'Update client and server: after direct TLS such a request has been mishandled (CVE-2026-14681).',
  },
  PG_BAD_STARTUP_PACKET: {
    message: 'The startup packet cannot be read: %.',
    help: 'A server closes such a connection without a reply. Check what is connecting to this port.',
  },
  PG_MALFORMED: {
    message: 'A message breaks the protocol: %.',
    help: 'One end, or something between, does not speak PostgreSQL as documented.',
  },
  PG_OUT_OF_ORDER: {
    message: 'A message came where the protocol does not allow it: %.',
    help: 'Packets may be missing from the capture, or one end does not follow the protocol.',
  },
  PG_NOT_POSTGRES: {
    message: 'The server answered with something that is not PostgreSQL: %.',
    help: 'Check host and port; a load balancer or another service may be listening there.',
  },
  PG_GAP: {
    message:
      'Bytes of the conversation are missing from the capture (%): states are unknown until the next message that shows them.',
    help: 'Capture with a larger snapshot length and buffer (tcpdump -s 0 -B 4096), or at the other end.',
  },
  PG_DOUBLE_LOGIN: {
    message:
      'The client failed and tried again with another encryption (%): one wrong password counts as two failed logins.',
    help: 'This is what sslmode=prefer and allow do. Set sslmode=require (or disable) so that the first failure is the last.',
  },
};
