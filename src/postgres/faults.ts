import { fromBase64, toBase64 } from '../auth/base64';
import { concat, utf8, utf8Bytes } from '../base/bytes';
import type { HbaRule, PostgresServer } from './backend-options';
import { fatal } from './error-fields';
import { buildBackend } from './message-build';

/**
 * Where a script acts: a step of the connection, or the server's message that it acts on instead of, by name
 * (`S` is the answer to SSLRequest).
 */
export type FaultPoint =
  | 'connected'
  | 'S'
  /** The client's first bytes of TLS have arrived. */
  | 'ClientHello'
  | 'TLS established'
  | 'AuthenticationSASL'
  | 'AuthenticationSASLContinue'
  | 'AuthenticationSASLFinal'
  | 'AuthenticationOk'
  | 'ParameterStatus'
  | 'ReadyForQuery';

export interface FaultLine {
  readonly at: FaultPoint;
  /** What is sent in place of the server's message, which is the argument; absent: nothing is sent. */
  readonly write?: (message: Uint8Array) => Uint8Array;
  readonly next: 'go on' | 'close' | 'silence';
}

/** What the TLS of this server is like; the certificate is what the client is told to trust unless `authority` says otherwise. */
export interface FaultTls {
  readonly certificate?: 'expired' | 'not-yet-valid' | 'self-signed' | 'wrong-name';
  /** `other`: the client trusts another authority than the one that issued the certificate. */
  readonly authority?: 'other';
  /** Only versions that PostgreSQL's clients have stopped speaking (TLS 1.1). */
  readonly tooOld?: boolean;
  /** Chooses no application protocol. */
  readonly noAlpn?: boolean;
  /** The server behind a proxy that ends TLS: the certificate that it binds to is not the one the client sees. */
  readonly behindProxy?: boolean;
}

/** A server that misbehaves in one way, on purpose: what it does, and what a client should make of it. */
export interface Fault {
  /** How it is started: `lab postgres --fault NAME`. */
  readonly name: string;
  readonly title: string;
  /** What the server does, one sentence. */
  readonly does: string;
  /** What is to be seen, one sentence. */
  readonly shows: string;
  /** Options of the connection that meets it; `sslmode` is `require` if not given. */
  readonly options?: Readonly<Record<string, string>>;
  readonly script?: readonly FaultLine[];
  /** How the server is set up, where that is the fault. */
  readonly server?: Partial<Pick<PostgresServer, 'ssl' | 'condition' | 'hba'>> & {
    /** Offers no channel binding. */
    readonly noBinding?: boolean;
  };
  readonly tls?: FaultTls;
  /** The server never answers at some point: a client sees it after its own time-out. */
  readonly silent?: boolean;
}

const CLEAR = { sslmode: 'disable' } as const;
const VERIFY = { sslmode: 'verify-full' } as const;
const DIRECT = { sslmode: 'require', sslnegotiation: 'direct' } as const;
const ALL: Omit<HbaRule, 'type' | 'method'> = { database: 'all', user: 'all' };

const HTTP_ANSWER = 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';

/** Every fault of the PostgreSQL lab. */
export const FAULTS: readonly Fault[] = [
  {
    name: 'no-answer',
    title: 'Nothing answers SSLRequest',
    does: 'takes the connection and says nothing',
    shows: 'the client waits for its time-out; there is no fallback from silence',
    script: [{ at: 'S', next: 'silence' }],
    silent: true,
  },
  {
    name: 'ssl-refused',
    title: 'SSL is off, and the client insists',
    does: 'answers SSLRequest with N',
    shows: 'sslmode=require and stronger stop here, prefer goes on in the clear',
    server: { ssl: false },
  },
  {
    name: 'ssl-error',
    title: 'SSLRequest is answered with an error',
    does: 'answers E, as a server that cannot start another process',
    shows: 'the client stops and does not trust the text (CVE-2024-10977)',
    script: [
      {
        at: 'S',
        write: () => buildBackend(fatal('53300', 'could not fork new process for connection')),
        next: 'close',
      },
    ],
  },
  {
    name: 'http-server',
    title: 'An HTTP server on the port',
    does: 'answers SSLRequest as a web server answers what it cannot read',
    shows: 'the client names what it found',
    script: [{ at: 'S', write: () => utf8Bytes(HTTP_ANSWER), next: 'close' }],
  },
  {
    name: 'bytes-after-s',
    title: 'Bytes in the clear after S',
    does: 'sends an AuthenticationOk behind its S, before TLS',
    shows: 'the client refuses to take them for bytes from inside TLS (CVE-2021-23222)',
    script: [{ at: 'S', write: (s) => concat(s, buildBackend({ name: 'AuthenticationOk' })), next: 'go on' }],
  },
  {
    name: 'close-on-connect',
    title: 'Closes as soon as the connection is open',
    does: 'accepts the TCP connection and closes it',
    shows: 'what an address filter or a load balancer without servers looks like',
    script: [{ at: 'connected', next: 'close' }],
  },
  {
    name: 'close-after-ssl-request',
    title: 'Closes after SSLRequest',
    does: 'closes instead of answering SSLRequest',
    shows: 'the client knows of no answer, so it does not fall back',
    script: [{ at: 'S', next: 'close' }],
  },
  {
    name: 'close-after-s',
    title: 'Closes after S',
    does: 'answers S and closes when TLS begins',
    shows: 'the TLS handshake ends before it began',
    script: [{ at: 'ClientHello', next: 'close' }],
  },
  {
    name: 'plain-text-in-tls',
    title: 'Plain text where TLS belongs',
    does: 'answers the ClientHello with text',
    shows: 'the client reads a TLS record that is none',
    script: [{ at: 'ClientHello', write: () => utf8Bytes(HTTP_ANSWER), next: 'close' }],
  },
  {
    name: 'silent-in-tls',
    title: 'Silence inside the TLS handshake',
    does: 'answers S and then nothing to the ClientHello',
    shows: 'what a firewall that drops large or unknown packets looks like',
    script: [{ at: 'ClientHello', next: 'silence' }],
    silent: true,
  },
  {
    name: 'close-after-tls',
    title: 'Closes once TLS is up',
    does: 'finishes the TLS handshake and closes',
    shows: 'TLS is fine; the server behind it is not',
    script: [{ at: 'TLS established', next: 'close' }],
  },
  {
    name: 'close-after-startup',
    title: 'Closes after StartupMessage',
    does: 'closes instead of asking for a password',
    shows: 'a connection that ends without an ErrorResponse',
    options: CLEAR,
    script: [{ at: 'AuthenticationSASL', next: 'close' }],
  },
  {
    name: 'half-answer',
    title: 'Half an answer, then silence',
    does: 'sends the first half of its authentication request',
    shows: 'a message that never ends; the client waits for its time-out',
    options: CLEAR,
    script: [{ at: 'AuthenticationSASL', write: half, next: 'silence' }],
    silent: true,
  },
  {
    name: 'half-answer-close',
    title: 'Half an answer, then the end',
    does: 'sends the first half of its authentication request and closes',
    shows: 'a message that is cut off',
    options: CLEAR,
    script: [{ at: 'AuthenticationSASL', write: half, next: 'close' }],
  },
  {
    name: 'close-after-sasl-initial',
    title: 'Closes after SASLInitialResponse',
    does: 'offers SCRAM and closes when the client begins it',
    shows: 'the client never learns whether its password was right',
    options: CLEAR,
    script: [{ at: 'AuthenticationSASLContinue', next: 'close' }],
  },
  {
    name: 'close-after-sasl-response',
    title: 'Closes after the proof',
    does: 'takes the client’s SCRAM proof and closes',
    shows: 'neither accepted nor refused',
    options: CLEAR,
    script: [{ at: 'AuthenticationSASLFinal', next: 'close' }],
  },
  {
    name: 'close-after-auth-ok',
    title: 'Closes after AuthenticationOk',
    does: 'accepts the password and closes before the session starts',
    shows: 'authentication was right; what comes after it fails',
    options: CLEAR,
    script: [{ at: 'ParameterStatus', next: 'close' }],
  },
  {
    name: 'silent-before-ready',
    title: 'Never ready for a query',
    does: 'accepts the password and never sends ReadyForQuery',
    shows: 'a client that waits although it is authenticated',
    options: CLEAR,
    script: [{ at: 'ReadyForQuery', next: 'silence' }],
    silent: true,
  },
  {
    name: 'oversized-message',
    title: 'A message of two gigabytes',
    does: 'announces an authentication request of 2,147,483,647 bytes',
    shows: 'the client refuses the length instead of waiting for the bytes',
    options: CLEAR,
    script: [
      {
        at: 'AuthenticationSASL',
        write: () => Uint8Array.of(0x52, 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 10),
        next: 'silence',
      },
    ],
  },
  {
    name: 'tls-too-old',
    title: 'TLS 1.1 at most',
    does: 'speaks no TLS version newer than 1.1',
    shows: 'client and server have no version in common',
    tls: { tooOld: true },
  },
  {
    name: 'wrong-name',
    title: 'A certificate for another name',
    does: 'shows a certificate for db.example.com',
    shows: 'verify-full refuses it, verify-ca would not',
    options: VERIFY,
    tls: { certificate: 'wrong-name' },
  },
  {
    name: 'expired',
    title: 'An expired certificate',
    does: 'shows a certificate that ended yesterday',
    shows: 'verify-ca and verify-full refuse it',
    options: VERIFY,
    tls: { certificate: 'expired' },
  },
  {
    name: 'not-yet-valid',
    title: 'A certificate from the future',
    does: 'shows a certificate that begins tomorrow',
    shows: 'one of the two clocks is wrong',
    options: VERIFY,
    tls: { certificate: 'not-yet-valid' },
  },
  {
    name: 'self-signed',
    title: 'A self-signed certificate',
    does: 'shows a certificate that nobody else vouches for',
    shows: 'verify-ca and verify-full refuse it unless it is the root file itself',
    options: VERIFY,
    tls: { certificate: 'self-signed', authority: 'other' },
  },
  {
    name: 'unknown-ca',
    title: 'A certificate of an unknown authority',
    does: 'shows a certificate that the client’s root file does not cover',
    shows: 'verify-ca and verify-full refuse it',
    options: VERIFY,
    tls: { authority: 'other' },
  },
  {
    name: 'no-alpn',
    title: 'Direct TLS without ALPN',
    does: 'takes TLS from the first byte and chooses no application protocol',
    shows: 'libpq refuses it, for TLS without ALPN may be another service (ALPACA)',
    options: DIRECT,
    tls: { noAlpn: true },
  },
  {
    name: 'tampered-nonce',
    title: 'A SCRAM nonce that was changed',
    does: 'answers with a nonce that does not begin with the client’s',
    shows: 'somebody between client and server, or a broken proxy',
    options: CLEAR,
    script: [
      {
        at: 'AuthenticationSASLContinue',
        write: (message) => scram(message, /^r=.{8}/, 'r=tampered'),
        next: 'go on',
      },
    ],
  },
  {
    name: 'absurd-iterations',
    title: 'Two thousand million SCRAM iterations',
    does: 'asks for 2,147,483,647 iterations of the key derivation',
    shows: 'a server can make a client compute for an hour; ours has a limit',
    options: CLEAR,
    script: [
      {
        at: 'AuthenticationSASLContinue',
        write: (message) => scram(message, /,i=\d+/, ',i=2147483647'),
        next: 'go on',
      },
    ],
  },
  {
    name: 'no-salt',
    title: 'SCRAM without a salt',
    does: 'leaves the salt out of its SCRAM message',
    shows: 'a message that breaks RFC 5802',
    options: CLEAR,
    script: [
      { at: 'AuthenticationSASLContinue', write: (message) => scram(message, /,s=[^,]*/, ''), next: 'go on' },
    ],
  },
  {
    name: 'wrong-signature',
    title: 'A server that does not know the password',
    does: 'accepts any proof and signs with a key of its own',
    shows: 'SCRAM authenticates the server, too: the client refuses it',
    options: CLEAR,
    script: [{ at: 'AuthenticationSASLFinal', write: wrongSignature, next: 'go on' }],
  },
  {
    name: 'no-signature',
    title: 'A server that proves nothing',
    does: 'leaves out AuthenticationSASLFinal and says that all is well',
    shows: 'with require_auth=scram-sha-256 the client insists on the proof',
    options: { ...CLEAR, require_auth: 'scram-sha-256' },
    script: [{ at: 'AuthenticationSASLFinal', next: 'go on' }],
  },
  {
    name: 'proxy-ends-tls',
    title: 'A proxy that ends TLS',
    does: 'binds SCRAM to another certificate than the client was shown',
    shows: 'the channel binding does not hold: client and server are not on the same TLS connection',
    tls: { behindProxy: true },
  },
  {
    name: 'binding-stripped',
    title: 'No channel binding on offer',
    does: 'offers SCRAM-SHA-256 without -PLUS inside TLS',
    shows: 'channel_binding=require refuses to go on',
    options: { sslmode: 'require', channel_binding: 'require' },
    server: { noBinding: true },
  },
  {
    name: 'plus-without-tls',
    title: 'Channel binding offered without TLS',
    does: 'offers SCRAM-SHA-256-PLUS in the clear',
    shows: 'a proxy took TLS off on the way; the client stops',
    options: CLEAR,
    script: [
      {
        at: 'AuthenticationSASL',
        write: () =>
          buildBackend({ name: 'AuthenticationSASL', mechanisms: ['SCRAM-SHA-256-PLUS', 'SCRAM-SHA-256'] }),
        next: 'go on',
      },
    ],
  },
  {
    name: 'unknown-sasl',
    title: 'Only SASL mechanisms that no client has',
    does: 'offers a mechanism of its own invention',
    shows: 'the client says which it got',
    options: CLEAR,
    script: [
      {
        at: 'AuthenticationSASL',
        write: () => buildBackend({ name: 'AuthenticationSASL', mechanisms: ['X-LAB-1'] }),
        next: 'go on',
      },
    ],
  },
  {
    name: 'gss-wanted',
    title: 'Kerberos is asked for',
    does: 'sends AuthenticationGSS',
    shows: 'a method that this client recognises and does not perform',
    options: CLEAR,
    script: [
      { at: 'AuthenticationSASL', write: () => buildBackend({ name: 'AuthenticationGSS' }), next: 'go on' },
    ],
  },
  {
    name: 'unknown-auth',
    title: 'An authentication request that nobody knows',
    does: 'asks for authentication by code 99',
    shows: 'the client names the code and stops',
    options: CLEAR,
    script: [
      {
        at: 'AuthenticationSASL',
        write: () => buildBackend({ name: 'AuthenticationUnknown', code: 99, data: new Uint8Array(0) }),
        next: 'go on',
      },
    ],
  },
  {
    name: 'version-newer',
    title: 'A protocol version above the one asked for',
    does: 'negotiates protocol 3.9999',
    shows: 'a server may only go down: the client stops',
    options: CLEAR,
    script: [{ at: 'AuthenticationSASL', write: negotiate(3, 9999, []), next: 'go on' }],
  },
  {
    name: 'version-major',
    title: 'Another major protocol version',
    does: 'negotiates protocol 2.0',
    shows: 'the client stops: it speaks major version 3 only',
    options: CLEAR,
    script: [{ at: 'AuthenticationSASL', write: negotiate(2, 0, []), next: 'go on' }],
  },
  {
    name: 'version-same',
    title: 'Negotiation that changes nothing',
    does: 'negotiates the version that was asked for, without a rejected option',
    shows: 'the message has nothing to say, which libpq takes for an error',
    options: CLEAR,
    script: [{ at: 'AuthenticationSASL', write: negotiate(3, 0, []), next: 'go on' }],
  },
  {
    name: 'version-unasked-option',
    title: 'Refuses an option that nobody asked for',
    does: 'says that it does not know _pq_.lab',
    shows: 'the client did not send this option: it stops',
    options: { ...CLEAR, max_protocol_version: '3.2' },
    script: [{ at: 'AuthenticationSASL', write: negotiate(3, 0, ['_pq_.lab']), next: 'go on' }],
  },
  {
    name: 'no-hba-entry',
    title: 'No pg_hba.conf line',
    does: 'has a line for connections without TLS only',
    shows: 'the finding gives the line that would have matched',
    server: { hba: [{ type: 'hostnossl', ...ALL, method: 'scram-sha-256' }] },
  },
  {
    name: 'hba-reject',
    title: 'A pg_hba.conf line that rejects',
    does: 'has a reject line before all others',
    shows: 'a refusal by a line is told apart from no line at all',
    server: { hba: [{ type: 'host', ...ALL, method: 'reject' }] },
  },
  {
    name: 'starting-up',
    title: 'The server is starting up',
    does: 'answers 57P03 to everybody',
    shows: 'libpq goes to the next host of its list',
    server: { condition: 'starting-up' },
  },
  {
    name: 'too-many-connections',
    title: 'No connection slot left',
    does: 'answers 53300 to everybody',
    shows: 'nothing is wrong with the client',
    server: { condition: 'too-many-connections' },
  },
];

export function findFault(name: string): Fault | undefined {
  return FAULTS.find((fault) => fault.name === name);
}

function half(message: Uint8Array): Uint8Array {
  return message.subarray(0, message.length >> 1);
}

function negotiate(major: number, minor: number, options: readonly string[]): FaultLine['write'] {
  return (message) =>
    concat(buildBackend({ name: 'NegotiateProtocolVersion', version: { major, minor }, options }), message);
}

/** AuthenticationSASLContinue with its SCRAM text changed: type, length and code are 9 bytes. */
function scram(message: Uint8Array, what: RegExp, to: string): Uint8Array {
  const data = utf8Bytes(utf8(message.subarray(9)).replace(what, to));
  return buildBackend({ name: 'AuthenticationSASLContinue', data });
}

function wrongSignature(message: Uint8Array): Uint8Array {
  const text = utf8(message.subarray(9));
  const signature = fromBase64(text.slice(2)) ?? new Uint8Array(32);
  const other = signature.map((byte) => byte ^ 0xff);
  return buildBackend({ name: 'AuthenticationSASLFinal', data: utf8Bytes(`v=${toBase64(other)}`) });
}
