import { concat, utf8Bytes } from '../../../src/base/bytes';
import { buildFrontend } from '../../../src/postgres/messages/message-build';

/** What a client sends, piece by piece: each after the answer to the one before. */
export type Conversation = readonly Uint8Array[];

const text = utf8Bytes;

function int32(number: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, number);
  return bytes;
}

/** A packet without a type byte, its length as it should be or as given. */
function packet(code: number, body: Uint8Array = new Uint8Array(0), length = 8 + body.length): Uint8Array {
  return concat(int32(length), int32(code), body);
}

/** A message with a type byte. */
function message(type: string, body: Uint8Array, length = 4 + body.length): Uint8Array {
  return concat(text(type), int32(length), body);
}

function version(major: number, minor: number): number {
  return (major << 16) | minor;
}

function startup(user: string, more: readonly (readonly [string, string])[] = [], minor = 0): Uint8Array {
  return buildFrontend({
    name: 'StartupMessage',
    version: { major: 3, minor },
    parameters: [['user', user], ['database', 'postgres'], ...more],
  });
}

const SSL = buildFrontend({ name: 'SSLRequest' });
const GSS = buildFrontend({ name: 'GSSENCRequest' });
const CANCEL = version(1234, 5678);
const TRUST = startup('trust_user');

function initial(mechanism: string, data: string, length = text(data).length): Uint8Array {
  return message('p', concat(text(`${mechanism}\0`), int32(length), text(data)));
}

const SCRAM = 'SCRAM-SHA-256';
const FIRST = 'n,,n=,r=abcdefghijklmnop';

/** Startup packets, well and badly made, and what may follow them. */
export const CONVERSATIONS: Readonly<Record<string, Conversation>> = {
  'nothing at all': [],
  'three bytes': [new Uint8Array(3)],
  'a length of 0': [packet(version(3, 0), text(''), 0)],
  'a length of 7': [packet(version(3, 0), text(''), 7)],
  'a negative length': [packet(version(3, 0), text(''), -1)],
  'a length of two gigabytes': [packet(version(3, 0), text(''), 0x7fffffff)],
  'a body of 10,001 bytes': [packet(version(3, 0), new Uint8Array(9_997))],
  'a body of 10,000 bytes': [
    packet(version(3, 0), concat(text('user\0trust_user\0a.b\0'), text('x'.repeat(9_974)), text('\0\0'))),
  ],
  'a web browser': [text('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
  'half a packet': [TRUST.subarray(0, 20)],
  'version 1.0': [packet(version(1, 0), text('user\0trust_user\0\0'))],
  'version 2.0': [packet(version(2, 0), new Uint8Array(288))],
  'version 3.1': [startup('trust_user', [], 1)],
  'version 3.2': [startup('trust_user', [], 2)],
  'version 3.3': [startup('trust_user', [], 3)],
  'version 3.9999': [startup('trust_user', [], 9999)],
  'version 3.9999 with an option': [startup('trust_user', [['_pq_.grease', '1']], 9999)],
  'version 4.0': [packet(version(4, 0), text('user\0trust_user\0\0'))],
  'code 1234.5681': [packet(version(1234, 5681))],
  'options of the protocol': [
    startup('trust_user', [
      ['_pq_.one', '1'],
      ['_pq_.two', '2'],
    ]),
  ],
  'no parameters': [packet(version(3, 0))],
  'no terminator': [packet(version(3, 0), text('user\0trust_user'))],
  'a name without a value': [packet(version(3, 0), text('user\0'))],
  'bytes after the terminator': [packet(version(3, 0), text('user\0trust_user\0\0more\0'))],
  'no user': [packet(version(3, 0), text('database\0postgres\0\0'))],
  'an empty user': [startup('')],
  'the user twice': [startup('nobody', [['user', 'trust_user']])],
  'no database': [packet(version(3, 0), text('user\0trust_user\0\0'))],
  'an unknown user': [startup('stranger')],
  'a user who may not log in': [startup('no_login')],
  'a cancel request': [packet(CANCEL, concat(int32(99_999), int32(1)))],
  'a cancel request without a key': [packet(CANCEL, int32(99_999))],
  'a cancel request with a key of 32 bytes': [packet(CANCEL, concat(int32(99_999), new Uint8Array(32)))],
  'a cancel request with a key of 300 bytes': [packet(CANCEL, concat(int32(99_999), new Uint8Array(300)))],
  'a cancel request after SSLRequest': [SSL, packet(CANCEL, concat(int32(99_999), int32(1)))],
  SSLRequest: [SSL],
  'SSLRequest with a body': [packet(version(1234, 5679), new Uint8Array(4))],
  'SSLRequest with its next packet': [concat(SSL, TRUST)],
  'SSLRequest, then a session': [SSL, TRUST],
  'SSLRequest twice': [SSL, SSL],
  'SSLRequest, then GSSENCRequest, then a session': [SSL, GSS, TRUST],
  GSSENCRequest: [GSS],
  'GSSENCRequest with its next packet': [concat(GSS, TRUST)],
  'GSSENCRequest, then a session': [GSS, TRUST],
  'GSSENCRequest twice': [GSS, GSS],
  'GSSENCRequest, then SSLRequest': [GSS, SSL],
  'GSSENCRequest, SSLRequest, GSSENCRequest': [GSS, SSL, GSS],
  'the first byte of TLS': [Uint8Array.of(0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0)],
  'a session and its end': [TRUST, message('X', new Uint8Array(0))],
  'a session that sends SSLRequest': [TRUST, SSL],
  'a session with half a query': [TRUST, message('Q', text('select 1\0')).subarray(0, 8)],
  'a query that does not end': [TRUST, message('Q', text('select 1'))],
  'an empty query': [TRUST, message('Q', text(' ; \0'))],
  'two queries': [TRUST, message('Q', text('select 1\0')), message('Q', text('SELECT 2 AS two\0'))],
  'a message of no known type': [TRUST, message('z', new Uint8Array(0))],
  'a message shorter than its length': [TRUST, message('Q', new Uint8Array(0), 3)],
  'a password that nobody asked for': [TRUST, message('p', text('secret\0'))],
  'a Sync': [TRUST, message('S', new Uint8Array(0))],
  'no password': [startup('clear_user')],
  'an empty password': [startup('clear_user'), message('p', text('\0'))],
  'the end instead of a password': [startup('clear_user'), message('X', new Uint8Array(0))],
  'a query instead of a password': [startup('clear_user'), message('Q', text('select 1\0'))],
  'a wrong password': [startup('clear_user'), message('p', text('wrong\0'))],
  'the right password': [startup('clear_user'), message('p', text('app-password\0'))],
  'a password without its end': [startup('clear_user'), message('p', text('wrong'))],
  'two passwords in one': [startup('clear_user'), message('p', text('app-password\0more\0'))],
  'a password of length 3': [startup('clear_user'), message('p', new Uint8Array(0), 3)],
  'a password of 70,000 bytes': [startup('clear_user'), message('p', new Uint8Array(70_000).fill(0x61))],
  'an md5 answer that is none': [startup('md5_user'), message('p', text('nonsense\0'))],
  'an empty md5 answer': [startup('md5_user'), message('p', text('\0'))],
  'an unknown mechanism': [startup('scram_user'), initial('SCRAM-SHA-1', FIRST)],
  'SCRAM with channel binding in the clear': [
    startup('scram_user'),
    initial('SCRAM-SHA-256-PLUS', 'p=tls-server-end-point,,n=,r=abcdefghijklmnop'),
  ],
  'SCRAM without a first message': [
    startup('scram_user'),
    message('p', concat(text(`${SCRAM}\0`), int32(-1))),
  ],
  'SCRAM without a mechanism': [startup('scram_user'), message('p', text('x'))],
  'SCRAM with a length that is too short': [startup('scram_user'), initial(SCRAM, FIRST, 5)],
  'SCRAM with a length that is too long': [startup('scram_user'), initial(SCRAM, FIRST, 500)],
  'SCRAM with an empty message': [startup('scram_user'), initial(SCRAM, '')],
  'SCRAM that says it could bind': [startup('scram_user'), initial(SCRAM, `y${FIRST.slice(1)}`)],
  'SCRAM that binds without PLUS': [
    startup('scram_user'),
    initial(SCRAM, 'p=tls-unique,,n=,r=abcdefghijklmnop'),
  ],
  'SCRAM with an unknown flag': [startup('scram_user'), initial(SCRAM, 'x,,n=,r=abcdefghijklmnop')],
  'SCRAM for another identity': [startup('scram_user'), initial(SCRAM, 'n,a=other,n=,r=abcdefghijklmnop')],
  'SCRAM with an extension': [startup('scram_user'), initial(SCRAM, 'n,,m=x,n=,r=abcdefghijklmnop')],
  'SCRAM without a nonce': [startup('scram_user'), initial(SCRAM, 'n,,n=,x=abcdefghijklmnop')],
  'SCRAM with an unprintable nonce': [startup('scram_user'), initial(SCRAM, 'n,,n=,r=abc\u0001def')],
  'SCRAM with another user': [startup('scram_user'), initial(SCRAM, 'n,,n=other,r=abcdefghijklmnop')],
  'SCRAM cut off by a zero': [startup('scram_user'), initial(SCRAM, 'n,,n=,r=abc\0def')],
  'SCRAM that is longer than 1,024 bytes': [
    startup('scram_user'),
    initial(SCRAM, `${FIRST}${'x'.repeat(1_100)}`),
  ],
  'a SCRAM answer that is none': [
    startup('scram_user'),
    initial(SCRAM, FIRST),
    message('p', text('nonsense')),
  ],
  'a SCRAM answer for another nonce': [
    startup('scram_user'),
    initial(SCRAM, FIRST),
    message('p', text('c=biws,r=other,p=AAAA')),
  ],
  'a SCRAM answer with another binding': [
    startup('scram_user'),
    initial(SCRAM, FIRST),
    message('p', text('c=eSws,r=abcdefghijklmnop,p=AAAA')),
  ],
  'no SCRAM answer': [startup('scram_user'), initial(SCRAM, FIRST)],
  'a query instead of a SCRAM answer': [
    startup('scram_user'),
    initial(SCRAM, FIRST),
    message('Q', text('select 1\0')),
  ],
};
