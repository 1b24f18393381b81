import type { POSTGRES_ENCRYPTION_CAUSES } from '../../causes/postgres-encryption';
import type { CauseWords } from '../words';
import { ask, clientOption, explained, network, serverConfig } from './phrases';
import { serviceText } from './service';

const RETRY_POSTGRES = () =>
  clientOption(
    'sslnegotiation',
    'postgres',
    'Set sslnegotiation=postgres, so that the client sends SSLRequest first.',
  );

const REQUIRE = (text: string) => clientOption('sslmode', 'require', text);

export const POSTGRES_ENCRYPTION_WORDS: Readonly<
  Record<keyof typeof POSTGRES_ENCRYPTION_CAUSES, CauseWords>
> = {
  PG_TLS_DECLINED: {
    what: () => 'The server declines TLS (N), and the client insists on it.',
    next: () => [
      serverConfig('Set ssl = on, ssl_cert_file and ssl_key_file on the server.', 'ssl = on'),
      ask('If a pooler answers on this port, switch on TLS there as well.'),
      clientOption(
        'sslmode',
        'prefer',
        'Use sslmode=prefer only if an unencrypted connection is acceptable.',
      ),
    ],
    proof: 'SSLRequest was answered with N, and the client closed without a StartupMessage.',
  },
  PG_TLS_NOT_STARTED: {
    what: () =>
      'The server offers TLS (S), and the client closed without a ClientHello: most likely it could not set up TLS on its own side.',
    why: () =>
      'The file of the root certificate, client certificate or key is missing, cannot be read, or does not match; only the client reports the error.',
    next: () => [
      ask(
        "Read the client's own error message: it names the file (sslrootcert, sslcert, sslkey, or sslcrl).",
      ),
      clientOption(
        'sslrootcert',
        'PATH',
        'Check that the file of sslrootcert exists (~/.postgresql/root.crt by default) and that the key file has mode 0600.',
      ),
    ],
    proof: 'After S the client sent no byte and closed at once.',
  },
  PG_SSL_REQUEST_CLOSED: {
    what: ({ how }) => `The server ${how ?? 'closed'} the connection instead of answering SSLRequest.`,
    why: () =>
      'A port that expects TLS from the first byte does this; so do a load balancer without a server behind it, an address filter, and a service that is not PostgreSQL.',
    next: () => [
      clientOption(
        'sslnegotiation',
        'direct',
        'If this port expects TLS from the first byte, set sslnegotiation=direct (with sslmode=require), or use a proxy that supports SSLRequest.',
      ),
      network('Check the host, the port, and what a load balancer in between forwards to; read its log.'),
    ],
    proof: 'SSLRequest is the last message, and the server ended the connection.',
    tellApart:
      'openssl s_client -connect HOST:PORT succeeds at once where TLS is expected from the first byte.',
  },
  PG_SSL_ERROR: {
    what: ({ text }) =>
      text === undefined
        ? 'The server answered SSLRequest with an error.'
        : `The server answered SSLRequest with an error: “${text}”.`,
    why: () =>
      'Most often the server could not start a process for the connection. The error came before TLS, so clients do not show its text.',
    next: () => [ask('Read the server log; check the memory and the process limit of the server.')],
    proof: 'SSLRequest was answered with E.',
  },
  PG_GSS_CLOSED: {
    what: ({ how }) =>
      `The server ${how ?? 'closed'} the connection instead of answering GSSENCRequest: it does not support GSSAPI encryption.`,
    why: () => 'PostgreSQL before version 12 and most poolers and proxies do not support it.',
    next: () => [
      clientOption('gssencmode', 'disable', 'Set gssencmode=disable in the connection string.'),
      network('If that does not help, check host, port, and what a load balancer in between forwards to.'),
    ],
    proof: 'GSSENCRequest is the last message, and the server ended the connection.',
  },
  PG_GSS_DECLINED: {
    what: () =>
      'The server declines GSSAPI encryption (N), and the client insists on it (gssencmode=require).',
    next: () => [
      clientOption(
        'gssencmode',
        'prefer',
        'Set gssencmode=prefer or disable, and sslmode=require for encryption by TLS.',
      ),
      serverConfig(
        'Or give the server a Kerberos keytab (krb_server_keyfile) and a hostgssenc line in pg_hba.conf.',
      ),
    ],
    proof: 'GSSENCRequest was answered with N, and the client closed without another message.',
  },
  PG_GSS_ERROR: {
    what: ({ text }) =>
      `The server answered GSSENCRequest with an error${text === undefined ? '' : `: “${text}”`}.`,
    next: () => [
      clientOption('gssencmode', 'disable', 'Set gssencmode=disable in the connection string.'),
      ask('If that does not help, read the server log: it may be unable to start another process.'),
    ],
    proof: 'GSSENCRequest was answered with E.',
  },
  PG_GSS_ABANDONED: {
    what: () => 'The server accepts GSSAPI encryption (G), but the client left without starting it.',
    why: () =>
      'Most likely the client has no usable Kerberos ticket for this server; libpq then connects again without GSSAPI, unless gssencmode=require.',
    next: () => [
      ask('Check the ticket with klist, and check that the host name is that of the service principal.'),
      clientOption('gssencmode', 'disable', 'Set gssencmode=disable if Kerberos is not meant to be used.'),
    ],
    proof: 'GSSENCRequest was answered with G, and the client closed without sending a byte.',
  },
  PG_GSS_ENCRYPTED: {
    what: () => 'Encrypted by GSSAPI from here on: the login cannot be seen.',
    next: () => [
      clientOption(
        'gssencmode',
        'disable',
        'Connect with gssencmode=disable and capture again to see the login.',
      ),
    ],
    proof: 'GSSENCRequest was answered with G, and wrapped data followed.',
  },
  PG_SURPLUS_BEFORE_TLS: {
    what: ({ whose }) =>
      `The ${whose} sent unencrypted bytes where TLS had to begin: this is a broken proxy, or an attack (${whose === 'server' ? 'CVE-2021-23222' : 'CVE-2021-23214'}).`,
    next: () => [network('Check what is between client and server, and update both.')],
    proof: 'Bytes that are not TLS follow SSLRequest or the answer S in the same flight.',
  },
  PG_PLAIN_START_CLOSED: {
    what: ({ how }) =>
      `The client started without TLS, and the server ${how ?? 'closed'} the connection without answering.`,
    why: () =>
      'A port or proxy that accepts only TLS does this; so does a server process that crashed, or a proxy that does not know this user or database.',
    next: () => [
      REQUIRE('Set sslmode=require (or sslnegotiation=direct if TLS has to begin with the first byte).'),
      ask('Read the log of the server or proxy for this moment.'),
    ],
    proof:
      'The first message is a StartupMessage in the clear, and the server ended the connection without a byte.',
    tellApart: 'If only TLS was missing, the server answers SSLRequest when the client sets sslmode=require.',
  },
  PG_DIRECT_TLS_IN_CLEAR: {
    what: (params) =>
      explained(
        'The client began with TLS, without SSLRequest, and got an answer in the clear: the server or pooler does not support direct TLS.',
        params,
      ),
    next: () => [RETRY_POSTGRES()],
    proof: 'A ClientHello is the first message, and the answer is a PostgreSQL message without TLS.',
  },
  PG_ALPN_NOT_OFFERED: {
    what: () =>
      'The client began with TLS directly but did not offer the ALPN protocol "postgresql", so PostgreSQL closed the connection after the TLS handshake.',
    next: () => [ask('Update the driver: direct TLS needs ALPN "postgresql".'), RETRY_POSTGRES()],
    proof:
      'A ClientHello without ALPN "postgresql" is the first message, and the server closed after the TLS handshake without sending anything.',
  },
  PG_ALPN_NOT_CHOSEN: {
    what: () =>
      'The client began with TLS directly, and the server did not choose the ALPN protocol "postgresql", so the client left.',
    why: () =>
      'libpq requires ALPN with sslnegotiation=direct because the port may belong to another service. The usual cause is a TLS proxy that does not support ALPN.',
    next: () => [serverConfig('Let the TLS proxy in front negotiate ALPN "postgresql".'), RETRY_POSTGRES()],
    proof:
      'The client offered ALPN, the server chose none, and the client left right after the TLS handshake.',
  },
  PG_NOT_POSTGRES: {
    what: ({ service }) =>
      service === undefined
        ? 'The reply is not PostgreSQL protocol.'
        : `The reply is from ${serviceText(service)}, not PostgreSQL.`,
    next: () => [network('Check host, port, load balancer, and anything that may alter the data.')],
    proof: "The server's first bytes are not a message of PostgreSQL.",
  },
  PG_BAD_STARTUP: {
    what: ({ problem }) => `The client sent a startup packet that no server accepts: ${problem}.`,
    why: () => 'A server closes such a connection without a reply.',
    next: () => [ask('Check what is connecting to this port.')],
    proof: "The client's first bytes cannot be a startup packet.",
  },
};
