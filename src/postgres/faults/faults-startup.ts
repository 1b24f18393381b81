import { utf8Bytes } from '../../base/bytes';
import { buildBackend } from '../messages/message-build';
import type { Fault } from './fault';
import { CLEAR, half, negotiate } from './fault-messages';

/** Without a length, as `report_fork_failure_to_client` writes it. */
const FORK_FAILURE = 'Ecould not fork new process for connection: Resource temporarily unavailable\n\0';

/** What goes wrong at the StartupMessage: no answer, half of one, or one that makes no sense. */
export const STARTUP_FAULTS: readonly Fault[] = [
  {
    name: 'close-after-startup',
    title: 'Closes after StartupMessage',
    does: 'closes instead of asking for a password',
    shows: 'a connection that ends without an ErrorResponse',
    options: CLEAR,
    script: [{ at: 'AuthenticationSASL', next: 'close' }],
  },
  {
    name: 'silent-after-startup',
    title: 'Nothing answers StartupMessage',
    does: 'takes the StartupMessage and says nothing',
    shows: 'what an overloaded server or a proxy without a free backend looks like',
    options: CLEAR,
    script: [{ at: 'AuthenticationSASL', next: 'silence' }],
    silent: true,
  },
  {
    name: 'fork-failure',
    title: 'No process for the connection',
    does: 'answers with an error in the format from before protocol 3, as one that cannot start another process',
    shows: 'an error without a code, which is PostgreSQL all the same',
    options: CLEAR,
    script: [{ at: 'AuthenticationSASL', write: () => utf8Bytes(FORK_FAILURE), next: 'close' }],
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
    name: 'version-nonexistent',
    title: 'A protocol version that never was',
    does: 'negotiates protocol 3.1',
    shows: 'there is 3.0 and 3.2: the client stops',
    options: { ...CLEAR, max_protocol_version: '3.2' },
    script: [{ at: 'AuthenticationSASL', write: negotiate(3, 1, []), next: 'go on' }],
  },
  {
    name: 'version-too-old',
    title: 'A protocol version below the lowest allowed',
    does: 'negotiates protocol 3.0 with a client that wants 3.2 at least',
    shows: 'min_protocol_version ends the attempt',
    options: { ...CLEAR, min_protocol_version: '3.2', max_protocol_version: '3.2' },
    script: [{ at: 'AuthenticationSASL', write: negotiate(3, 0, []), next: 'go on' }],
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
];
