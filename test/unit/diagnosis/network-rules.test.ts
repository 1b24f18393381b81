import { describe } from 'vitest';
import { LOSS_RULES } from '../../../src/diagnosis/rules/loss';
import { NETWORK_RULES } from '../../../src/diagnosis/rules/network';
import { SILENCE_RULES } from '../../../src/diagnosis/rules/silence';
import { everyCauseIsTold, markAt, OPENED, tellStories } from './story';

const SYN = { at: 0, syn: 'client' } as const;
const STARTUP = { at: 2, from: 'client', bytes: 60, message: 'StartupMessage' } as const;
const HELLO = { at: 2, from: 'client', bytes: 300, message: 'ClientHello', layer: 'tls' } as const;

describe('a TCP connection that came to nothing', () => {
  tellStories(NETWORK_RULES, [
    ['a reset answers the SYN', 'TCP_REFUSED', { happens: [SYN, { at: 1, close: 'server', how: 'rst' }] }],
    [
      'the same on ::1',
      'TCP_REFUSED',
      { address: '::1', happens: [SYN, { at: 1, close: 'server', how: 'rst' }] },
      { loopback: 'IPv6' },
    ],
    [
      'the same on 127.0.0.1',
      'TCP_REFUSED',
      { product: 'MongoDB', address: '127.0.0.1', happens: [SYN, { at: 1, close: 'server', how: 'rst' }] },
      { loopback: 'IPv4' },
    ],
    [
      'a reset after bytes is none',
      null,
      { happens: [...OPENED, STARTUP, { at: 3, close: 'server', how: 'rst' }] },
    ],
    [
      'SYN repeated, no answer',
      'TCP_NO_ANSWER',
      { happens: [{ ...SYN, times: 4 }], captureEnd: 7000 },
      { times: 4, seconds: 7 },
    ],
    [
      'one SYN while the capture goes on',
      'TCP_NO_ANSWER',
      { happens: [SYN], captureEnd: 5000 },
      { seconds: 5 },
    ],
    ['one SYN at the end of the capture', null, { happens: [SYN], captureEnd: 300 }],
    [
      'only the client was captured',
      null,
      { happens: [{ ...SYN, times: 2 }], captureEnd: 9000, server: { unheard: true } },
    ],
    [
      'SYN+ACK repeated',
      'TCP_ANSWER_LOST',
      {
        happens: [
          { ...SYN, times: 3 },
          { at: 1, syn: 'server', times: 3 },
        ],
        captureEnd: 7000,
      },
    ],
    [
      'SYN+ACK repeated, and the client acknowledges it after all',
      null,
      {
        happens: [SYN, { at: 1, syn: 'server', times: 3 }],
        captureEnd: 7000,
        server: { acknowledged: true },
      },
    ],
    [
      'SYN+ACK repeated, and the client resets',
      'TCP_PORT_CHECK',
      { happens: [SYN, { at: 1, syn: 'server', times: 2 }, { at: 9, close: 'client', how: 'rst' }] },
    ],
    [
      'a reset after a SYN+ACK that is not here and was acknowledged',
      'TCP_CLOSED_AT_ONCE',
      { happens: [SYN, { at: 1, close: 'server', how: 'rst' }], server: { acknowledged: true } },
    ],
    [
      'a SYN+ACK that is not here and was acknowledged',
      null,
      { happens: [SYN], captureEnd: 7000, server: { acknowledged: true } },
    ],
    ['SYN+ACK once', null, { happens: OPENED, captureEnd: 7000 }],
    ['a host is unreachable', 'TCP_UNREACHABLE', { happens: [SYN], icmp: {} }],
    [
      'the client is unreachable for the answer of the server',
      'TCP_ANSWER_LOST',
      { happens: [SYN, { at: 1, syn: 'server', times: 3 }], captureEnd: 7000, icmp: { about: 'server' } },
    ],
    [
      'a host is unreachable once, and then it refuses',
      'TCP_REFUSED',
      {
        happens: [
          { ...SYN, times: 2 },
          { at: 1000, close: 'server', how: 'rst' },
        ],
        icmp: {},
      },
    ],
    [
      'a host is unreachable once, and only the client was captured',
      null,
      { happens: [...OPENED, STARTUP], icmp: {}, server: { unheard: true } },
    ],
    [
      'a host is unreachable once, and what the server said is missing',
      null,
      {
        happens: [...OPENED, STARTUP],
        icmp: {},
        server: { missing: 90 },
        missing: { kind: 'bytes', whose: 'server' },
      },
    ],
    [
      'a firewall prohibits',
      'TCP_REJECTED',
      { happens: [SYN], icmp: { kind: 'host administratively prohibited' } },
    ],
    [
      'a firewall says port unreachable',
      'TCP_REJECTED',
      { happens: [SYN], icmp: { kind: 'port unreachable' } },
    ],
    [
      'something is too big, and that is all',
      null,
      { happens: [...OPENED, STARTUP], icmp: { kind: 'fragmentation needed', tooBig: true, mtu: 1400 } },
    ],
    ['closed before a byte', 'TCP_CLOSED_AT_ONCE', { happens: [...OPENED, { at: 2, close: 'server' }] }],
    [
      'closed before the client spoke, which it did all the same',
      'TCP_CLOSED_AT_ONCE',
      {
        happens: [...OPENED, { at: 2, close: 'server' }, { ...STARTUP, at: 3 }, { at: 4, close: 'client' }],
        client: { unacknowledged: 0 },
      },
    ],
    [
      'closed after a PROXY header',
      null,
      { happens: [...OPENED, { at: 2, close: 'server' }, { ...STARTUP, at: 3 }], proxy: 1 },
    ],
    [
      'closed after the client spoke',
      null,
      {
        happens: [...OPENED, { ...STARTUP, at: 2 }, { at: 3, close: 'server' }, { at: 4, close: 'client' }],
        client: { unacknowledged: 0 },
      },
    ],
    [
      'closed before it read what the client sent',
      'TCP_CLOSED_AT_ONCE',
      { happens: [...OPENED, STARTUP, { at: 3, close: 'server' }], client: { unacknowledged: 60 } },
    ],
    [
      'closed before a byte, and the SYN+ACK is not here',
      'TCP_CLOSED_AT_ONCE',
      { happens: [SYN, { at: 2, close: 'server' }] },
    ],
    ['closed after it read a message', null, { happens: [...OPENED, STARTUP, { at: 3, close: 'server' }] }],
    [
      'bytes are missing',
      null,
      { happens: [...OPENED, { at: 2, close: 'server' }], missing: { kind: 'bytes', whose: 'client' } },
    ],
    [
      'the client leaves without a byte',
      'TCP_PORT_CHECK',
      { happens: [...OPENED, { at: 2, close: 'client', how: 'rst' }] },
    ],
  ]);
});

describe('what was sent and never arrived', () => {
  const lost = { unacknowledged: 1505, timesSent: 6, largestLost: 1448 };
  tellStories(LOSS_RULES, [
    [
      'a full segment of the client six times',
      'TCP_LARGE_PACKETS_LOST',
      { happens: [...OPENED, HELLO, { at: 15_000, close: 'client' }], client: lost },
      { from: 'client', times: 6, size: 1448 },
    ],
    [
      'a full segment of the server six times',
      'TCP_LARGE_PACKETS_LOST',
      { happens: [...OPENED, HELLO, { at: 15_000, close: 'client' }], server: lost },
      { from: 'server' },
    ],
    [
      'a full segment sent twice, just now',
      null,
      { happens: [...OPENED, HELLO], client: { ...lost, timesSent: 2 } },
    ],
    [
      'a full segment sent twice in two seconds',
      'TCP_LARGE_PACKETS_LOST',
      { happens: [...OPENED, HELLO, { at: 2002, close: 'client' }], client: { ...lost, timesSent: 2 } },
    ],
    [
      'twice, and a router says that it is too big',
      'TCP_LARGE_PACKETS_LOST',
      {
        happens: [...OPENED, HELLO],
        client: { ...lost, timesSent: 2 },
        icmp: { kind: 'fragmentation needed', tooBig: true, mtu: 1400 },
      },
      { mtu: 1400, router: '192.0.2.254' },
    ],
    [
      'a small segment',
      'TCP_PACKETS_LOST',
      { happens: [...OPENED, STARTUP], client: { unacknowledged: 60, timesSent: 5, largestLost: 60 } },
      { from: 'client', times: 5 },
    ],
    [
      'a hole at the beginning of a flight, and its end is here',
      'TCP_LARGE_PACKETS_LOST',
      {
        happens: [...OPENED, HELLO, { at: 5, from: 'server', bytes: 264 }, { at: 9000, close: 'client' }],
        server: { hole: 2896, largestLost: 264 },
      },
      { from: 'server', bytes: 2896 },
    ],
    [
      'a hole, and segments of the same size behind it',
      'TCP_PACKETS_LOST',
      {
        happens: [...OPENED, HELLO, { at: 5, from: 'server', bytes: 4344 }, { at: 9000, close: 'client' }],
        server: { hole: 1448, largestLost: 1448 },
      },
    ],
    [
      'a hole that had no time to be filled',
      null,
      {
        happens: [...OPENED, HELLO, { at: 5, from: 'server', bytes: 264 }, { at: 50, close: 'client' }],
        server: { hole: 1448, largestLost: 264 },
      },
    ],
  ]);
});

describe('silence', () => {
  tellStories(SILENCE_RULES, [
    [
      'the client gives up after 3 s',
      'TCP_SERVER_SILENT',
      { happens: [...OPENED, STARTUP, { at: 3002, close: 'client' }] },
      { seconds: 3, after: 'StartupMessage' },
    ],
    [
      'the capture goes on for 54 s',
      'TCP_SERVER_SILENT',
      { happens: [...OPENED, STARTUP], captureEnd: 54_002 },
      { seconds: 54, open: 1 },
    ],
    ['the capture ends soon', null, { happens: [...OPENED, STARTUP], captureEnd: 400 }],
    [
      'after a ClientHello',
      'TLS_SERVER_SILENT',
      { happens: [...OPENED, HELLO, { at: 3002, close: 'client' }], tls: { clientHello: markAt(2) } },
    ],
    [
      'the client cancels after 7 ms',
      'TCP_CLIENT_CANCELLED',
      { happens: [...OPENED, STARTUP, { at: 9, close: 'client' }] },
      { millis: 7 },
    ],
    [
      'the client said goodbye',
      null,
      {
        happens: [
          ...OPENED,
          { at: 2, from: 'client', bytes: 5, message: 'Terminate' },
          { at: 2, close: 'client' },
        ],
      },
    ],
    [
      'inside TLS the client says close_notify before it leaves',
      'TCP_SERVER_SILENT',
      {
        happens: [
          ...OPENED,
          HELLO,
          { at: 3, from: 'server', bytes: 900, message: 'ServerHello', layer: 'tls' },
          { at: 4, from: 'client', bytes: 99 },
          { at: 5004, from: 'client', bytes: 24 },
          { at: 5005, close: 'client' },
        ],
        tls: {
          clientHello: markAt(2),
          serverHello: markAt(3),
          lastWords: { client: markAt(4), server: markAt(3) },
          lastSealed: {
            client: { from: 'client', length: 19, alertSized: true, handshake: false, mark: markAt(5004) },
            server: null,
          },
        },
        established: true,
      },
      { seconds: 5 },
    ],
    [
      'a close_notify after the answer of the server asks for nothing',
      null,
      {
        happens: [
          ...OPENED,
          HELLO,
          { at: 3, from: 'server', bytes: 900, message: 'ServerHello', layer: 'tls' },
          { at: 9000, from: 'client', bytes: 24 },
          { at: 9001, close: 'client' },
        ],
        tls: {
          clientHello: markAt(2),
          serverHello: markAt(3),
          lastWords: { client: markAt(2), server: markAt(3) },
          alerts: [
            {
              from: 'client',
              level: 'warning',
              description: 'close_notify',
              sealed: true,
              mark: markAt(9000),
            },
          ],
        },
        established: true,
      },
    ],
    ['the server closes', null, { happens: [...OPENED, STARTUP, { at: 3002, close: 'server' }] }],
    [
      'bytes are missing',
      null,
      {
        happens: [...OPENED, STARTUP, { at: 3002, close: 'client' }],
        missing: { kind: 'direction', whose: 'server' },
      },
    ],
    [
      'the client does not answer',
      'TCP_CLIENT_SILENT',
      {
        happens: [...OPENED, STARTUP, { at: 3, from: 'server', bytes: 20, message: 'AuthenticationSASL' }],
        captureEnd: 60_003,
      },
      { after: 'AuthenticationSASL', seconds: 60 },
    ],
    ['opened and nothing said: the ACK may be missing', null, { happens: OPENED, captureEnd: 30_000 }],
  ]);
});

describe('all of them', () => everyCauseIsTold([...NETWORK_RULES, ...LOSS_RULES, ...SILENCE_RULES]));
