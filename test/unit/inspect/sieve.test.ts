/** What a sieve keeps back, an inspector would not have looked at: the traces with it are those without it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8Bytes } from '../../../src/base/bytes';
import { emptyView } from '../../../src/capture/packet';
import { Inspector } from '../../../src/inspect/inspector';
import { buildPacket } from '../../../src/network/packet-builder';
import { ACK, FIN, PSH, RST, SYN } from '../../../src/network/segment';
import { sifted } from '../../support/sifted';

const STARTUP = Uint8Array.of(0, 0, 0, 18, 0, 3, 0, 0, ...utf8Bytes('user\0app\0\0'));
const SSL_REQUEST = Uint8Array.of(0, 0, 0, 8, 4, 210, 22, 47);
const AUTHENTICATION_OK = Uint8Array.of(0x52, 0, 0, 0, 8, 0, 0, 0, 0);
const READY = Uint8Array.of(0x5a, 0, 0, 0, 5, 0x49);
const HTTP = utf8Bytes('GET / HTTP/1.1\r\n\r\n');
const HALF = Uint8Array.of(0x17, 3, 3, 0, 4, 9);
const REFUSAL = utf8Bytes('EFATAL:  too many connections\n\0');
const PAYLOADS = [STARTUP, SSL_REQUEST, AUTHENTICATION_OK, READY, HTTP, HALF, REFUSAL, utf8Bytes('SN')];

interface Packet {
  readonly flow: number;
  readonly back: boolean;
  readonly flags: number;
  readonly sequence: number;
  readonly payload: Uint8Array | undefined;
  /** The IP packet says that it is a part of one. */
  readonly fragment?: boolean;
}

/** Few endpoints, numbers and payloads, so that ports are used again, SYNs repeat and segments come out of order. */
const packet = (fragments: boolean): fc.Arbitrary<Packet> =>
  fc.record({
    flow: fc.nat(2),
    back: fc.boolean(),
    flags: fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(ACK, ACK | PSH) },
      { weight: 3, arbitrary: fc.constantFrom(SYN, SYN | ACK) },
      { weight: 1, arbitrary: fc.constantFrom(FIN | ACK, RST, RST | ACK, SYN | RST, SYN | FIN) },
    ),
    sequence: fc.constantFrom(100, 101, 110, 119, 200, 201),
    payload: fc.option(fc.constantFrom(...PAYLOADS), { nil: undefined }),
    fragment: fragments ? fc.boolean() : fc.constant(false),
  });

const PORTS = [5432, 8080, 27_017];

function bytesOf({ flow, back, flags, sequence, payload, fragment }: Packet): Uint8Array {
  const client = { address: '192.0.2.1', port: 40_000 };
  const server = { address: '192.0.2.9', port: PORTS[flow] };
  const built = buildPacket({
    source: back ? server : client,
    destination: back ? client : server,
    sequence,
    acknowledgment: (flags & ACK) === 0 ? 0 : 101,
    flags,
    // A bare SYN has no payload, nearly always.
    payload: (flags & SYN) !== 0 && sequence !== 110 ? undefined : payload,
  });
  if (fragment) built[14 + 6] |= 0x20;
  return built;
}

function feed(
  sink: { handlePacket(packet: ReturnType<typeof emptyView>): void },
  packets: readonly Packet[],
) {
  const view = emptyView();
  packets.forEach((packet, at) => {
    const buffer = bytesOf(packet);
    Object.assign(view, { frame: at + 1, seconds: at, linkType: 1, buffer, end: buffer.length });
    sink.handlePacket(view);
  });
}

const passed = (packets: readonly Packet[], late = 0): number => {
  const { sink, sieve } = sifted(new Inspector(), 1, late);
  feed(sink, packets);
  return sieve.passed;
};

const one = (flags: number, sequence: number, payload?: Uint8Array, back = false): Packet => {
  return { flow: 1, back, flags, sequence, payload };
};

describe('Sieve', () => {
  it.each([false, true])('changes no trace, fragments %s', (fragments) => {
    let traces = 0;
    fc.assert(
      fc.property(
        fc.array(packet(fragments), { maxLength: 40 }),
        fc.integer({ min: 1, max: 9 }),
        fc.nat(3),
        (packets, every, late) => {
          const direct = new Inspector();
          feed(direct, packets);
          const behind = new Inspector();
          const { sink, flush } = sifted(behind, every, late);
          feed(sink, packets);
          flush();
          const expected = direct.finish();
          traces += expected.length;
          expect(JSON.stringify(behind.finish())).toBe(JSON.stringify(expected));
          expect(behind.issues).toEqual(direct.issues);
        },
      ),
      { numRuns: 1500 },
    );
    expect(traces).toBeGreaterThan(300);
  });

  const opening = [one(SYN, 100), one(SYN | ACK, 200, undefined, true), one(ACK, 101)];

  it('lets through what tells a foreign flow, and nothing after it', () => {
    const rest = [one(ACK, 201, HTTP, true), one(ACK, 119), one(ACK | FIN, 119)];
    expect(passed([...opening, one(ACK, 101, HTTP), ...rest])).toBe(4);
  });

  it('looks at the endpoints anew when a SYN opens another connection', () => {
    const foreign = [...opening, one(ACK, 101, HTTP), one(ACK, 119, HTTP)];
    expect(passed([...foreign, one(SYN, 110), one(ACK, 111, STARTUP), one(ACK, 129, STARTUP)])).toBe(7);
  });

  it('keeps back what follows a handshake that is over', () => {
    const login = [
      one(ACK, 101, STARTUP),
      one(ACK, 201, AUTHENTICATION_OK, true),
      one(ACK, 210, READY, true),
    ];
    const bulk = Array.from({ length: 20 }, () => one(ACK, 119, HTTP));
    expect(passed([...opening, ...login, ...bulk])).toBe(6);
    // The word that it is over may come late.
    expect(passed([...opening, ...login, ...bulk], 5)).toBe(11);
  });

  it('lets everything through once a part of a segment came by', () => {
    const foreign = [...opening, one(ACK, 101, HTTP)];
    const part = { ...one(ACK, 119, HTTP), fragment: true };
    expect(passed([...foreign, one(ACK, 119, HTTP), part, one(ACK, 119, HTTP), one(ACK, 119, HTTP)])).toBe(7);
  });
});
