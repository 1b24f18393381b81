/** Places of a capture in which somebody may have put something secret: none of it is in a redacted copy. */
import { describe, expect, it } from 'vitest';
import { concat, utf8Bytes } from '../../../src/base/bytes';
import type { PacketSink } from '../../../src/capture/packet';
import { PcapngWriter } from '../../../src/capture/pcapng-writer';
import { CaptureReader } from '../../../src/capture/reader';
import { Inspector } from '../../../src/inspect/inspector';
import { placeOf } from '../../../src/inspect/packet-picker';
import { RedactingPicker } from '../../../src/inspect/redaction/redacting-picker';
import { buildPacket } from '../../../src/network/packet-builder';
import { ACK, FIN, PSH, SYN } from '../../../src/network/segment';
import type { Trace } from '../../../src/trace/model';

const SECRET = 'Zq7#vW9!kT3$';
const secret = utf8Bytes(SECRET);
const CLIENT = { address: '192.0.2.1', port: 50_000 };
const SERVER = { address: '192.0.2.9', port: 5432 };

function read(file: Uint8Array, sink: PacketSink): void {
  const reader = new CaptureReader(sink);
  reader.push(file);
  reader.finish();
}

const messages = ({ steps }: Trace) => steps.map(({ from, message, bytes }) => [from, message, bytes]);

/** What the traces of a capture say, in short. */
function messagesOf(file: Uint8Array) {
  const inspector = new Inspector();
  read(file, inspector);
  return inspector.finish().map(messages);
}

function redacted(file: Uint8Array) {
  const inspector = new Inspector();
  read(file, inspector);
  const traces = inspector.finish();
  const random = (length: number) => new Uint8Array(length).fill(7);
  const picker = new RedactingPicker(traces.map(placeOf), new Set(traces.map(({ id }) => id)), { random });
  read(file, picker);
  return { written: picker.toBytes(), traces, packets: picker.packets };
}

const message = (type: string, body: Uint8Array) => {
  const bytes = new Uint8Array(5 + body.length);
  bytes[0] = type.charCodeAt(0);
  new DataView(bytes.buffer).setUint32(1, 4 + body.length);
  bytes.set(body, 5);
  return bytes;
};

const startup = (() => {
  const body = utf8Bytes('user\0app_user\0database\0appdb\0\0');
  const bytes = new Uint8Array(8 + body.length);
  new DataView(bytes.buffer).setUint32(0, bytes.length);
  new DataView(bytes.buffer).setUint32(4, 0x30000);
  bytes.set(body, 8);
  return bytes;
})();
const cleartext = message('R', Uint8Array.of(0, 0, 0, 3));
const password = message('p', utf8Bytes('another\0'));
const ok = message('R', Uint8Array.of(0, 0, 0, 0));

/** One packet of either side. */
const up = (at: number, payload: Uint8Array, flags = PSH | ACK) =>
  buildPacket({
    source: CLIENT,
    destination: SERVER,
    sequence: 1001 + at,
    acknowledgment: 5001,
    flags,
    payload,
  });
const down = (at: number, payload: Uint8Array, flags = PSH | ACK) =>
  buildPacket({
    source: SERVER,
    destination: CLIENT,
    sequence: 5001 + at,
    acknowledgment: 1001,
    flags,
    payload,
  });
const none = new Uint8Array(0);
const opening = [up(-1, none, SYN), down(-1, none, SYN | ACK), up(0, none, ACK)];
const asked = [up(0, startup), down(0, cleartext)];
const answered = [up(startup.length, password), down(cleartext.length, ok)];

/** The packet with options of its IPv4 header and of TCP. */
function withOptions(packet: Uint8Array, ip: Uint8Array, tcp: Uint8Array): Uint8Array {
  const bytes = concat(packet.subarray(0, 34), ip, packet.subarray(34, 54), tcp, packet.subarray(54));
  bytes[14] += ip.length / 4;
  bytes[34 + ip.length + 12] += (tcp.length / 4) << 4;
  new DataView(bytes.buffer).setUint16(16, bytes.length - 14);
  return bytes;
}

const option = (kind: number) =>
  concat(Uint8Array.of(kind, 2 + secret.length, 1, 1).subarray(0, 2), secret, Uint8Array.of(1, 1));
const proxy1 = utf8Bytes(`PROXY TCP4 ${SECRET} 192.0.2.9 1 2\r\n`);
const proxy2 = concat(
  Uint8Array.of(
    0x0d,
    0x0a,
    0x0d,
    0x0a,
    0,
    0x0d,
    0x0a,
    0x51,
    0x55,
    0x49,
    0x54,
    0x0a,
    0x21,
    0x11,
    0,
    12 + 3 + secret.length,
  ),
  Uint8Array.of(10, 0, 0, 1, 10, 0, 0, 2, 0, 1, 0, 2, 2, 0, secret.length),
  secret,
);

const whole = [...opening, ...asked, ...answered];
/** The login behind a header of PROXY. */
const behind = (header: Uint8Array) => [
  ...opening,
  up(0, header),
  up(header.length, startup),
  asked[1],
  up(header.length + startup.length, password),
  answered[1],
];
const PLACES: [string, readonly Uint8Array[]][] = [
  ['behind the IP packet', whole.map((packet) => concat(packet, secret))],
  ['in options of IPv4', whole.map((packet) => withOptions(packet, concat(option(0x88)), none))],
  ['in an option of TCP that is not known', whole.map((packet) => withOptions(packet, none, option(253)))],
  [
    'behind the end of the options',
    whole.map((packet) => withOptions(packet, none, concat(Uint8Array.of(0, 0, 0, 0), secret))),
  ],
  ['in a SACK of odd length', whole.map((packet) => withOptions(packet, none, option(5)))],
  [
    'before the first byte',
    [...opening, up(-5, secret.subarray(0, 5)), up(-12, secret), ...asked, ...answered],
  ],
  ['in a SYN', [up(-1, secret, SYN), ...whole]],
  ['in a SYN+ACK', [opening[0], down(-1, secret, SYN | ACK), ...whole.slice(2)]],
  [
    'sent again with other bytes',
    [...opening, asked[0], up(0, concat(secret, startup.subarray(12))), ...asked.slice(1), ...answered],
  ],
  [
    'sent again, longer',
    [
      ...opening,
      asked[0],
      up(4, concat(startup.subarray(4, 10), secret, secret, secret, secret)),
      asked[1],
      ...answered,
    ],
  ],
  ['far ahead', [...opening, asked[0], up(1_000_000, secret), ...asked.slice(1), ...answered]],
  [
    'far ahead, and more before the handshake is over',
    [...opening, asked[0], up(0x7000_0000, secret), up(-0x7000_0000, secret), asked[1], ...answered],
  ],
  [
    'of a connection in the same place',
    [...opening, ...asked, up(100_000, none, SYN), up(100_001, secret), ...answered],
  ],
  ['with a reset', [...whole.slice(0, -1), down(cleartext.length, secret, 0x14)]],
  ['in a header of PROXY, version 1', behind(proxy1)],
  ['in a header of PROXY, version 2', behind(proxy2)],
  ['behind a hole', [...opening, ...asked, up(startup.length + 700, message('p', secret)), answered[1]]],
  [
    'in a hole’s other side, in two pieces',
    [
      ...opening,
      ...asked,
      up(startup.length, message('p', secret).subarray(0, 9)),
      up(startup.length + 400, secret),
      down(cleartext.length + 77, secret),
    ],
  ],
  [
    'in a password cut at its end',
    [...opening, ...asked, up(startup.length, message('p', concat(secret, secret)).subarray(0, 21))],
  ],
  ['in place of a length', [...opening, ...asked, up(startup.length, concat(utf8Bytes('p'), secret))]],
  ['in an answer nobody expects', [...opening, asked[0], down(0, secret)]],
  [
    'in an error of old form',
    [...opening, asked[0], down(0, concat(utf8Bytes('E'), secret, utf8Bytes('\n\0')))],
  ],
  [
    'in a field of an error that is not known',
    [...opening, asked[0], down(0, message('E', utf8Bytes(`SFATAL\0C28P01\0Z${SECRET}\0\0${SECRET}`)))],
  ],
  [
    'in a notice',
    [
      ...opening,
      asked[0],
      down(0, message('N', utf8Bytes(`SLOG\0C00000\0M${SECRET}\0\0`))),
      down(1 + 4 + 12 + 8 + SECRET.length, cleartext),
    ],
  ],
];

const sslRequest = Uint8Array.of(0, 0, 0, 8, 4, 210, 22, 47);
const yes = Uint8Array.of(0x53);
const number = (width: number, value: number) =>
  Uint8Array.from({ length: width }, (_, i) => value >>> (8 * (width - 1 - i)));
/** A length of some bytes, and what it counts. */
const vector = (width: number, ...parts: Uint8Array[]) => {
  const body = concat(...parts);
  return concat(number(width, body.length), body);
};
const record = (type: number, ...parts: Uint8Array[]) =>
  concat(Uint8Array.of(type, 3, 3), vector(2, ...parts));
const extension = (type: number, body: Uint8Array) => concat(number(2, type), vector(2, body));
const hello = (
  type: number,
  parts: { random?: Uint8Array; session?: Uint8Array; extensions?: Uint8Array[] },
) => {
  const random = parts.random ?? new Uint8Array(32).fill(9);
  const session = vector(1, parts.session ?? none);
  const suites = type === 1 ? concat(vector(2, number(2, 0x1301)), vector(1, none)) : number(3, 0x130100);
  const body = concat(number(2, 0x0303), random, session, suites, vector(2, ...(parts.extensions ?? [])));
  return concat(Uint8Array.of(type), vector(3, body));
};
const tls = (client: Uint8Array, ...server: Uint8Array[]): Uint8Array[] => {
  const packets = [...opening, up(0, sslRequest), down(0, yes), up(sslRequest.length, client)];
  let at = yes.length;
  for (const bytes of server) {
    packets.push(down(at, bytes));
    at += bytes.length;
  }
  return packets;
};
const plainHello = record(22, hello(1, {}));
const answer = record(22, hello(2, {}));
const inHello = (type: number, ...parts: Uint8Array[]) =>
  tls(record(22, hello(1, { extensions: [extension(type, concat(...parts))] })), answer);
PLACES.push(
  [
    'in a request of HTTP',
    [
      ...opening,
      up(0, concat(utf8Bytes('GET /'), secret, utf8Bytes(' HTTP/1.1\r\n\r\n'))),
      down(0, none, 0x11),
    ],
  ],
  ['in place of the version', [...opening, up(0, concat(number(4, 40), secret, new Uint8Array(24)))]],
  ['in a startup packet that is not whole', [...opening, up(0, concat(number(4, 40), secret))]],
  ['in place of an answer to SSLRequest', [...opening, up(0, sslRequest), down(0, secret)]],
  ['behind an answer to SSLRequest', [...opening, up(0, sslRequest), down(0, concat(yes, secret))]],
  [
    'in the random value of a ClientHello',
    tls(record(22, hello(1, { random: concat(secret, new Uint8Array(20)) })), answer),
  ],
  ['in the session of a ClientHello', tls(record(22, hello(1, { session: secret })), answer)],
  ['in an unknown extension', inHello(0xfafb, secret)],
  ['in the name of a server', inHello(0, vector(2, Uint8Array.of(0), vector(2, secret)))],
  ['in the name of a server with wrong lengths', inHello(0, Uint8Array.of(0, 90, 0, 0, 40), secret)],
  ['in ALPN', inHello(16, vector(2, vector(1, secret)))],
  [
    'in a ticket and its binder',
    inHello(41, vector(2, vector(2, secret), secret.subarray(0, 4)), vector(2, vector(1, secret))),
  ],
  ['in a share of a key', inHello(51, vector(2, concat(number(2, 29), vector(2, secret))))],
  ['in a cookie', inHello(44, vector(2, secret))],
  [
    'as numbers of suites',
    tls(
      record(
        22,
        Uint8Array.of(1),
        vector(3, number(2, 0x0303), new Uint8Array(33), vector(2, secret), vector(1, secret)),
      ),
      answer,
    ),
  ],
  [
    'in a handshake message of unknown type',
    tls(plainHello, record(22, Uint8Array.of(99), vector(3, secret))),
  ],
  [
    'in a certificate that is none',
    tls(plainHello, answer, record(22, Uint8Array.of(11), vector(3, vector(3, vector(3, secret))))),
  ],
  [
    'in an extension of a certificate',
    tls(
      plainHello,
      answer,
      record(
        22,
        Uint8Array.of(11),
        vector(
          3,
          vector(1, none),
          vector(3, vector(3, Uint8Array.of(0x30, 0)), vector(2, extension(5, secret))),
        ),
      ),
    ),
  ],
  ['in an alert with more than two bytes', tls(plainHello, record(21, Uint8Array.of(2, 40), secret))],
  ['in a heartbeat', tls(plainHello, record(24, Uint8Array.of(1), vector(2, secret)))],
  ['in a record of unknown type', tls(plainHello, record(29, secret))],
  ['in a change of the cipher', tls(plainHello, answer, record(20, secret))],
  ['in sealed records that nobody opens', tls(plainHello, answer, record(23, secret), record(23, secret))],
  [
    'in a record that is not whole',
    tls(plainHello, answer, record(23, secret, secret, secret).subarray(0, 30)),
  ],
  ['in place of a record', tls(plainHello, secret)],
  ['in TLS behind a hole, as no record', [...tls(plainHello, answer), down(4000, secret)]],
  [
    'in TLS behind a hole, as a record',
    [...tls(plainHello, answer), down(4000, record(22, secret)), down(4017, record(23, secret))],
  ],
  [
    'in TLS behind a hole, as a message in a record',
    [...tls(plainHello, answer), down(4000, record(22, Uint8Array.of(14), vector(3, secret)))],
  ],
  [
    'in a header of PROXY in packets of one byte',
    [
      ...opening,
      ...Array.from(proxy2, (byte, at) => up(at, Uint8Array.of(byte))),
      up(proxy2.length, startup),
      down(0, cleartext),
      up(proxy2.length + startup.length, password),
      down(9, ok),
    ],
  ],
  [
    'in a header of PROXY before TLS',
    [
      ...opening,
      up(0, concat(proxy2, sslRequest)),
      down(0, yes),
      up(proxy2.length + 8, plainHello),
      down(1, answer),
    ],
  ],
  ['in a header of PROXY that is not whole', [...opening, up(0, proxy2.subarray(0, 40)), down(0, cleartext)]],
  [
    'in TLS of SSLv2',
    [...opening, up(0, sslRequest), down(0, yes), up(8, concat(Uint8Array.of(0x80, 50, 1), secret, secret))],
  ],
);

const holds = (bytes: Uint8Array, part: string) => Buffer.from(bytes).toString('latin1').includes(part);

describe('a redacted copy of a capture with something secret', () => {
  it.each(PLACES)('%s', (name, packets) => {
    const writer = new PcapngWriter();
    for (const [seconds, packet] of packets.entries())
      writer.addPacket({ seconds, nanos: 0 }, packet, SECRET);
    const file = writer.toBytes();
    const { written, traces, packets: count } = redacted(file);
    expect(traces).toHaveLength(name === 'of a connection in the same place' ? 2 : 1);
    expect(messagesOf(written)).toEqual(traces.map(messages));
    expect(count).toBeGreaterThan(3);
    for (let at = 0; at + 4 <= SECRET.length; at++)
      expect(holds(written, SECRET.slice(at, at + 4)), SECRET.slice(at, at + 4)).toBe(false);
  });
});

describe('a redacted copy of a login', () => {
  const login = (word: string, cut: number) => {
    const writer = new PcapngWriter();
    const packets = [
      ...opening,
      ...asked,
      up(startup.length, message('p', utf8Bytes(`${word}\0`))),
      answered[1],
    ];
    for (const [seconds, packet] of packets.entries()) {
      const kept = packet.subarray(0, packet.length - (seconds === 5 ? cut : 0));
      writer.addPacket({ seconds, nanos: 0 }, kept, undefined, { originalLength: packet.length });
    }
    return writer.toBytes();
  };

  it.each([0, 1, 4, 13])('is the same for another password, cut by %i bytes', (cut) => {
    const [one, other] = ['another', 'n0th1ng'].map((word) => login(word, cut));
    expect(one).not.toEqual(other);
    expect(redacted(one).written).toEqual(redacted(other).written);
  });
});

it('a redacted request of HTTP is still told as one', () => {
  const writer = new PcapngWriter();
  const request = utf8Bytes('GET /orders HTTP/1.1\r\nHost: db\r\n\r\n');
  const ends = { source: SERVER, destination: CLIENT, sequence: 5001, flags: FIN | ACK };
  const end = buildPacket({ ...ends, acknowledgment: 1001 + request.length });
  const packets = [...opening, up(0, request), end];
  for (const [seconds, packet] of packets.entries()) writer.addPacket({ seconds, nanos: 0 }, packet);
  const { written, traces } = redacted(writer.toBytes());
  expect(traces.map(({ diagnosis }) => diagnosis.code)).toEqual(['SERVICE_OTHER_CLIENT']);
  const inspector = new Inspector();
  read(written, inspector);
  expect(inspector.finish().map(({ diagnosis }) => diagnosis.code)).toEqual(['SERVICE_OTHER_CLIENT']);
});
