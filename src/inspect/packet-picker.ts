import { copyOf as copiedBytes } from '../base/arena';
import { utf8, utf8Bytes } from '../base/bytes';
import type { PacketSink, PacketView } from '../capture/packet';
import { PcapngWriter } from '../capture/pcapng-writer';
import { type Direction, FlowTable } from '../network/flow-table';
import { FragmentTable } from '../network/fragments';
import { SEGMENT_KIND, SegmentView } from '../network/segment';
import { decodeSegment } from '../network/tcp';
import type { Endpoint, Protocol, Trace } from '../trace/model';

/** What it takes to find a trace's connection in a capture again: a trace itself is much larger, and there may be many. */
export interface ConnectionPlace {
  readonly id: string;
  readonly protocol: Protocol;
  /** TLS from the first byte. */
  readonly direct: boolean;
  readonly client: Endpoint;
  readonly server: Endpoint;
  /** The first frame of its steps; 0 where none has any. */
  readonly firstFrame: number;
  /** What key log lines know its sessions by; none in an outline, which has no fields. */
  readonly sessions: readonly string[];
}

/** Where the connection of a trace is. */
export function placeOf(trace: Trace): ConnectionPlace {
  const { id, protocol, ssl, client, server, steps } = trace;
  // A packet whose message was waited for may be older than that of the first step.
  let first = Number.POSITIVE_INFINITY;
  for (const { frames } of steps) if (frames.length > 0) first = Math.min(first, frames[0]);
  const firstFrame = first === Number.POSITIVE_INFINITY ? 0 : first;
  return { id, protocol, direct: ssl.direct, client, server, firstFrame, sessions: sessionsOf(trace) };
}

/** Frames of one trace's connection: from its first to the one before the endpoints' next connection. */
export interface Span {
  readonly place: ConnectionPlace;
  readonly from: number;
  readonly to: number;
}

/** A packet apart from the reader's buffer. */
export interface PickedPacket {
  readonly frame: number;
  readonly seconds: number;
  readonly nanos: number;
  readonly linkType: number;
  readonly originalLength: number;
  readonly bytes: Uint8Array;
}

/** Fragments kept until the packet they belong to is whole; past it the oldest are given up. */
const MAX_FRAGMENTS = 4096;

/** A pcapng file of packets in the order of their frames, with secrets before them. */
export function writePackets(packets: readonly PickedPacket[], secrets: readonly Uint8Array[]): Uint8Array {
  const writer = new PcapngWriter({ application: 'Handshake Inspector' });
  for (const text of secrets) writer.addSecrets(text);
  for (const packet of [...packets].sort((a, b) => a.frame - b.frame)) {
    writer.addPacket(packet, packet.bytes, undefined, packet);
  }
  return writer.toBytes();
}

/** Second reading of a capture: finds the packets of chosen traces' connections, also in tunnels and in fragments. */
export abstract class ConnectionPicker implements PacketSink {
  /** Spans looked at; for tests of how much work it is. */
  work = 0;
  protected readonly table = new FlowTable();
  readonly #fragments = new FragmentTable();
  readonly #segment = new SegmentView();
  readonly #spans: ReadonlyMap<string, Span[]>;
  /** By flow number, the first at the end; those that are over are gone. */
  readonly #wanted: (Span[] | undefined)[] = [];
  /** Fragments by frame, in order of arrival. */
  readonly #held = new Map<number, PickedPacket>();

  /**
   * @param all those of every trace of the capture, in order: they bound the connections of the same endpoints.
   * @param chosen the ones to copy.
   */
  constructor(all: readonly ConnectionPlace[], chosen: ReadonlySet<string>) {
    this.#spans = spansOf(all, chosen);
  }

  handlePacket(packet: PacketView): void {
    const segment = this.#segment;
    const decoded = decodeSegment(packet, segment, this.#fragments);
    if (!decoded) {
      if (segment.kind === SEGMENT_KIND.HELD) this.#hold(packet);
      return;
    }
    const parted = segment.buffer !== packet.buffer;
    const flow = this.table.lookup(segment);
    if (this.table.isNew) this.#wanted[flow] = this.#spans.get(this.#keyOf(flow));
    const span = this.#spanAt(this.#wanted[flow], packet.frame);
    if (span) this.pick(packet, segment, flow, span, parted ? this.#take(this.#fragments.frames) : []);
    else if (parted) this.#take(this.#fragments.frames);
  }

  abstract handleSecrets(keyLog: Uint8Array): void;

  #spanAt(spans: Span[] | undefined, frame: number): Span | undefined {
    for (let span = spans?.at(-1); spans && span; span = spans.at(-1)) {
      this.work++;
      if (frame <= span.to) return frame >= span.from ? span : undefined;
      spans.pop();
    }
    return undefined;
  }

  /** @param fragments the packets that the segment came in besides this one, if it came in several. */
  protected abstract pick(
    packet: PacketView,
    segment: SegmentView,
    flow: number,
    span: Span,
    fragments: readonly PickedPacket[],
  ): void;

  #hold(packet: PacketView): void {
    const [oldest] = this.#held.keys();
    if (this.#held.size === MAX_FRAGMENTS) this.#held.delete(oldest);
    this.#held.set(packet.frame, copyOf(packet));
  }

  #take(frames: readonly number[]): PickedPacket[] {
    return frames.flatMap((frame) => {
      const held = this.#held.get(frame);
      this.#held.delete(frame);
      return held ? [held] : [];
    });
  }

  #keyOf(flow: number): string {
    const end = (at: Direction) => ({
      address: this.table.address(flow, at),
      port: this.table.port(flow, at),
    });
    return pairKey(end(0), end(1));
  }
}

/**
 * Copies the packets of the chosen connections, and the TLS secrets of their sessions, into a file that Wireshark opens and decrypts.
 */
export class PacketPicker extends ConnectionPicker {
  readonly #picked: PickedPacket[] = [];
  readonly #secrets: Uint8Array[] = [];
  readonly #sessions: ReadonlySet<string>;

  /** @param keyLog text of a key log that was given beside the capture. */
  constructor(all: readonly ConnectionPlace[], chosen: ReadonlySet<string>, keyLog?: Uint8Array) {
    super(all, chosen);
    this.#sessions = new Set(all.flatMap(({ id, sessions }) => (chosen.has(id) ? sessions : [])));
    if (keyLog) this.handleSecrets(keyLog);
  }

  /** Packets copied. */
  get packets(): number {
    return this.#picked.length;
  }

  /** Keeps the lines of the chosen sessions. */
  handleSecrets(keyLog: Uint8Array): void {
    const lines = utf8(keyLog)
      .split(/\r?\n/)
      .filter((line) => this.#sessions.has((line.split(/\s+/)[1] ?? '').toLowerCase()));
    if (lines.length > 0) this.#secrets.push(utf8Bytes(`${lines.join('\n')}\n`));
  }

  /** The file. */
  toBytes(): Uint8Array {
    return writePackets(this.#picked, this.#secrets);
  }

  protected pick(
    packet: PacketView,
    _segment: SegmentView,
    _flow: number,
    _span: Span,
    fragments: readonly PickedPacket[],
  ): void {
    for (const fragment of fragments) this.#picked.push(fragment);
    this.#picked.push(copyOf(packet));
  }
}

function copyOf(packet: PacketView): PickedPacket {
  const { frame, seconds, nanos, linkType, originalLength, buffer, start, end } = packet;
  return { frame, seconds, nanos, linkType, originalLength, bytes: copiedBytes(buffer.subarray(start, end)) };
}

/** The same for both directions. */
function pairKey(a: Endpoint, b: Endpoint): string {
  return [a, b]
    .map(({ address, port }) => `${address} ${port}`)
    .sort()
    .join(' ');
}

function spansOf(all: readonly ConnectionPlace[], chosen: ReadonlySet<string>): Map<string, Span[]> {
  const spans = new Map<string, Span[]>();
  const open = new Map<string, number>();
  // From the last to the first: a connection ends before the next one of its endpoints begins.
  for (const place of [...all].reverse()) {
    const key = pairKey(place.client, place.server);
    const from = place.firstFrame;
    const to = (open.get(key) ?? Number.POSITIVE_INFINITY) - 1;
    open.set(key, from);
    if (!chosen.has(place.id)) continue;
    const known = spans.get(key);
    if (known) known.push({ place, from, to });
    else spans.set(key, [{ place, from, to }]);
  }
  return spans;
}

/** The client's random value, or the beginning of an encrypted pre-master secret. */
function sessionsOf({ steps }: Trace): string[] {
  const ids: string[] = [];
  for (const { fields, message } of steps) {
    for (const { name, value } of fields) {
      if (message === 'ClientHello' && name === 'random') ids.push(value);
      if (message === 'ClientKeyExchange' && name === 'encrypted_pre_master_secret')
        ids.push(value.slice(0, 16));
    }
  }
  return ids;
}
