/** Captures made of another: what a recording of the same connection may lack, or have in another order. */
import { FIN, RST } from '../../../src/network/segment';
import type { Packet } from './packets';

export type Change =
  | 'removed'
  | 'begun'
  | 'cut'
  | 'one direction'
  | 'snap length'
  | 'swapped'
  | 'doubled'
  | 'FIN first';

export interface Derived {
  readonly change: Change;
  /** What was done, for a person. */
  readonly how: string;
  readonly packets: readonly Packet[];
}

/** Packets of a longer capture at which something is done: the first ones, where handshakes are. */
const MOST = 160;
/** The shortest snap length, the longest, and the step between. */
const SNAP = { from: 60, to: 400, step: 7 } as const;

/** Every capture that is made of this one by a single change. */
export function* derive(packets: readonly Packet[]): Generator<Derived> {
  const count = Math.min(packets.length, MOST);
  for (let i = 0; i < count; i++) {
    yield { change: 'removed', how: `without packet ${i + 1}`, packets: without(packets, i) };
    if (i > 0) yield { change: 'begun', how: `from packet ${i + 1} on`, packets: packets.slice(i) };
    yield { change: 'cut', how: `up to packet ${i + 1}`, packets: packets.slice(0, i + 1) };
    yield { change: 'doubled', how: `packet ${i + 1} twice`, packets: doubled(packets, i) };
    if (i + 1 < packets.length) {
      yield { change: 'swapped', how: `packets ${i + 1} and ${i + 2} swapped`, packets: swapped(packets, i) };
    }
  }
  for (const from of senders(packets)) {
    const heard = packets.filter(({ tcp }) => tcp === null || tcp.from === from || tcp.to !== from);
    yield { change: 'one direction', how: `nothing sent to ${from}`, packets: heard };
  }
  for (let length = SNAP.from; length <= SNAP.to; length += SNAP.step) {
    yield {
      change: 'snap length',
      how: `snap length ${length}`,
      packets: packets.map((one) => cut(one, length)),
    };
  }
  yield* finsTurned(packets);
}

function without(packets: readonly Packet[], at: number): Packet[] {
  return [...packets.slice(0, at), ...packets.slice(at + 1)];
}

function doubled(packets: readonly Packet[], at: number): Packet[] {
  return [...packets.slice(0, at + 1), ...packets.slice(at)];
}

/** Each keeps its time, as in a capture of several queues. */
function swapped(packets: readonly Packet[], at: number): Packet[] {
  const result = [...packets];
  result[at] = packets[at + 1];
  result[at + 1] = packets[at];
  return result;
}

function cut(packet: Packet, length: number): Packet {
  return packet.bytes.length <= length ? packet : { ...packet, bytes: packet.bytes.slice(0, length) };
}

/** Who sent TCP segments, up to a few. */
function senders(packets: readonly Packet[]): string[] {
  return [...new Set(packets.flatMap(({ tcp }) => (tcp ? [tcp.from] : [])))].slice(0, 8);
}

/**
 * For each connection that both sides ended by FIN: the other FIN first. Two sides that end at once cross on the wire, so the one that
 * now comes first does not acknowledge the other's.
 */
function* finsTurned(packets: readonly Packet[]): Generator<Derived> {
  const fins = new Map<string, number[]>();
  packets.forEach(({ tcp }, index) => {
    if (!tcp || (tcp.flags & FIN) === 0 || (tcp.flags & RST) !== 0) return;
    const key = [tcp.from, tcp.to].sort().join(' ');
    const known = fins.get(key) ?? [];
    if (!known.some((at) => packets[at].tcp?.from === tcp.from)) fins.set(key, [...known, index]);
  });
  for (const [first, second] of fins.values()) {
    if (second === undefined) continue;
    const late = packets[second];
    if ((late.tcp?.payload ?? 0) > 0 || (packets[first].tcp?.payload ?? 0) > 0) continue;
    const result = [...packets];
    result.splice(second, 1);
    const early = acknowledgingLess(late);
    result.splice(first, 0, { ...early, seconds: packets[first].seconds, nanos: packets[first].nanos });
    yield { change: 'FIN first', how: `FIN of ${late.tcp?.from} first`, packets: result };
  }
}

function acknowledgingLess(packet: Packet): Packet {
  const bytes = packet.bytes.slice();
  const at = (packet.tcp?.at ?? 0) + 8;
  const view = new DataView(bytes.buffer);
  view.setUint32(at, (view.getUint32(at) - 1) >>> 0);
  return { ...packet, bytes };
}
