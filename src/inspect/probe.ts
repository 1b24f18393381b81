import { copyOf } from '../base/arena';
import { concat } from '../base/bytes';
import { type Mark, otherSide, type Side } from '../base/mark';
import type { Direction } from '../network/flow-table';
import { type ProxyProtocolHeader, parseProxyHeader } from '../network/proxy-protocol';
import type { TlsEvents } from '../tls/events';
import type { KeyLog } from '../tls/keylog';
import { TlsSession } from '../tls/session';
import type { Protocol } from '../trace/model';
import { detect } from './detect';
import type { CloseKind } from './observer';

const NOTHING = new Uint8Array(0);

/** What happened on a flow while its protocol was not known. */
export type FlowEvent =
  | { readonly kind: 'open'; readonly direction: Direction; readonly mark: Mark }
  | { readonly kind: 'bytes'; readonly direction: Direction; readonly bytes: Uint8Array; readonly mark: Mark }
  | { readonly kind: 'gap'; readonly direction: Direction; readonly length: number; readonly mark: Mark }
  | { readonly kind: 'close'; readonly direction: Direction; readonly how: CloseKind; readonly mark: Mark };

type BytesEvent = Extract<FlowEvent, { kind: 'bytes' }>;

export interface Found {
  readonly protocol: Protocol;
  /** TLS from the first byte. */
  readonly direct: boolean;
  /** The direction in which the client talks. */
  readonly client: Direction;
}

/** By direction of the client. */
export type KnownProtocols = readonly [Protocol | undefined, Protocol | undefined];

/** Directions that may be the client's, by that of the first SYN; the last where none was seen. */
const CANDIDATES: readonly (readonly Direction[])[] = [[0], [1], [0, 1]];

/** How much of a flow is looked at before it is called foreign. */
const PROBE_LIMITS = { bytes: 4096, events: 24, tlsBytes: 64 * 1024, tlsEvents: 200 } as const;

/**
 * Holds the beginning of a flow until it is known whether PostgreSQL or MongoDB is spoken, and by whom. A foreign flow is given up at
 * its first bytes; what was held is replayed to the conversation otherwise.
 */
export class Probe {
  /** What happened so far, but for the bytes that told what is spoken. */
  readonly events: FlowEvent[] = [];
  /** What stands before the client's own first bytes; it is taken off them. */
  proxy: ProxyProtocolHeader | null = null;
  /** TLS without keys, whose port may hide ours: the client's direction. */
  sealedClient: Direction | undefined;
  /** The direction whose SYN (without ACK) was seen. */
  #opener: Direction | undefined;
  readonly #bytes: [Uint8Array, Uint8Array] = [NOTHING, NOTHING];
  #held = 0;
  #tls: TlsPlaintext | undefined;
  #tlsClient: Direction = 0;

  constructor(private readonly keyLog?: KeyLog) {}

  /** Forgets all: what comes next belongs to another flow. */
  reset(): void {
    this.events.length = 0;
    this.proxy = null;
    this.sealedClient = undefined;
    this.#opener = undefined;
    this.#bytes[0] = NOTHING;
    this.#bytes[1] = NOTHING;
    this.#held = 0;
    this.#tls = undefined;
  }

  /** @param client the direction that sent a SYN, or that was answered with a SYN+ACK. */
  noteOpener(client: Direction): void {
    this.#opener ??= client;
  }

  handleOpen(direction: Direction, mark: Mark): void {
    this.#hold({ kind: 'open', direction, mark });
  }

  /** The direction in which the client talks, by who opened the connection. */
  get opener(): Direction | undefined {
    return this.#opener;
  }

  /** Both sides have said something. */
  get bothSpoke(): boolean {
    return this.#bytes[0].length > 0 && this.#bytes[1].length > 0;
  }

  /** More has come than a handshake's beginning has. */
  get full(): boolean {
    return this.#held > PROBE_LIMITS.tlsBytes || this.events.length >= PROBE_LIMITS.tlsEvents;
  }

  /** Bytes of this direction are known to be missing. */
  get holed(): boolean {
    return this.events.some(({ kind }) => kind === 'gap');
  }

  /** Its first bytes, at most {@link PROBE_LIMITS}. */
  head(direction: Direction): Uint8Array {
    return this.#bytes[direction];
  }

  /** The connection is over: both sides closed it, or one reset it. */
  get closed(): boolean {
    let fins = 0;
    for (const event of this.events) {
      if (event.kind !== 'close') continue;
      if (event.how === 'rst') return true;
      fins++;
    }
    return fins > 1;
  }

  /** Nobody has said anything. */
  get silent(): boolean {
    return this.#held === 0;
  }

  /** Whether the last event held is of this packet. */
  holds(mark: Mark): boolean {
    return this.events.at(-1)?.mark === mark;
  }

  /** Keeps bytes without asking what they are. */
  keep(direction: Direction, bytes: Uint8Array, mark: Mark): void {
    this.#held += bytes.length;
    this.#note(direction, bytes);
    this.#keep(direction, bytes, mark);
  }

  handleGap(direction: Direction, length: number, mark: Mark): void {
    this.#hold({ kind: 'gap', direction, length, mark });
  }

  handleClose(direction: Direction, how: CloseKind, mark: Mark): void {
    this.#hold({ kind: 'close', direction, how, mark });
  }

  /**
   * Takes bytes and says what is known now. They are held, as a copy, only while it is not known: mostly the first ones tell.
   *
   * @param known what the server speaks by what is known of it, by direction of the client: `known[0]` if direction 0 is the client's.
   */
  handleBytes(
    direction: Direction,
    bytes: Uint8Array,
    mark: Mark,
    known: KnownProtocols,
  ): Found | 'no' | 'more' {
    const event: BytesEvent = { kind: 'bytes', direction, bytes, mark };
    this.#held += bytes.length;
    const answer = this.#tls ? this.#askTls(event) : this.#ask(event, known);
    // Where it is none of ours by content, something else may say that it is: then these bytes are wanted, too.
    if (answer === 'more' || answer === 'no') this.#keep(direction, bytes, mark);
    return answer;
  }

  #note(direction: Direction, bytes: Uint8Array): void {
    const known = this.#bytes[direction];
    if (known.length === 0 && bytes.length <= PROBE_LIMITS.bytes) {
      this.#bytes[direction] = bytes;
    } else if (known.length < PROBE_LIMITS.bytes) {
      this.#bytes[direction] = concat(known, bytes.subarray(0, PROBE_LIMITS.bytes - known.length));
    }
  }

  /** Holds a copy of bytes that were noted. */
  #keep(direction: Direction, bytes: Uint8Array, mark: Mark): void {
    const copy = copyOf(bytes);
    if (this.#bytes[direction] === bytes) this.#bytes[direction] = copy;
    this.#hold({ kind: 'bytes', direction, bytes: copy, mark });
  }

  #ask(event: BytesEvent, known: KnownProtocols): Found | 'no' | 'more' {
    this.#note(event.direction, event.bytes);
    let undecided = false;
    for (const client of this.#candidates()) {
      const said = this.#behindProxy(client);
      if (said === undefined) {
        undecided = true;
        continue;
      }
      // With keys, what is inside TLS tells more than the server's port does.
      const hint = this.keyLog && !this.keyLog.empty ? undefined : known[client];
      const answer = detect(said, this.#bytes[other(client)], hint);
      if (answer.kind === 'found') return { protocol: answer.protocol, direct: answer.direct, client };
      if (answer.kind === 'tls') {
        if (this.keyLog && !this.keyLog.empty) return this.#startTls(client, event);
        if (!answer.named) this.sealedClient = client;
      }
      // A server that speaks first, in whatever tongue, tells nothing of what its client wants.
      const waits = said.length === 0 && this.#opener === client;
      if (answer.kind === 'more' || waits) undecided = true;
    }
    const full = this.#held > PROBE_LIMITS.bytes || this.events.length >= PROBE_LIMITS.events;
    return undecided && !full ? 'more' : 'no';
  }

  /** The client's bytes behind a PROXY header; undefined while the header is not whole. */
  #behindProxy(client: Direction): Uint8Array | undefined {
    const bytes = this.#bytes[client];
    const header = bytes.length === 0 ? null : parseProxyHeader(bytes);
    if (header === null) return bytes;
    if (header === 'more') return undefined;
    this.proxy = header;
    return bytes.subarray(header.bytes);
  }

  #candidates(): readonly Direction[] {
    return CANDIDATES[this.#opener ?? 2];
  }

  #hold(event: FlowEvent): void {
    if (this.events.length <= PROBE_LIMITS.tlsEvents) this.events.push(event);
  }

  /** TLS on an unknown port, and there are keys: look inside before giving up. */
  #startTls(client: Direction, latest: BytesEvent): Found | 'no' | 'more' {
    this.#tls = new TlsPlaintext(this.keyLog as KeyLog);
    this.#tlsClient = client;
    for (const event of this.events) {
      const answer = event.kind === 'bytes' ? this.#askTls(event) : 'more';
      if (answer !== 'more') return answer;
    }
    return this.#askTls(latest);
  }

  #askTls(event: BytesEvent): Found | 'no' | 'more' {
    const tls = this.#tls as TlsPlaintext;
    const client = this.#tlsClient;
    tls.session.handleBytes(event.direction === client ? 'client' : 'server', event.bytes, event.mark);
    if (tls.text.client.length + tls.text.server.length > 0) {
      const answer = detect(tls.text.client, tls.text.server, undefined);
      if (answer.kind === 'found') return { protocol: answer.protocol, direct: true, client };
      if (answer.kind !== 'more') return 'no';
    }
    const full = this.#held > PROBE_LIMITS.tlsBytes || this.events.length + 1 >= PROBE_LIMITS.tlsEvents;
    if (!full && !tls.opaque) return 'more';
    this.sealedClient = client;
    return 'no';
  }
}

export function other(direction: Direction): Direction {
  return direction === 0 ? 1 : 0;
}

/** Collects the first plaintext of a TLS session, for a second look at what is spoken inside. */
class TlsPlaintext implements TlsEvents {
  readonly session: TlsSession;
  readonly text: Record<Side, Uint8Array> = { client: new Uint8Array(0), server: new Uint8Array(0) };
  /** Application data came that no key opens. */
  opaque = false;

  constructor(keyLog: KeyLog) {
    this.session = new TlsSession(this, { keyLog });
  }

  handlePlaintext(from: Side, bytes: Uint8Array): void {
    if (this.text[from].length < PROBE_LIMITS.bytes) this.text[from] = concat(this.text[from], bytes);
  }

  handleCiphertext(from: Side): void {
    // TLS 1.3 sends its encrypted handshake as application data too: only data of both sides says that there is no key.
    this.#sealed[from]++;
    this.opaque = this.#sealed[from] > 4 && this.#sealed[otherSide(from)] > 1;
  }

  handleTlsMessage(): void {}
  handleTlsAlert(): void {}
  handleTlsFacts(): void {}

  readonly #sealed: Record<Side, number> = { client: 0, server: 0 };
}
