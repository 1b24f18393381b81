import { buildBackend } from '../messages/message-build';
import type { Fault } from './fault';
import { CLEAR, scram, wrongSignature } from './fault-messages';

/** What goes wrong in SCRAM: messages that were changed, and channel binding. */
export const SCRAM_FAULTS: readonly Fault[] = [
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
    name: 'close-after-sasl-final',
    title: 'Closes after its own proof',
    does: 'sends its SCRAM signature and closes before AuthenticationOk',
    shows: 'the password was right, and still nobody is let in',
    options: CLEAR,
    script: [{ at: 'AuthenticationOk', next: 'close' }],
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
];
