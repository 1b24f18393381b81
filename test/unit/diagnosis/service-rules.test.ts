import { describe, expect, it } from 'vitest';
import { utf8Bytes } from '../../../src/base/bytes';
import { CAPTURE_ENDS_RULE, CAPTURE_RULES } from '../../../src/diagnosis/rules/capture';
import { LOSS_RULES } from '../../../src/diagnosis/rules/loss';
import { SERVICE_RULES } from '../../../src/diagnosis/rules/service';
import { firstLine, foreignClient, foreignService } from '../../../src/diagnosis/services';
import { everyCauseIsTold, markAt, OPENED, tellStories } from './story';

const MYSQL = new Uint8Array([0x4a, 0, 0, 0, 10, ...utf8Bytes('8.0.36'), 0, 1, 2, 3]);
const TLS_ALERT = new Uint8Array([0x15, 3, 1, 0, 2, 2, 70]);
const MONGO = new Uint8Array([58, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0xdd, 7, 0, 0, 0, 0, 0, 0]);
const SSL_REQUEST = new Uint8Array([0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f]);
/** ErrorResponse. */
const PG_ERROR = new Uint8Array([0x45, 0, 0, 0, 60, ...utf8Bytes('SFATAL\0VFATAL\0C28000\0')]);

describe('who sent these first bytes as a server', () => {
  it.each<[string | null, string | Uint8Array]>([
    ['http', 'HTTP/1.1 400 Bad Request\r\n'],
    ['http', '<!DOCTYPE html>'],
    ['ssh', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['mysql', MYSQL],
    ['mail', '220 mail.example ESMTP ready\r\n'],
    ['ftp', '220 (vsFTPd 3.0.5)\r\n'],
    ['imap', '* OK IMAP4rev1 ready\r\n'],
    ['pop3', '+OK POP3 ready\r\n'],
    ['redis', "-ERR unknown command 'x'\r\n"],
    ['redis', '-NOAUTH Authentication required.\r\n'],
    ['memcached', 'ERROR\r\n'],
    ['nats', 'INFO {"server_id":"x"}\r\n'],
    ['amqp', new Uint8Array([...utf8Bytes('AMQP'), 0, 0, 9, 1])],
    ['ldap', new Uint8Array([0x30, 0x0c, 0x02, 0x01, 0x01, 0x61, 0x07, 0x0a, 0x01, 0x00])],
    ['oracle', new Uint8Array([0, 12, 0, 0, 4, 0, 0, 0, 1, 2, 3, 4])],
    ['mssql', new Uint8Array([4, 1, 0, 0x25, 0, 0, 1, 0, 0, 0])],
    ['cassandra', new Uint8Array([0x84, 0, 0, 0, 0, 0, 0, 0, 10, 0])],
    ['tls', TLS_ALERT],
    ['mongodb', MONGO],
    ['postgres', PG_ERROR],
    ['text', 'No such host, go away\r\n'],
    ['text', 'Sorry, too many users\r\n'],
    ['text', 'Error 17: no route\r\n'],
    // The old form of an error, before TLS.
    [null, 'Ecould not fork new process for connection: Cannot allocate memory\n\0'],
    [null, 'S'],
    // N, then the answer to a StartupMessage.
    [null, new Uint8Array([0x4e, 0x52, 0, 0, 0, 8, 0, 0, 0, 0])],
    [null, new Uint8Array([0, 1, 2, 3, 0xff, 0xfe])],
  ])('%s: %s', (service, bytes) => {
    expect(foreignService(typeof bytes === 'string' ? utf8Bytes(bytes) : bytes)).toBe(service);
  });
});

describe('who sent these first bytes as a client', () => {
  it.each<[string | null, string | Uint8Array]>([
    ['http', 'GET /health HTTP/1.1\r\n'],
    ['http', 'PRI * HTTP/2.0\r\n'],
    ['rtsp', 'OPTIONS sip:x SIP/2.0\r\n'],
    ['ssh', 'SSH-2.0-Go\r\n'],
    ['redis', '*1\r\n$4\r\nPING\r\n'],
    ['mail', 'EHLO client.example\r\n'],
    ['ldap', new Uint8Array([0x30, 0x0c, 0x02, 0x01, 0x01, 0x60, 0x07, 0x02, 0x01, 0x03])],
    ['kafka', new Uint8Array([0, 0, 0, 30, 0, 18, 0, 3, 0, 0, 0, 1, 0, 4])],
    ['mssql', new Uint8Array([0x12, 1, 0, 0x2f, 0, 0, 1, 0])],
    ['postgres', SSL_REQUEST],
    ['mongodb', MONGO],
    ['json', '{"method": "ping"}'],
    [null, new Uint8Array([0x16, 3, 1, 2, 0, 1])],
  ])('%s: %s', (service, bytes) => {
    expect(foreignClient(typeof bytes === 'string' ? utf8Bytes(bytes) : bytes)).toBe(service);
  });
});

it('quotes the first line of a text, and nothing of other bytes', () => {
  expect(firstLine(utf8Bytes('SSH-2.0-x\r\nmore'))).toBe('SSH-2.0-x');
  expect(firstLine(MYSQL)).toBeUndefined();
});

describe('something else speaks', () => {
  const ask = { at: 2, from: 'client', bytes: SSL_REQUEST, message: 'SSLRequest' } as const;
  tellStories(SERVICE_RULES, [
    [
      'an SSH banner, which begins with S',
      'SERVICE_OTHER_ANSWERED',
      { happens: [...OPENED, ask, { at: 3, from: 'server', bytes: 'SSH-2.0-OpenSSH_9.2\r\n' }] },
      { service: 'ssh', text: 'SSH-2.0-OpenSSH_9.2' },
    ],
    [
      'a PostgreSQL server on the port of MongoDB',
      'SERVICE_OTHER_ANSWERED',
      {
        product: 'MongoDB',
        happens: [
          ...OPENED,
          { at: 2, from: 'client', bytes: MONGO },
          { at: 3, from: 'server', bytes: PG_ERROR },
        ],
      },
      { service: 'postgres' },
    ],
    [
      'a PostgreSQL server on its own port',
      null,
      { happens: [...OPENED, ask, { at: 3, from: 'server', bytes: PG_ERROR }] },
    ],
    [
      'HTTP inside TLS',
      'SERVICE_OTHER_ANSWERED',
      {
        product: 'MongoDB',
        happens: [...OPENED, { at: 2, from: 'client', bytes: 300 }, { at: 3, from: 'server', bytes: 300 }],
        server: { inside: utf8Bytes('HTTP/1.1 400 Bad request') },
      },
      { inside: 1, service: 'http' },
    ],
    [
      'an alert in the clear',
      'SERVICE_TLS_EXPECTED',
      {
        product: 'MongoDB',
        happens: [
          ...OPENED,
          { at: 2, from: 'client', bytes: MONGO },
          { at: 3, from: 'server', bytes: TLS_ALERT },
        ],
      },
    ],
    [
      'text while bytes are missing',
      null,
      {
        happens: [...OPENED, ask, { at: 3, from: 'server', bytes: 'some rows of a table' }],
        missing: { kind: 'bytes', whose: 'server' },
      },
    ],
    [
      'the beginning of a PROXY header',
      null,
      { happens: [...OPENED, { at: 2, from: 'client', bytes: 'PROXY TCP4 192.0' }] },
    ],
    [
      'TLS of the server alone',
      null,
      { product: 'MongoDB', happens: [...OPENED, { at: 3, from: 'server', bytes: TLS_ALERT }] },
    ],
    [
      'a request in HTTP',
      'SERVICE_OTHER_CLIENT',
      {
        happens: [
          ...OPENED,
          { at: 2, from: 'client', bytes: 'GET /health HTTP/1.1\r\n' },
          { at: 3, close: 'server' },
        ],
      },
      { service: 'http' },
    ],
    [
      'a request in HTTP, which MongoDB answers in HTTP',
      'SERVICE_OTHER_CLIENT',
      {
        product: 'MongoDB',
        happens: [
          ...OPENED,
          { at: 2, from: 'client', bytes: 'GET / HTTP/1.1\r\n' },
          { at: 3, from: 'server', bytes: 'HTTP/1.0 200 OK\r\n' },
        ],
      },
    ],
    [
      'a MongoDB client of its own kind',
      null,
      { product: 'MongoDB', happens: [...OPENED, { at: 2, from: 'client', bytes: MONGO }] },
    ],
    [
      'a PROXY header, and the server closes',
      'SERVICE_PROXY_HEADER',
      { proxy: 2, happens: [...OPENED, ask, { at: 3, close: 'server' }] },
      { version: 2 },
    ],
    [
      'a PROXY header that the server takes',
      null,
      { proxy: 1, happens: [...OPENED, ask, { at: 3, from: 'server', bytes: 'S', message: 'SSLResponse' }] },
    ],
    [
      'what reads like another service is from the middle',
      null,
      {
        happens: [...OPENED, ask, { at: 3, from: 'server', bytes: 'HTTP/1.1 200 OK\r\n' }],
        server: { missing: 400, beheaded: true },
        missing: { kind: 'bytes', whose: 'server' },
      },
    ],
    [
      'what is missing comes behind the first bytes of another service',
      'SERVICE_OTHER_ANSWERED',
      {
        happens: [...OPENED, ask, { at: 3, from: 'server', bytes: 'HTTP/1.1 200 OK\r\n' }],
        server: { missing: 400 },
        missing: { kind: 'bytes', whose: 'server' },
      },
      { service: 'http' },
    ],
    [
      'what a client seems to ask another service is from the middle',
      null,
      {
        happens: [
          ...OPENED,
          { at: 2, from: 'client', bytes: 'GET / HTTP/1.1\r\n' },
          { at: 3, close: 'server' },
        ],
        client: { missing: 40, beheaded: true },
        missing: { kind: 'bytes', whose: 'client' },
      },
    ],
    [
      'a PROXY header, and nothing comes for long',
      'SERVICE_PROXY_HEADER',
      { proxy: 1, happens: [...OPENED, ask], captureEnd: 2000 },
    ],
    [
      'a PROXY header, and the capture ends before an answer can have come',
      null,
      { proxy: 1, happens: [...OPENED, ask], captureEnd: 20 },
    ],
    [
      'a PROXY header, and a client that leaves without waiting',
      null,
      { proxy: 1, happens: [...OPENED, ask, { at: 8, close: 'client' }] },
    ],
    [
      'a PROXY header, and the server is not in the capture',
      null,
      {
        proxy: 1,
        happens: [{ at: 0, syn: 'client' }, ask, { at: 3000, close: 'client' }],
        server: { unheard: true },
      },
    ],
    [
      'a PROXY header, and bytes are missing',
      null,
      {
        proxy: 1,
        happens: [...OPENED, ask, { at: 3, close: 'server' }],
        missing: { kind: 'bytes', whose: 'server' },
      },
    ],
    [
      'a PROXY header that the server takes and answers in TLS',
      null,
      {
        proxy: 1,
        happens: [...OPENED, ask, { at: 3, from: 'server', bytes: 90 }, { at: 9, close: 'server' }],
        tls: { clientHello: markAt(2), serverHello: markAt(3) },
      },
    ],
    [
      'in the middle of a connection anything may come first',
      null,
      { late: true, happens: [{ at: 2, from: 'server', bytes: '220 rows, a text of a table' }] },
    ],
  ]);
});

describe('what the capture lacks', () => {
  const startup = { at: 2, from: 'client', bytes: 60, message: 'StartupMessage' } as const;
  const rules = [...LOSS_RULES, ...CAPTURE_RULES, CAPTURE_ENDS_RULE];
  tellStories(rules, [
    [
      'the server is not in it',
      'CAPTURE_ONE_DIRECTION',
      { happens: [OPENED[0], startup], server: { unheard: true, missing: 100 } },
      { heard: 'client' },
    ],
    [
      'a snap length',
      'CAPTURE_CUT_PACKETS',
      { happens: [...OPENED, startup], client: { cut: 40, missing: 40 } },
    ],
    [
      'bytes of both',
      'CAPTURE_BYTES_MISSING',
      { happens: [...OPENED, startup], client: { missing: 40 }, server: { missing: 1 } },
      { whose: 'both' },
    ],
    [
      'bytes of one',
      'CAPTURE_BYTES_MISSING',
      { happens: [...OPENED, startup], server: { missing: 1 } },
      { whose: 'server' },
    ],
    [
      'a hole on the wire is no fault of the capture',
      'CAPTURE_ENDS',
      { happens: [...OPENED, startup], server: { missing: 10, hole: 10 } },
    ],
    ['it begins late', 'CAPTURE_STARTS_LATE', { happens: [startup], late: true }],
    [
      'it ends',
      'CAPTURE_ENDS',
      { happens: [...OPENED, startup] },
      { last: 'StartupMessage', from: 'client' },
    ],
    ['it ends before anything is said', 'CAPTURE_ENDS', { happens: [OPENED[0]] }],
    ['somebody closed', null, { happens: [...OPENED, startup, { at: 4, close: 'server' }] }],
  ]);
});

describe('all of them', () => everyCauseIsTold([...SERVICE_RULES, ...CAPTURE_RULES, CAPTURE_ENDS_RULE]));
