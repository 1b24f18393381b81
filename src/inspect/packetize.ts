/**
 * Recording → packets, with the frame numbers that both the written capture and the trace of the recording use. This is why a live
 * trace and the trace of its exported capture agree down to the frame.
 */
import type { Side } from '../base/mark';
import type { RecordedEvent, Recording } from './recording';

/** TCP flags as they stand in the header (RFC 9293 section 3.1). */
export const TCP_FLAGS = { fin: 0x01, syn: 0x02, rst: 0x04, psh: 0x08, ack: 0x10 } as const;

/** Largest payload of one written packet: an IPv4 total length must stay below 65,536. */
export const MAX_SEGMENT = 32 * 1024;

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
      readonly event: Exclude<RecordedEvent, { kind: 'local' }> | null;
    }
  | {
      readonly kind: 'local';
      readonly time: number;
      readonly event: Extract<RecordedEvent, { kind: 'local' }>;
    };

const NOTHING = new Uint8Array(0);

/**
 * Turns one recording into packets, in order. Sequence numbers start at 0 on both sides: a recording does not know the real ones.
 *
 * @param firstFrame number of the first packet.
 */
export function* packetize(recording: Recording, firstFrame = 1): Generator<PacketSpec> {
  let frame = firstFrame;
  const next: Record<Side, number> = { client: 0, server: 0 };
  const packet = (
    time: number,
    from: Side,
    flags: number,
    payload: Uint8Array,
    event: Exclude<RecordedEvent, { kind: 'local' }> | null,
  ): PacketSpec => {
    const to = from === 'client' ? 'server' : 'client';
    const carriesAck = (flags & TCP_FLAGS.ack) !== 0;
    const spec: PacketSpec = {
      kind: 'packet',
      frame: frame++,
      time,
      from,
      flags,
      seq: next[from] >>> 0,
      ack: carriesAck ? next[to] >>> 0 : 0,
      payload,
      event,
    };
    next[from] += payload.length + ((flags & (TCP_FLAGS.syn | TCP_FLAGS.fin)) !== 0 ? 1 : 0);
    return spec;
  };

  for (const event of recording.events) {
    switch (event.kind) {
      case 'connect':
        yield packet(event.time, 'client', TCP_FLAGS.syn, NOTHING, event);
        break;
      case 'accept':
        yield packet(event.time, 'server', TCP_FLAGS.syn | TCP_FLAGS.ack, NOTHING, event);
        yield packet(event.time, 'client', TCP_FLAGS.ack, NOTHING, null);
        break;
      case 'refuse':
        yield packet(event.time, 'server', TCP_FLAGS.rst | TCP_FLAGS.ack, NOTHING, event);
        break;
      case 'bytes':
        for (let at = 0; at < event.bytes.length; at += MAX_SEGMENT) {
          const payload = event.bytes.subarray(at, at + MAX_SEGMENT);
          yield packet(event.time, event.from, TCP_FLAGS.psh | TCP_FLAGS.ack, payload, event);
        }
        break;
      case 'close':
        yield packet(
          event.time,
          event.from,
          (event.how === 'rst' ? TCP_FLAGS.rst : TCP_FLAGS.fin) | TCP_FLAGS.ack,
          NOTHING,
          event,
        );
        break;
      case 'local':
        yield { kind: 'local', time: event.time, event };
        break;
    }
  }
}
