import type { TLS_CAUSES } from '../../causes/tls';
import type { CauseWords } from '../words';
import { alertSaid, tlsName } from './phrases';

type Code = Exclude<
  keyof typeof TLS_CAUSES,
  `TLS_CERTIFICATE_${string}` | `TLS_CLIENT_CERTIFICATE_${string}`
>;

export const TLS_HANDSHAKE_WORDS: Readonly<Record<Code, CauseWords>> = {
  TLS_NO_COMMON_VERSION: {
    what: ({ from, chosen }) =>
      from === 'client'
        ? `The client does not accept the TLS version that the server chose${chosen === undefined ? '' : ` (${tlsName(chosen)})`}.`
        : 'Client and server have no TLS version in common: the server accepts none that the client offers.',
    why: alertSaid,
    next: ({ from, product }) => {
      const server =
        product === 'MongoDB'
          ? 'net.tls.disabledProtocols'
          : 'ssl_min_protocol_version and ssl_max_protocol_version';
      return from === 'client'
        ? [
            {
              kind: 'server-config',
              text: `Let the server offer a newer TLS version (${product === 'MongoDB' ? server : 'ssl_max_protocol_version'}), or update its TLS library.`,
            },
            {
              kind: 'client-option',
              text: `If the server cannot be updated, lower the client's minimum version${product === 'MongoDB' ? '' : ' (ssl_min_protocol_version)'}; TLS versions before 1.2 are no longer secure.`,
            },
          ]
        : [
            {
              kind: 'client-option',
              text: 'Update the client or its TLS library: the ClientHello lists what it offers.',
            },
            {
              kind: 'server-config',
              text: `Compare that with the versions that the server allows (${server}).`,
            },
          ];
    },
    proof: 'The alert protocol_version.',
  },
  TLS_NO_COMMON_CIPHER: {
    what: () =>
      'Client and server have no cipher suite, key exchange group or signature algorithm in common.',
    why: alertSaid,
    next: ({ product }) => [
      {
        kind: 'server-config',
        text: `Compare what the ClientHello offers with the server's ${product === 'MongoDB' ? 'opensslCipherConfig, opensslCipherSuiteConfig and the type of its key' : 'ssl_ciphers, ssl_tls13_ciphers, ssl_groups (before PostgreSQL 18: ssl_ecdh_curve) and the type of its key'}.`,
      },
      { kind: 'client-option', text: 'Update the TLS library of the older side.' },
    ],
    proof: 'The alert handshake_failure or insufficient_security before any certificate was refused.',
  },
  TLS_NO_COMMON_ALPN: {
    what: ({ offered }) =>
      `The server speaks none of the application protocols (ALPN) that the client offers${offered === undefined ? '' : ` (${offered})`}.`,
    why: alertSaid,
    next: ({ product }) => [
      {
        kind: 'network',
        text: 'Check what answers on this port: an HTTPS server or load balancer refuses an unknown protocol in this way.',
      },
      ...(product === 'PostgreSQL'
        ? [
            {
              kind: 'client-option',
              text: 'For direct TLS the client has to offer "postgresql": use libpq 17 or later, or sslnegotiation=postgres.',
              option: { name: 'sslnegotiation', value: 'postgres' },
            } as const,
          ]
        : []),
    ],
    proof: 'The alert no_application_protocol.',
  },
  TLS_SERVER_NAME_UNKNOWN: {
    what: ({ name }) =>
      `The server does not serve the host name that the client asked for${name === undefined ? '' : ` (${name})`}.`,
    why: alertSaid,
    next: () => [
      {
        kind: 'client-option',
        text: 'Connect by the name for which the server or its load balancer is configured; a proxy may route by this name (SNI).',
      },
    ],
    proof: 'The alert unrecognized_name.',
  },
  TLS_INTERNAL_ERROR: {
    what: () => 'The server ended the TLS handshake with the alert internal_error, which gives no reason.',
    why: ({ product }) =>
      product === 'MongoDB'
        ? "MongoDB Atlas gives this answer to an address that is not in the project's IP access list."
        : 'Something failed inside the server, such as loading its certificate or key.',
    next: ({ product }) =>
      product === 'MongoDB'
        ? [
            {
              kind: 'server-config',
              text: "In Atlas, add the client's public address to the project's IP access list.",
            },
            { kind: 'ask', text: 'On another server, read its log: it names the reason.' },
          ]
        : [{ kind: 'ask', text: 'Read the log of the server: it names the reason.' }],
    proof: 'The alert internal_error.',
  },
  TLS_MESSAGES_DAMAGED: {
    what: ({ from, alert }) =>
      `The ${from} could not decode or verify a TLS message from the ${from === 'client' ? 'server' : 'client'} (alert ${alert}).`,
    why: () =>
      'A device in between changes the data, one side sent something in the clear, or a certificate does not belong to its private key.',
    next: () => [
      {
        kind: 'network',
        text: 'Connect past any device in between that inspects or changes TLS, and compare captures from both ends.',
      },
      {
        kind: 'server-config',
        text: 'Check on both sides that the certificate and the private key belong together.',
      },
    ],
    proof: 'An alert about a message that could not be read or did not verify.',
  },
  TLS_ALERT: {
    what: ({ from, alert }) => `The ${from} ended the TLS connection with the alert ${alert}.`,
    next: ({ from }) => [{ kind: 'ask', text: `Read the log of the ${from}: it names the reason.` }],
    proof: 'A fatal alert.',
  },
  TLS_CLOSED_ON_HELLO: {
    what: ({ server, how }) => `${server} ${how} the connection after the ClientHello, without answering it.`,
    why: ({ direct, product, name }) =>
      direct !== undefined || product === 'MongoDB'
        ? `A port without TLS does this, and so does a proxy or firewall that does not accept this client or ${name === undefined ? 'needs a host name (SNI), which the client did not send' : `the host name ${name}`}.`
        : 'The server had offered TLS before. A proxy that answers in its place, or a server that cannot load its certificate or key, does this.',
    next: ({ product, direct }) => {
      if (product === 'MongoDB') {
        return [
          {
            kind: 'server-config',
            text: 'Check whether the server has TLS switched on (net.tls.mode), and read its log.',
          },
          {
            kind: 'client-option',
            text: 'Check host and port; without TLS on the server, the connection string must not say tls=true.',
          },
        ];
      }
      if (direct === undefined)
        return [{ kind: 'ask', text: "Read the server's log, and check the proxy in between." }];
      return [
        {
          kind: 'client-option',
          text: 'Use sslnegotiation=postgres: PostgreSQL before version 17 and most poolers do not support direct TLS.',
          option: { name: 'sslnegotiation', value: 'postgres' },
        },
      ];
    },
    proof: 'After the ClientHello the server closed without sending a byte.',
  },
  TLS_SERVER_SILENT: {
    what: ({ server, seconds, open }) =>
      `${server} did not answer the ClientHello ${open === undefined ? `within ${seconds} s, and the client gave up` : `before the capture ended (${seconds} s later)`}.`,
    why: ({ direct, product }) =>
      direct !== undefined || product === 'MongoDB'
        ? 'The port may not speak TLS: such a server takes the ClientHello for the beginning of a message of its own protocol and waits for the rest. A proxy that is waiting for a server, or a firewall that drops TLS, looks the same.'
        : 'The server had offered TLS before. A firewall that drops TLS, a proxy that is waiting for a server behind it, or lost large packets (path MTU) cause this; no certificate had been sent yet.',
    next: ({ direct, product }) => [
      ...(product === 'MongoDB'
        ? [
            {
              kind: 'server-config',
              text: 'Check whether TLS is switched on at the server (net.tls.mode); if not, connect without tls=true.',
            } as const,
          ]
        : direct === undefined
          ? []
          : [
              {
                kind: 'client-option',
                text: 'Use sslnegotiation=postgres unless the server is PostgreSQL 17 or later.',
                option: { name: 'sslnegotiation', value: 'postgres' },
              } as const,
            ]),
      {
        kind: 'network',
        text: 'Capture at the server: if the ClientHello does not arrive there, or an answer leaves it, look for a firewall, a proxy or a small path MTU in between.',
      },
    ],
    proof:
      'The ClientHello was sent, and nothing from the server followed until the client left or the capture ended.',
  },
  TLS_ENDED_BY_SERVER: {
    what: ({ server, seconds }) =>
      `${server} closed the connection in the middle of the TLS handshake${seconds === undefined ? '' : `, ${seconds} s after the last message`}, without a readable alert.`,
    next: () => [{ kind: 'ask', text: "Read the server's log for this moment: it names the reason." }],
    proof: 'The server closed, or sent a record of the size of an alert, before the handshake was over.',
  },
  TLS_ENDED_BY_CLIENT: {
    what: ({ seconds }) =>
      `The client closed the connection in the middle of the TLS handshake${seconds === undefined ? '' : `, ${seconds} s after the last message`}, without a readable alert.`,
    next: () => [{ kind: 'ask', text: "Read the client's own error message: it names the reason." }],
    proof: 'The client closed, or sent a record of the size of an alert, before the handshake was over.',
  },
};
