import { describe, expect, it } from 'vitest';
import { utf8Bytes } from '../../../src/base/bytes';
import { detectPostgres } from '../../../src/postgres/detect';
import { fatal } from '../../../src/postgres/messages/error-fields';
import { buildBackend, buildFrontend } from '../../../src/postgres/messages/message-build';
import type { FrontendMessage } from '../../../src/postgres/messages/message-types';

const NOTHING = new Uint8Array(0);
const startup: FrontendMessage = {
  name: 'StartupMessage',
  version: { major: 3, minor: 0 },
  parameters: [['user', 'app_user']],
};
const initial: FrontendMessage = {
  name: 'SASLInitialResponse',
  mechanism: 'SCRAM-SHA-256',
  response: utf8Bytes('n,,n=,r=abc'),
};
const cancel: FrontendMessage = { name: 'CancelRequest', processId: 1, secretKey: Uint8Array.of(1, 2, 3, 4) };

const CLIENTS: readonly (readonly [string, Uint8Array])[] = [
  ['SSLRequest', buildFrontend({ name: 'SSLRequest' })],
  ['GSSENCRequest', buildFrontend({ name: 'GSSENCRequest' })],
  ['CancelRequest', buildFrontend(cancel)],
  ['StartupMessage', buildFrontend(startup)],
  ['StartupMessage of 3.9999', buildFrontend({ ...startup, version: { major: 3, minor: 9999 } })],
  ['SASLInitialResponse', buildFrontend(initial)],
  ['SASLResponse', buildFrontend({ name: 'SASLResponse', data: utf8Bytes('c=biws,r=abc,p=QUJD') })],
  ['an md5 answer', buildFrontend({ name: 'PasswordMessage', password: `md5${'a'.repeat(32)}` })],
];

const SERVERS: readonly (readonly [string, Uint8Array])[] = [
  ['AuthenticationOk', buildBackend({ name: 'AuthenticationOk' })],
  ['AuthenticationSASL', buildBackend({ name: 'AuthenticationSASL', mechanisms: ['SCRAM-SHA-256'] })],
  ['ErrorResponse', buildBackend(fatal('28P01', 'password authentication failed'))],
];

describe('detectPostgres', () => {
  it.each(CLIENTS)('knows %s of a client, and not before it could', (_, bytes) => {
    expect(detectPostgres(bytes, NOTHING)).toBe('yes');
    for (let cut = 0; cut < bytes.length; cut++) {
      expect(detectPostgres(bytes.subarray(0, cut), NOTHING), `cut at ${cut}`).not.toBe('no');
    }
  });

  it.each(SERVERS)('knows %s of a server', (_, bytes) => {
    expect(detectPostgres(NOTHING, bytes)).toBe('yes');
    for (let cut = 0; cut < bytes.length; cut++)
      expect(detectPostgres(NOTHING, bytes.subarray(0, cut))).toBe('more');
  });

  it.each<[string, Uint8Array, Uint8Array]>([
    ['HTTP', utf8Bytes('GET / HTTP/1.1\r\nHost: x\r\n\r\n'), NOTHING],
    ['HTTP POST', utf8Bytes('POST /p HTTP/1.1\r\n'), NOTHING],
    ['a lower-case p protocol', utf8Bytes('ping\r\n'), NOTHING],
    ['MySQL, server first', NOTHING, Uint8Array.of(0x4a, 0, 0, 0, 10, 0x38, 0x2e, 0x30)],
    ['SSH, server first', NOTHING, utf8Bytes('SSH-2.0-OpenSSH_9.2\r\n')],
    ['Redis error, server first', NOTHING, utf8Bytes('-ERR unknown\r\n')],
    ['a text that begins with R', NOTHING, utf8Bytes('READY to serve you\r\n')],
    ['an ERROR text', NOTHING, utf8Bytes('ERROR: unknown command\r\n')],
    ['MongoDB', Uint8Array.of(0x3a, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0xd4, 7, 0, 0), NOTHING],
    ['TLS', Uint8Array.of(0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc), NOTHING],
    ['zeros', new Uint8Array(64), NOTHING],
    [
      'a length and version, then binary',
      Uint8Array.of(0, 0, 0, 20, 0, 3, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 9),
      NOTHING,
    ],
    ['a password answer without more', utf8Bytes('p\0\0\0\x0asecret\0'), NOTHING],
  ])('does not take %s for it', (_, client, server) => {
    expect(detectPostgres(client, server)).toBe('no');
  });

  it('takes a startup packet with a lying length: that is a broken client of PostgreSQL', () => {
    const bytes = buildFrontend(startup).slice();
    bytes[3] = 3;
    expect(detectPostgres(bytes, NOTHING)).toBe('yes');
  });

  it('waits for more while there is nothing', () => {
    expect(detectPostgres(NOTHING, NOTHING)).toBe('more');
  });
});
