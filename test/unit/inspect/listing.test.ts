/** Which connections of a capture are listed: every one to a server that is known, whatever came of it. */
import { describe, expect, it } from 'vitest';
import { concat, utf8Bytes } from '../../../src/base/bytes';
import type { Side } from '../../../src/base/mark';
import { Inspector, type InspectorOptions } from '../../../src/inspect/inspector';
import { parseDecodeAs } from '../../../src/inspect/known-servers';
import type { Trace } from '../../../src/trace/model';
import { ConversationBuilder } from '../network/conversation-builder';
import { viewOf } from '../network/packets';

const bytes = (...values: number[]) => Uint8Array.from(values);
const SSL_REQUEST = bytes(0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f);
const HTTP_REQUEST = utf8Bytes('GET / HTTP/1.1\r\nHost: db\r\n\r\n');
const HTTP_ANSWER = utf8Bytes('HTTP/1.1 400 Bad Request\r\n\r\n');
const MYSQL_GREETING = concat(bytes(0x4a, 0, 0, 0, 10), utf8Bytes('8.0.36\0'), new Uint8Array(60));
const CLIENT_HELLO = concat(
  bytes(22, 3, 1, 0, 45, 1, 0, 0, 41, 3, 3),
  new Uint8Array(32),
  bytes(0, 0, 2, 0x13, 1, 1, 0),
);
const HELLO = concat(
  bytes(58, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0xd4, 7, 0, 0, 0, 0, 0, 0),
  utf8Bytes('admin.$cmd\0'),
  bytes(0, 0, 0, 0, 255, 255, 255, 255, 19, 0, 0, 0, 16),
  utf8Bytes('isMaster\0'),
  bytes(1, 0, 0, 0, 0),
);

type Event = 'open' | 'refused' | 'syn' | readonly [Side, Uint8Array] | readonly [Side, 'fin' | 'rst'];
let port = 40_000;

/** The packets of a connection to this port. */
function connection(server: number, ...events: readonly Event[]): Uint8Array[] {
  const builder = new ConversationBuilder(
    { address: '10.0.0.1', port: port++ },
    { address: '10.0.0.2', port: server },
  );
  return events.flatMap((event) => {
    if (event === 'syn') return builder.connect();
    if (event === 'refused') return [...builder.connect(), ...builder.refuse()];
    if (event === 'open') return [...builder.connect(), ...builder.accept()];
    const [from, what] = event;
    return typeof what === 'string' ? builder.close(from, what) : builder.data(from, what);
  });
}

function inspect(
  packets: readonly Uint8Array[],
  options: InspectorOptions = {},
): { traces: Trace[]; notes: string[] } {
  const inspector = new Inspector(options);
  packets.forEach((packet, index) => {
    inspector.handlePacket({ ...viewOf(packet), frame: index + 1, seconds: 1, nanos: index * 1000 });
  });
  return { traces: inspector.finish(), notes: inspector.notes };
}

const listed = (packets: readonly Uint8Array[], options?: InspectorOptions) =>
  inspect(packets, options).traces.map(({ protocol, server }) => `${protocol} ${server.port}`);

const SSH_BANNER = utf8Bytes('SSH-2.0-OpenSSH_9.2p1\r\n');

describe('a connection to a port that says what is spoken there', () => {
  const stories: readonly (readonly [what: string, events: readonly Event[]])[] = [
    ['is refused', ['refused']],
    ['is never answered', ['syn']],
    ['is accepted and closed', ['open', ['server', 'fin'], ['client', 'fin']]],
    ['is accepted and reset', ['open', ['server', 'rst']]],
    ['is opened and left', ['open', ['client', 'fin'], ['server', 'fin']]],
    ['is opened, and the capture ends', ['open']],
    [
      'gets an HTTP request and closes',
      ['open', ['client', HTTP_REQUEST], ['server', 'fin'], ['client', 'fin']],
    ],
    [
      'gets bytes of an unknown protocol and resets',
      ['open', ['client', bytes(9, 8, 7, 6, 5)], ['server', 'rst']],
    ],
    ['gets TLS and closes', ['open', ['client', CLIENT_HELLO], ['server', 'fin'], ['client', 'fin']]],
    [
      'gets a PROXY header alone',
      ['open', ['client', utf8Bytes('PROXY UNKNOWN\r\n')], ['server', 'fin'], ['client', 'fin']],
    ],
    [
      'is answered by another service that speaks first',
      ['open', ['server', MYSQL_GREETING], ['client', SSL_REQUEST], ['client', 'fin'], ['server', 'fin']],
    ],
  ];
  it.each(stories)('%s: listed', (_, events) => {
    expect(listed(connection(5432, ...events))).toEqual(['postgres 5432']);
    expect(listed(connection(27017, ...events)).length).toBe(1);
  });

  it('is not listed where both ends speak another protocol', () => {
    expect(listed(connection(5432, 'open', ['client', HTTP_REQUEST], ['server', HTTP_ANSWER]))).toEqual([]);
  });

  it('is listed where MongoDB answers HTTP', () => {
    const words = utf8Bytes(
      'HTTP/1.0 200 OK\r\n\r\nIt looks like you are trying to access MongoDB over HTTP on the native driver port.\r\n',
    );
    const packets = connection(
      27017,
      'open',
      ['client', HTTP_REQUEST],
      ['server', words],
      ['server', 'fin'],
      ['client', 'fin'],
    );
    expect(listed(packets)).toEqual(['mongodb 27017']);
  });
});

describe('a connection that is in the capture twice', () => {
  const login: readonly Event[] = [
    'open',
    ['client', SSL_REQUEST],
    ['server', utf8Bytes('N')],
    ['client', 'fin'],
    ['server', 'fin'],
  ];

  it('is listed once', () => {
    const packets = connection(5432, ...login);
    expect(listed([...packets, ...packets])).toEqual(['postgres 5432']);
  });

  it('is not taken for another between the same ends', () => {
    const before = port;
    const packets = connection(5432, ...login);
    port = before;
    const again = connection(5432, ...login).map((packet) => {
      const copy = packet.slice();
      // The sequence numbers of a new connection.
      for (const at of [38, 42]) copy[at] = (copy[at] + 7) & 255;
      return copy;
    });
    expect(listed([...packets, ...again])).toEqual(['postgres 5432', 'postgres 5432']);
  });
});

describe('a port that says nothing', () => {
  it('lists by content: also behind a server that speaks first, and behind a PROXY header', () => {
    expect(listed(connection(3306, 'open', ['server', MYSQL_GREETING], ['client', SSL_REQUEST]))).toEqual([
      'postgres 3306',
    ]);
    const header = utf8Bytes('PROXY TCP4 192.0.2.1 192.0.2.2 50000 6432\r\n');
    expect(listed(connection(6432, 'open', ['client', concat(header, SSL_REQUEST)]))).toEqual([
      'postgres 6432',
    ]);
    expect(listed(connection(6433, 'open', ['client', header], ['client', HELLO]))).toEqual(['mongodb 6433']);
  });

  it('does not list what says nothing', () => {
    expect(
      listed([...connection(6432, 'refused'), ...connection(6432, 'open', ['client', HTTP_REQUEST])]),
    ).toEqual([]);
  });

  const failures: readonly (readonly [string, readonly Event[]])[] = [
    ['a refusal', ['refused']],
    ['TLS that ended', ['open', ['client', CLIENT_HELLO], ['server', 'fin'], ['client', 'fin']]],
    ['TLS that did not end', ['open', ['client', CLIENT_HELLO]]],
    ['a connection that was closed at once', ['open', ['server', 'fin'], ['client', 'fin']]],
  ];
  it.each(failures)('lists %s next to a connection that tells, before it or after it', (_, events) => {
    const tells = () => connection(6432, 'open', ['client', SSL_REQUEST], ['server', utf8Bytes('N')]);
    expect(listed([...connection(6432, ...events), ...tells()])).toEqual(['postgres 6432', 'postgres 6432']);
    expect(listed([...tells(), ...connection(6432, ...events)])).toEqual(['postgres 6432', 'postgres 6432']);
    expect(listed([...tells(), ...connection(6433, ...events)])).toEqual(['postgres 6432']);
  });

  it('counts TLS that may be ours, but not that of other ports', () => {
    const tls: readonly Event[] = ['open', ['client', CLIENT_HELLO], ['server', 'fin'], ['client', 'fin']];
    const { traces, notes } = inspect([
      ...connection(10_255, ...tls),
      ...connection(10_255, ...tls),
      ...connection(443, ...tls),
    ]);
    expect(traces).toEqual([]);
    expect(notes).toHaveLength(1);
    expect(notes[0]).toContain('2 TLS connections to 10.0.0.2:10255');
  });

  it('decodes as the user says', () => {
    const decodeAs = new Map([[10_255, 'mongodb']] as const);
    const tls = connection(10_255, 'open', ['client', CLIENT_HELLO], ['client', 'fin'], ['server', 'fin']);
    expect(listed([...tls, ...connection(10_255, 'refused')], { decodeAs })).toEqual([
      'mongodb 10255',
      'mongodb 10255',
    ]);
  });
});

describe('parseDecodeAs', () => {
  it.each([
    [
      ['10255=mongodb', '6432=PostgreSQL'],
      new Map([
        [10_255, 'mongodb'],
        [6432, 'postgres'],
      ]),
    ],
    [[], new Map()],
  ])('%j', (rows, ports) => expect(parseDecodeAs(rows)).toEqual(ports));

  it.each([
    [['mongodb'], /PORT=postgres/],
    [['0=postgres'], /PORT=postgres/],
    [['70000=postgres'], /PORT=postgres/],
    [['5432=mysql'], /"mysql"/],
    [['5432=postgres', '5432=mongodb'], /5432/],
  ])('%j is refused in a sentence', (rows, words) => expect(parseDecodeAs(rows)).toMatch(words));

  it('lists no session of a service that was once taken for a database', () => {
    const mistaken = connection(
      2222,
      'open',
      ['client', SSL_REQUEST],
      ['server', SSH_BANNER],
      ['client', 'rst'],
    );
    // It was there before the recording began.
    const session = connection(
      2222,
      ['client', bytes(0, 0, 4, 0xd4, 9, 20, 1, 2, 3)],
      ['server', bytes(0, 0, 4, 0x1c, 9, 20, 4, 5, 6)],
      ['client', bytes(0, 0, 4, 0xd4, 9, 20, 7, 8, 9)],
    );
    expect(listed([...mistaken, ...session])).toEqual(['postgres 2222']);
  });
});
