import { concat, utf8Bytes } from '../../base/bytes';
import { fatal } from '../messages/error-fields';
import { buildBackend } from '../messages/message-build';
import type { Fault } from './fault';
import { HTTP_ANSWER } from './fault-messages';

/** What goes wrong before TLS: the answer to SSLRequest, and what is no answer. */
export const ENCRYPTION_FAULTS: readonly Fault[] = [
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
];
