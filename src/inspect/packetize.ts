/**
 * Recording → packets, with the frame numbers that both the written capture and the trace of the recording use. This is why a live
 * trace and the trace of its exported capture agree down to the frame.
 */
import type { Side } from '../base/mark';
import { ACK, FIN, PSH, RST, SYN } from '../network/segment';
import type { RecordedEvent, Recording } from './recording';

/** Largest payload of one written packet: an IPv4 total length must stay below 65,536. */
const MAX_SEGMENT = 32 * 1024;

/** One packet to write, or one local event that has none. */
export type PacketSpec =
  | {
      readonly kind: 'packet';
      readonly frame: number;
      readonly time: number;
      readonly from: Side;
      readonly flags: number;
      readonly seq: number;
      readonly ack: number;
      readonly payload: Uint8Array;
    }
  | {
      readonly kind: 'local';
      readonly time: number;
      readonly event: Extract<RecordedEvent, { kind: 'local' }>;
    };

const NOTHING = new Uint8Array(0);

/**
 * Turns one recording into packets, in order. A recording does not know the real sequence numbers: they are counted from one that depends
 * on the first frame, so that two attempts from the same port are told apart.
 *
 * @param firstFrame number of the first packet.
 */
export function* packetize(recording: Recording, firstFrame = 1): Generator<PacketSpec> {
  let frame = firstFrame;
  const initial = (firstFrame * 0x10000) >>> 0;
  const next: Record<Side, number> = { client: initial, server: initial };
  const packet = (time: number, from: Side, flags: number, payload: Uint8Array): PacketSpec => {
    const to = from === 'client' ? 'server' : 'client';
    const carriesAck = (flags & ACK) !== 0;
    const spec: PacketSpec = {
      kind: 'packet',
      frame: frame++,
      time,
      from,
      flags,
      seq: next[from] >>> 0,
      ack: carriesAck ? next[to] >>> 0 : 0,
      payload,
    };
    next[from] += payload.length + ((flags & (SYN | FIN)) !== 0 ? 1 : 0);
    return spec;
  };

  for (const event of recording.events) {
    switch (event.kind) {
      case 'connect':
        yield packet(event.time, 'client', SYN, NOTHING);
        break;
      case 'accept':
        yield packet(event.time, 'server', SYN | ACK, NOTHING);
        yield packet(event.time, 'client', ACK, NOTHING);
        break;
      case 'refuse':
        yield packet(event.time, 'server', RST | ACK, NOTHING);
        break;
      case 'bytes':
        for (let at = 0; at < event.bytes.length; at += MAX_SEGMENT) {
          const payload = event.bytes.subarray(at, at + MAX_SEGMENT);
          yield packet(event.time, event.from, PSH | ACK, payload);
        }
        break;
      case 'close':
        yield packet(event.time, event.from, (event.how === 'rst' ? RST : FIN) | ACK, NOTHING);
        break;
      case 'local':
        yield { kind: 'local', time: event.time, event };
        break;
    }
  }
}
