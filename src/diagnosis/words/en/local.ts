import type { CauseParams } from '../../../trace/diagnosis';
import type { Protocol } from '../../../trace/model';
import type { LOCAL_CAUSES } from '../../causes/local';
import type { CauseWords } from '../words';
import { ask, clientOption, network, serverConfig } from './phrases';
import { stepWords } from './steps';

/** What the client was doing, to follow "while". */
function doing({ protocol, state, tls }: CauseParams): string {
  return state === undefined
    ? 'connecting'
    : stepWords(`${protocol}` as Protocol, `${state}`, tls !== undefined);
}

const isMongo = ({ product }: CauseParams) => product === 'MongoDB';

const proofOf = (what: string) => `The Connect Test itself saw it: ${what}. A capture does not show it.`;

/** The option that names the file. */
function rootOption(params: CauseParams): string {
  return isMongo(params) ? 'tlsCAFile' : 'sslrootcert';
}

function keyOption(params: CauseParams): string {
  return isMongo(params) ? 'tlsCertificateKeyFile' : 'sslkey';
}

function passphraseOption(params: CauseParams): string {
  return isMongo(params) ? 'tlsCertificateKeyFilePassword' : 'sslpassword';
}

const SOCKET_PLACE: Readonly<Record<'mongo' | 'postgres', string>> = {
  mongo:
    'Check that mongod is running on this machine, and check its net.unixDomainSocket.enabled and net.unixDomainSocket.pathPrefix.',
  postgres:
    'Check that PostgreSQL is running on this machine, and compare its unix_socket_directories with the directory given as host.',
};

function socketPlace(params: CauseParams): string {
  return SOCKET_PLACE[isMongo(params) ? 'mongo' : 'postgres'];
}

export const LOCAL_WORDS: Readonly<Record<keyof typeof LOCAL_CAUSES, CauseWords>> = {
  LIVE_CANCELLED: {
    what: (p) => `Cancelled while ${p.host === undefined ? doing(p) : `looking up ${p.host}`}.`,
    next: () => [],
    proof: proofOf('the user cancelled it'),
  },
  LIVE_KEPT_WAITING: {
    what: (p) =>
      `${p.server} kept the handshake going for ${p.seconds} s without finishing it; the last step was ${doing(p)}.`,
    next: () => [ask("Read the server's log for this moment.")],
    proof: 'The whole attempt took longer than the Connect Test allows, while the server kept sending.',
  },
  LIVE_NO_PASSWORD: {
    what: (p) =>
      p.withheld === undefined
        ? 'The server asked for a password, and none was given.'
        : `The password was not sent again: the server had already rejected it${p.mode === undefined ? '' : ` with sslmode=${p.mode}`}.`,
    next: (p) =>
      p.withheld === undefined
        ? [ask('Run the test again and enter the password when it is asked for.')]
        : [],
    proof: proofOf('the server asked for a password that the test did not have, or did not send again'),
  },
  LIVE_NAME_NOT_FOUND: {
    what: ({ host }) => `The name "${host}" does not resolve to an address.`,
    next: () => [
      network(
        'Check the spelling of the host name, and that this machine uses the DNS server or VPN that knows it.',
      ),
    ],
    proof: proofOf('the resolver does not know the name'),
  },
  LIVE_NAME_SERVER_SILENT: {
    what: ({ host, seconds }) =>
      `The DNS server gave no answer for "${host}"${seconds === undefined ? '' : ` within ${seconds} s`}.`,
    next: () => [network('Check the network connection and the DNS server of this machine, then try again.')],
    proof: proofOf('the resolver did not answer in time'),
  },
  LIVE_SRV_NOT_FOUND: {
    what: ({ host, why }) => `The SRV record of ${host} could not be looked up (${why}).`,
    next: () => [
      network(
        'Check the name, and that the DNS server of this machine answers SRV queries. A mongodb:// string that lists the hosts needs no SRV record.',
      ),
    ],
    proof: proofOf('DNS has no SRV record, or did not answer'),
  },
  LIVE_SRV_REFUSED: {
    what: ({ text }) => `${text}`.replace(/([^.])$/, '$1.'),
    next: () => [
      network(
        'Correct the DNS records: the hosts of the SRV record must be in the parent domain of the name, and the TXT record may set only authSource, replicaSet and loadBalanced.',
      ),
    ],
    proof: proofOf('the SRV or TXT record breaks the rules of mongodb+srv'),
  },
  LIVE_NOT_AN_ADDRESS: {
    what: ({ address }) => `"${address}" is not an IP address.`,
    next: (p) => [
      isMongo(p)
        ? ask('Check the host in the connection string.')
        : clientOption(
            'host',
            `${p.address}`,
            'hostaddr takes an IPv4 or IPv6 address; give a name as host.',
          ),
    ],
    proof: proofOf('the text cannot be read as an address'),
  },
  LIVE_NO_ROUTE: {
    what: ({ server, network: whole }) =>
      `This machine has no route to ${whole === undefined ? server : `the network of ${server}`}.`,
    next: () => [
      network(
        'Check the network connection, the VPN and the address; if it is an IPv6 address, check that this machine has IPv6.',
      ),
    ],
    proof: proofOf('the operating system says EHOSTUNREACH or ENETUNREACH'),
  },
  LIVE_NOT_PERMITTED: {
    what: ({ server }) => `This machine does not permit a connection to ${server}.`,
    next: () => [network('Check the local firewall or sandbox; for a Unix socket, check its permissions.')],
    proof: proofOf('the operating system says EACCES or EPERM'),
  },
  LIVE_TOO_MANY_SOCKETS: {
    what: () => 'This process has too many files and sockets open.',
    next: () => [ask('Close some of them, or raise the limit (ulimit -n), and try again.')],
    proof: proofOf('the operating system says EMFILE'),
  },
  LIVE_NO_SOCKET_FILE: {
    what: ({ path }) => `There is no Unix socket at ${path}.`,
    next: (p) => [serverConfig(socketPlace(p))],
    proof: proofOf('the file of the socket does not exist'),
  },
  LIVE_SOCKET_REFUSED: {
    what: ({ path }) => `Connection refused: nothing is listening on the Unix socket ${path}.`,
    next: (p) => [serverConfig(socketPlace(p))],
    proof: proofOf('the socket file is there and no process has it open'),
  },
  LIVE_CONNECT_ERROR: {
    what: ({ server, text }) => `The connection to ${server} could not be opened: ${text}.`,
    next: () => [ask('Check host and port.')],
    proof: proofOf('the operating system refused to connect'),
  },
  LIVE_MECHANISM_NOT_SPOKEN: {
    what: ({ mechanism, spoken }) => `This test cannot log in with ${mechanism}; it supports ${spoken}.`,
    next: () => [
      {
        kind: 'capture',
        text: "Capture the application's own connection and open it here: this mechanism is recognised there.",
      },
    ],
    proof: 'The Connect Test does not implement this mechanism.',
  },
  LIVE_ROOT_MISSING: {
    what: ({ file }) => `The root certificate file "${file}" does not exist.`,
    next: (p) => [
      clientOption(
        rootOption(p),
        '<file>',
        `Set ${rootOption(p)} to the file that holds the root certificate.`,
      ),
      ...(isMongo(p)
        ? []
        : [
            clientOption(
              'sslrootcert',
              'system',
              "Or use the system's trusted roots: sslrootcert=system (libpq 16 or later).",
            ),
          ]),
    ],
    proof: proofOf('the file does not exist'),
  },
  LIVE_FILE_UNREADABLE: {
    what: ({ what, file, why }) =>
      `The ${what} file "${file}" cannot be read${why === undefined ? '' : ` (${why})`}.`,
    next: ({ what }) => [
      ask(
        what === 'client key'
          ? 'Check its path and permissions; it must hold a private key in PEM.'
          : 'Check its path and permissions; it must hold certificates in PEM.',
      ),
    ],
    proof: proofOf('the file cannot be opened, or is not PEM'),
  },
  LIVE_KEY_MISSING: {
    what: ({ file }) => `There is a client certificate, but its private key file "${file}" does not exist.`,
    next: (p) => [
      clientOption(keyOption(p), '<file>', `Set ${keyOption(p)} to the file that holds the key.`),
    ],
    proof: proofOf('the file of the key does not exist'),
  },
  LIVE_KEY_ACCESS: {
    what: ({ file }) => `The private key file "${file}" can be read by group or others, so libpq refuses it.`,
    next: ({ file }) => [{ kind: 'ask', text: 'Remove these permissions.', snippet: `chmod 0600 ${file}` }],
    proof: proofOf("the file's mode allows more than u=rw (0600), or u=rw,g=r (0640) if owned by root"),
  },
  LIVE_KEY_UNUSABLE: {
    what: ({ file }) => `The private key file "${file}" could not be loaded.`,
    next: (p) => [
      clientOption(
        passphraseOption(p),
        '<password>',
        `If the key is encrypted, give its password as ${passphraseOption(p)}; otherwise check that the file holds a private key in PEM.`,
      ),
    ],
    proof: proofOf('the key cannot be read, or is encrypted under another password'),
  },
  LIVE_KEY_MISMATCH: {
    what: () => 'The client certificate and the private key do not belong together.',
    next: (p) => [
      clientOption(keyOption(p), '<file>', 'Use the private key that belongs to the certificate.'),
    ],
    proof: proofOf('OpenSSL compares the two'),
  },
  LIVE_TLS_SETTINGS: {
    what: ({ text }) => `TLS could not be set up on this side: ${text}.`,
    next: () => [ask('Check the TLS options, and the files that they name.')],
    proof: proofOf('OpenSSL refuses the settings'),
  },
  LIVE_HOST_NAME_MISSING: {
    what: () => 'There is no host name to compare the server certificate with.',
    next: () => [
      clientOption('host', '<name>', 'Give host as well as hostaddr: the certificate is compared with host.'),
    ],
    proof: proofOf('only an address was given, and sslmode=verify-full needs a name'),
  },
  LIVE_CHANNEL_BINDING_HASH: {
    what: () =>
      'Channel binding is not possible with this server certificate: its signature algorithm (Ed25519 or Ed448) names no hash function.',
    why: () =>
      'libpq and PostgreSQL both stop there (“could not find digest for NID UNDEF”), so every such login fails.',
    next: () => [
      serverConfig('Give the server a certificate that is signed with RSA or ECDSA (ssl_cert_file).'),
      clientOption(
        'channel_binding',
        'disable',
        'Until then, set channel_binding=disable in the client, with sslmode=verify-full.',
      ),
    ],
    proof: proofOf(
      'the certificate is signed with an algorithm that tls-server-end-point is not defined for',
    ),
  },
  LIVE_REVOCATION_LIST: {
    what: ({ late }) =>
      late === undefined
        ? 'Whether the server certificate was revoked cannot be checked: no revocation list covers its chain.'
        : 'The revocation list for the server certificate is out of date.',
    next: ({ late }) => [
      late === undefined
        ? clientOption(
            'sslcrl',
            '<file>',
            'Put the revocation list of every authority in the chain into the file of sslcrl.',
          )
        : ask('Get the newest list from the authority.'),
    ],
    proof: proofOf('the revocation list that was given is out of date or does not cover the chain'),
  },
};
