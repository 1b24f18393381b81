/** What a flow of packets leaves as evidence below its protocol. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { concat, utf8Bytes } from '../../../src/base/bytes';
import { otherSide, type Side } from '../../../src/base/mark';
import { PcapngWriter } from '../../../src/capture/pcapng-writer';
import { CaptureReader } from '../../../src/capture/reader';
import type { WireEvidence } from '../../../src/diagnosis/wire';
import { Conversation } from '../../../src/inspect/conversation';
import { Inspector } from '../../../src/inspect/inspector';
import { buildPacket } from '../../../src/network/packet-builder';
import { ACK, FIN, PSH, RST, SYN } from '../../../src/network/segment';

const ENDS = {
  client: { address: '10.0.0.1', port: 50_312 },
  server: { address: '10.0.0.2', port: 5432 },
};
const SSL_REQUEST = new Uint8Array([0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f]);

interface Packet {
  readonly from?: Side;
  readonly seq?: number;
  readonly ack?: number;
  readonly flags?: number;
  readonly payload?: Uint8Array;
  /** Seconds after the packet before. */
  readonly after?: number;
  /** Another packet than one of this connection. */
  readonly raw?: Uint8Array;
}

const OPEN: readonly Packet[] = [
  { from: 'client', seq: 999, flags: SYN },
  { from: 'server', seq: 4999, ack: 1000, flags: SYN | ACK },
  { from: 'client', seq: 1000, ack: 5000, flags: ACK },
];

const { finish } = Conversation.prototype;

/** The evidence of the only conversation. */
function evidenceOf(packets: readonly Packet[]): WireEvidence {
  const seen: WireEvidence[] = [];
  vi.spyOn(Conversation.prototype, 'finish').mockImplementation(function (this: Conversation, id) {
    seen.push(this.wire);
    return finish.call(this, id);
  });
  const writer = new PcapngWriter();
  let seconds = 1_700_000_000;
  packets.forEach(({ from = 'client', seq = 0, ack = 0, flags = 0, payload, after = 0, raw }) => {
    seconds += after;
    const bytes =
      raw ??
      buildPacket({
        source: ENDS[from],
        destination: ENDS[otherSide(from)],
        sequence: seq,
        acknowledgment: ack,
        flags,
        payload,
      });
    writer.addPacket({ seconds, nanos: 0 }, bytes);
  });
  const inspector = new Inspector();
  const reader = new CaptureReader(inspector);
  reader.push(writer.toBytes());
  reader.finish();
  inspector.finish();
  expect(seen).toHaveLength(1);
  return seen[0];
}

afterEach(() => vi.restoreAllMocks());

describe('evidence of the wire', () => {
  const ask: Packet = { from: 'client', seq: 1000, ack: 5000, flags: PSH | ACK, payload: SSL_REQUEST };
  const answer: Packet = { from: 'server', seq: 5000, ack: 1008, flags: PSH | ACK, payload: utf8Bytes('S') };
  const foreign = buildPacket({
    source: { address: '10.0.0.9', port: 9 },
    destination: { address: '10.0.0.8', port: 8 },
    sequence: 1,
    acknowledgment: 1,
    flags: RST,
  });

  it('counts copies of SYNs, and says when the last came', () => {
    const again = { ...OPEN[0], after: 3 };
    const wire = evidenceOf([OPEN[0], { ...OPEN[0], after: 1 }, again]);
    expect(wire.client.syns).toBe(3);
    expect([wire.start?.frame, wire.end?.frame, wire.captureEnd?.frame]).toEqual([1, 3, 3]);
    expect(wire.late).toBe(false);
  });

  it('knows whether a SYN+ACK was acknowledged', () => {
    expect(evidenceOf([...OPEN]).server.acknowledged).toBe(true);
    expect(evidenceOf(OPEN.slice(0, 2)).server.acknowledged).toBe(false);
    // Its own packet is not in the capture.
    expect(
      evidenceOf([OPEN[0], OPEN[2], { ...OPEN[1], flags: RST, seq: 5000, ack: 1000 }]).server,
    ).toMatchObject({
      syns: 0,
      acknowledged: true,
    });
  });

  it('counts what was sent again and never acknowledged', () => {
    const large = { ...ask, seq: 1008, ack: 5001, payload: new Uint8Array(1400).fill(0x16) };
    const wire = evidenceOf([...OPEN, ask, answer, large, { ...large, after: 1 }, { ...large, after: 2 }]);
    expect(wire.client).toMatchObject({ unacknowledged: 1400, timesSent: 3, largestLost: 1400, resent: 2 });
    expect(wire.server).toMatchObject({ unacknowledged: 0, timesSent: 0, largestLost: 0, resent: 0 });
  });

  it('forgets what a bare acknowledgment confirms after all', () => {
    const confirmed: Packet = { from: 'server', seq: 5001, ack: 1018, flags: ACK };
    const more = { ...ask, seq: 1008, ack: 5001, payload: new Uint8Array(10) };
    const wire = evidenceOf([
      ...OPEN,
      ask,
      answer,
      more,
      { ...more, after: 1 },
      { ...more, after: 1 },
      confirmed,
    ]);
    expect(wire.client).toMatchObject({ unacknowledged: 0, timesSent: 0, largestLost: 0, resent: 2 });
  });

  it('does not count a large segment that arrived among what is lost behind it', () => {
    const large = { ...ask, seq: 1008, ack: 5001, payload: new Uint8Array(1400).fill(0x16) };
    const arrived: Packet = { from: 'server', seq: 5001, ack: 2408, flags: ACK };
    const small = { ...large, seq: 2408, payload: new Uint8Array(60).fill(0x16) };
    const again = [1, 2, 2].map((after) => ({ ...small, after }));
    const { client } = evidenceOf([...OPEN, ask, answer, large, small, arrived, ...again]);
    expect(client).toMatchObject({ unacknowledged: 60, timesSent: 4, largestLost: 60 });
  });

  it('takes a probe of one byte for no copy', () => {
    const probe = { ...ask, seq: 1007, payload: SSL_REQUEST.slice(7) };
    expect(evidenceOf([...OPEN, ask, probe, probe]).client.resent).toBe(0);
  });

  it('knows a hole on the wire from one in the capture', () => {
    const tail: Packet = {
      from: 'server',
      seq: 6001,
      ack: 1018,
      flags: PSH | ACK,
      payload: new Uint8Array(200),
    };
    const hello = { ...ask, seq: 1008, ack: 5001, payload: new Uint8Array(10) };
    const still: Packet = { from: 'client', seq: 1018, ack: 5001, flags: ACK };
    const close: Packet = { from: 'client', seq: 1018, ack: 5001, flags: FIN | ACK, after: 9 };
    const wire = evidenceOf([...OPEN, ask, answer, hello, tail, still, close]);
    expect(wire.server.hole).toBe(1000);
    const confirmed = evidenceOf([
      ...OPEN,
      ask,
      answer,
      hello,
      tail,
      { ...still, ack: 6201 },
      { ...close, ack: 6201 },
    ]);
    expect(confirmed.server).toMatchObject({ hole: 0, missing: 1000 });
  });

  it('does not take an interface that was captured twice for packets that were sent again', () => {
    const large = { ...ask, seq: 1008, ack: 5001, payload: new Uint8Array(1400).fill(0x16) };
    const twice = [...OPEN, ask, answer, large].flatMap((packet) => [packet, packet, packet]);
    const wire = evidenceOf([...twice, { ...large, after: 2 }]);
    expect([wire.client.syns, wire.server.syns, wire.client.timesSent]).toEqual([1, 1, 2]);
  });

  it('sees no hole where nobody has confirmed that bytes are lacking', () => {
    const tail: Packet = {
      from: 'server',
      seq: 6001,
      ack: 1008,
      flags: PSH | ACK,
      payload: new Uint8Array(200),
    };
    const before: readonly Packet[] = [1, 2].map(() => ({
      from: 'client',
      seq: 1008,
      ack: 5001,
      flags: ACK,
    }));
    expect(evidenceOf([...OPEN, ask, answer, ...before, tail]).server.hole).toBe(0);
  });

  it('hears nobody where there is no packet', () => {
    const wire = evidenceOf([
      OPEN[0],
      OPEN[2],
      ask,
      { ...ask, seq: 1008, ack: 5001, payload: new Uint8Array(9) },
    ]);
    expect(wire.server).toMatchObject({ unheard: true, syns: 0 });
    expect(wire.client.unheard).toBe(false);
  });

  it('does not miss a server that nothing shows to be there', () => {
    expect(evidenceOf([OPEN[0], { ...OPEN[0], after: 1 }]).server.unheard).toBe(false);
  });

  it('is late without a SYN', () => {
    expect(evidenceOf([ask, answer]).late).toBe(true);
  });

  it('sees that the capture goes on with other packets', () => {
    const wire = evidenceOf([...OPEN, ask, { raw: foreign, after: 60 }]);
    expect(wire.end?.frame).toBe(4);
    expect(wire.captureEnd).toEqual({ frame: 5, seconds: 1_700_000_060, nanos: 0 });
  });

  it('is over where a side that has closed resets, and waits for no FIN of the other', () => {
    const wire = evidenceOf([
      ...OPEN,
      ask,
      { from: 'client', seq: 1008, ack: 5000, flags: FIN | ACK },
      { ...answer, ack: 1009 },
      { from: 'client', seq: 1009, flags: RST },
      { raw: foreign, after: 60 },
    ]);
    expect(wire.closes).toMatchObject([{ from: 'client', how: 'fin' }]);
    // It was concluded before the last packet came.
    expect([wire.end?.frame, wire.captureEnd?.frame]).toEqual([7, 7]);
  });

  it('keeps the first bytes of each side', () => {
    const wire = evidenceOf([...OPEN, ask, answer]);
    expect([...wire.client.head]).toEqual([...SSL_REQUEST]);
    expect([...wire.server.head]).toEqual([0x53]);
  });

  it('takes an ICMP error that quotes the connection', () => {
    const syn = buildPacket({
      source: ENDS.client,
      destination: ENDS.server,
      sequence: 999,
      acknowledgment: 0,
      flags: SYN,
    });
    const ip = [0x45, 0, 0, 56, 0, 0, 0, 0, 64, 1, 0, 0, 192, 0, 2, 254, 10, 0, 0, 1];
    const raw = concat(syn.slice(0, 14), new Uint8Array([...ip, 3, 13, 0, 0, 0, 0, 0, 0]), syn.slice(14, 42));
    expect(evidenceOf([OPEN[0], { raw }]).icmp).toMatchObject({
      about: 'client',
      kind: 'communication administratively prohibited',
      from: '192.0.2.254',
      mark: { frame: 2 },
    });
    // Of other endpoints: none of ours.
    const other = raw.slice();
    other[other.length - 5] ^= 1;
    expect(evidenceOf([OPEN[0], { raw: other }]).icmp).toBeNull();
  });
});
