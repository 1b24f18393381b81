import { utf8, utf8Bytes } from '../base/bytes';
import type { PacketSink, PacketView } from '../capture/packet';
import { PcapngWriter } from '../capture/pcapng-writer';
import { type Direction, FlowTable } from '../network/flow-table';
import { FragmentTable } from '../network/fragments';
import { SEGMENT_KIND, SegmentView } from '../network/segment';
import { decodeSegment } from '../network/tcp';
import type { Endpoint, Trace } from '../trace/model';

/** Frames of one trace's connection: from its first to the one before the endpoints' next connection. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * Second reading of a capture: copies the packets of chosen traces' connections, and the TLS secrets of their sessions, into a file that
 * Wireshark opens and decrypts. Of a packet that came in IP fragments
 * only the last to come is copied.
 */
export class PacketPicker implements PacketSink {
  /** Packets copied. */
  packets = 0;
  readonly #writer = new PcapngWriter({ application: 'Handshake Inspector' });
  readonly #table = new FlowTable();
  readonly #fragments = new FragmentTable();
  readonly #segment = new SegmentView();
  readonly #spans: ReadonlyMap<string, readonly Span[]>;
  /** By flow number. */
  readonly #wanted: (readonly Span[] | undefined)[] = [];
  readonly #randoms: ReadonlySet<string>;

  /**
   * @param all every trace of the capture, which bounds the connections of the same endpoints.
   * @param chosen the ones to copy.
   * @param keyLog text of a key log that was given beside the capture.
   */
  constructor(all: readonly Trace[], chosen: ReadonlySet<string>, keyLog?: Uint8Array) {
    this.#spans = spansOf(all, chosen);
    this.#randoms = clientRandoms(all.filter((trace) => chosen.has(trace.id)));
    if (keyLog) this.handleSecrets(keyLog);
  }

  handlePacket(packet: PacketView): void {
    const segment = this.#segment;
    if (!decodeSegment(packet, segment, this.#fragments) || segment.kind !== SEGMENT_KIND.TCP) return;
    const flow = this.#table.lookup(segment);
    if (this.#table.isNew) this.#wanted[flow] = this.#spans.get(this.#keyOf(flow));
    const spans = this.#wanted[flow];
    if (!spans?.some(({ from, to }) => packet.frame >= from && packet.frame <= to)) return;
    this.packets++;
    const { linkType, originalLength } = packet;
    const bytes = packet.buffer.slice(packet.start, packet.end);
    this.#writer.addPacket(packet, bytes, undefined, { linkType, originalLength });
  }

  /** Keeps the lines of the chosen sessions. */
  handleSecrets(keyLog: Uint8Array): void {
    const lines = utf8(keyLog)
      .split(/\r?\n/)
      .filter((line) => this.#randoms.has((line.split(/\s+/)[1] ?? '').toLowerCase()));
    if (lines.length > 0) this.#writer.addSecrets(utf8Bytes(`${lines.join('\n')}\n`));
  }

  /** The file. */
  toBytes(): Uint8Array {
    return this.#writer.toBytes();
  }

  #keyOf(flow: number): string {
    const end = (at: Direction) => ({
      address: this.#table.address(flow, at),
      port: this.#table.port(flow, at),
    });
    return pairKey(end(0), end(1));
  }
}

/** The same for both directions. */
function pairKey(a: Endpoint, b: Endpoint): string {
  return [a, b]
    .map(({ address, port }) => `${address} ${port}`)
    .sort()
    .join(' ');
}

function spansOf(all: readonly Trace[], chosen: ReadonlySet<string>): Map<string, Span[]> {
  const spans = new Map<string, Span[]>();
  const open = new Map<string, number>();
  // From the last to the first: a connection ends before the next one of its endpoints begins.
  for (const trace of [...all].reverse()) {
    const key = pairKey(trace.client, trace.server);
    const from = trace.steps.find((step) => step.frames.length > 0)?.frames[0] ?? 0;
    const to = (open.get(key) ?? Number.POSITIVE_INFINITY) - 1;
    open.set(key, from);
    if (chosen.has(trace.id)) spans.set(key, [...(spans.get(key) ?? []), { from, to }]);
  }
  return spans;
}

function clientRandoms(traces: readonly Trace[]): Set<string> {
  const hellos = traces.flatMap((trace) => trace.steps.filter((step) => step.message === 'ClientHello'));
  return new Set(
    hellos.flatMap((step) =>
      step.fields.filter((field) => field.name === 'random').map((field) => field.value),
    ),
  );
}
