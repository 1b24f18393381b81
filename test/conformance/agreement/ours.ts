/** A capture as this project sees it. */
import { concat, hex } from '../../../src/base/bytes';
import type { Side } from '../../../src/base/mark';
import type { PacketView } from '../../../src/capture/packet';
import { feedCapture } from '../../../src/files/pump-capture';
import { readCapture } from '../../../src/files/read-capture';
import { readKeyLog } from '../../../src/files/read-key-log';
import { TcpConnection } from '../../../src/network/connection';
import { FlowTable } from '../../../src/network/flow-table';
import { FragmentTable } from '../../../src/network/fragments';
import { SegmentView } from '../../../src/network/segment';
import { decodeSegment } from '../../../src/network/tcp';
import type { TlsEvents, TlsFacts, TlsMessage } from '../../../src/tls/events';
import { KeyLog } from '../../../src/tls/keylog';
import { TlsSession } from '../../../src/tls/session';
import { looksLikeClientHello } from '../../../src/tls/sniff';
import type { Trace } from '../../../src/trace/model';
import { messagesOf, tlsMessage } from './our-messages';
import { type CaptureView, contentOf, type FrameView, type MessageView, type TlsView } from './view';

export interface OurView extends CaptureView {
  readonly traces: readonly Trace[];
}

/** @throws CaptureFileError when the file is no capture. */
export async function ourView(file: string, keyLogFile: string | undefined): Promise<OurView> {
  const keyLog = keyLogFile === undefined ? undefined : await readKeyLog(keyLogFile);
  const { document } = await readCapture(file, { keyLog });
  const flows = new Flows(keyLog);
  await feedCapture(file, flows);
  const { traces } = document;
  const streamOf = (trace: Trace) => {
    const frame = trace.steps.flatMap((step) => step.frames)[0];
    return flows.frames.find((each) => each.frame === frame)?.stream ?? -1;
  };
  const sessions = new Map(flows.sessions().map((session) => [session.stream, session]));
  for (const trace of traces) {
    if (trace.tls === null || trace.tls.version === null) continue;
    const { version, cipher, sni, alpn } = trace.tls;
    const stream = streamOf(trace);
    const content = sessions.get(stream)?.content ?? null;
    sessions.set(stream, { stream, version, cipher, sni, alpn, content });
  }
  const known = new Set(traces.map(streamOf));
  const messages = [...traces.flatMap(messagesOf), ...flows.messages(known)].sort(
    (a, b) => a.frame - b.frame,
  );
  return { frames: flows.frames, sessions: [...sessions.values()], messages, traces };
}

/** Frames, connections, and what the TLS sessions say that are nobody's handshake. */
class Flows {
  readonly frames: FrameView[] = [];
  readonly #keyLog: KeyLog;
  readonly #table = new FlowTable();
  readonly #segment = new SegmentView();
  readonly #fragments = new FragmentTable();
  readonly #connections: { readonly tcp: TcpConnection; readonly tls: Listener }[] = [];

  constructor(keyLog: KeyLog | undefined) {
    this.#keyLog = keyLog ?? KeyLog.parse(new Uint8Array(0)).value;
  }

  handlePacket(packet: PacketView): void {
    const { frame, seconds, nanos, start, end, originalLength: length } = packet;
    const segment = this.#segment;
    const time = `${seconds}.${String(nanos).padStart(9, '0')}`;
    const view = { frame, time, captured: end - start, length };
    if (!decodeSegment(packet, segment, this.#fragments)) {
      this.frames.push({ ...view, stream: null, from: null });
      return;
    }
    let stream = this.#table.lookup(segment);
    if (this.#connections[stream]?.tcp.isReuse(this.#table.direction, segment)) {
      stream = this.#table.renew(segment);
    }
    const { direction } = this.#table;
    this.#connections[stream] ??= this.#connect();
    this.#connections[stream].tcp.handleSegment(direction, segment, { frame, seconds, nanos });
    this.frames.push({ ...view, stream, from: `${segment.sourceAddress}:${segment.sourcePort}` });
  }

  handleSecrets(text: Uint8Array): void {
    this.#keyLog.add(text);
  }

  sessions(): TlsView[] {
    return this.#connections.flatMap(({ tls }, stream) => tls.view(stream) ?? []);
  }

  /** Of the TLS sessions but those on these streams. */
  messages(without: ReadonlySet<number>): MessageView[] {
    return this.#connections.flatMap(({ tls }, stream) => {
      if (without.has(stream)) return [];
      const ends = ([0, 1] as const).map(
        (end) => `${this.#table.address(stream, end)}:${this.#table.port(stream, end)}`,
      );
      return tls.messages(ends);
    });
  }

  #connect() {
    const tls = new Listener(this.#keyLog);
    const tcp = new TcpConnection({
      onOpen: () => undefined,
      onBytes: (direction, bytes, mark) => tls.handleBytes(direction, bytes, mark),
      onGap: () => undefined,
      onClose: () => undefined,
    });
    return { tcp, tls };
  }
}

/** One connection, if it is TLS from its first byte. */
class Listener implements TlsEvents {
  #facts: TlsFacts = {};
  readonly #content: Record<Side, Uint8Array[]> = { client: [], server: [] };
  readonly #messages: TlsMessage[] = [];
  readonly #session: TlsSession;
  /** Which direction is the client's; undefined until there are bytes, null when it is not TLS. */
  #client: 0 | 1 | null | undefined;

  constructor(keyLog: KeyLog) {
    this.#session = new TlsSession(this, { keyLog });
  }

  handleBytes(direction: 0 | 1, bytes: Uint8Array, mark: Parameters<TlsSession['handleBytes']>[2]): void {
    if (this.#client === undefined) this.#client = looksLikeClientHello(bytes) === 'no' ? null : direction;
    if (this.#client === null) return;
    this.#session.handleBytes(direction === this.#client ? 'client' : 'server', bytes, mark);
  }

  /** @param ends addresses by direction */
  messages(ends: readonly string[]): MessageView[] {
    const client = this.#client ?? 0;
    return this.#messages.flatMap((message) => {
      const from = ends[message.from === 'client' ? client : 1 - client];
      return tlsMessage(message, { frame: [message.frames].flat().at(-1) ?? 0, from }) ?? [];
    });
  }

  view(stream: number): TlsView | undefined {
    const { version = null, cipher = null, sni = null, alpn = null } = this.#facts;
    if (version === null) return undefined;
    const { client, server } = this.#content;
    const content = contentOf(hex(concat(...client)), hex(concat(...server)));
    return { stream, version, cipher, sni, alpn, content };
  }

  handleTlsFacts(facts: TlsFacts): void {
    this.#facts = { ...this.#facts, ...facts };
  }

  handlePlaintext(from: Side, bytes: Uint8Array): void {
    this.#content[from].push(bytes.slice());
  }

  handleTlsMessage(message: TlsMessage): void {
    this.#messages.push(message);
  }

  handleTlsAlert(): void {}
  handleCiphertext(): void {}
}
