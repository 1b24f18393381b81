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
import { ACK, PSH, SYN } from '../../../src/network/segment';

const SECRET = 'Zq7#vW9!kT3$';
const secret = utf8Bytes(SECRET);
const CLIENT = { address: '192.0.2.1', port: 50_000 };
const SERVER = { address: '192.0.2.9', port: 5432 };

function read(file: Uint8Array, sink: PacketSink): void {
  const reader = new CaptureReader(sink);
  reader.push(file);
  reader.finish();
}

function redacted(file: Uint8Array) {
  const inspector = new Inspector();
  read(file, inspector);
  const traces = inspector.finish();
  const random = (length: number) => new Uint8Array(length).fill(7);
  const picker = new RedactingPicker(traces.map(placeOf), new Set(traces.map(({ id }) => id)), { random });
  read(file, picker);
  return { written: picker.toBytes(), traces: traces.length, packets: picker.packets };
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
const PLACES: readonly [string, readonly Uint8Array[]][] = [
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
  [
    'in a header of PROXY, version 1',
    [
      ...opening,
      up(0, proxy1),
      up(proxy1.length, startup),
      asked[1],
      up(proxy1.length + startup.length, password),
      answered[1],
    ],
  ],
  [
    'in a header of PROXY, version 2',
    [
      ...opening,
      up(0, proxy2),
      up(proxy2.length, startup),
      asked[1],
      up(proxy2.length + startup.length, password),
      answered[1],
    ],
  ],
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

const holds = (bytes: Uint8Array, part: string) => Buffer.from(bytes).toString('latin1').includes(part);

describe('a redacted copy of a capture with something secret', () => {
  it.each(PLACES)('%s', (_, packets) => {
    const writer = new PcapngWriter();
    for (const [seconds, packet] of packets.entries())
      writer.addPacket({ seconds, nanos: 0 }, packet, SECRET);
    const file = writer.toBytes();
    const { written, traces, packets: count } = redacted(file);
    expect(traces).toBeGreaterThan(0);
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
