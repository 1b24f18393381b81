import type { Mark, Side } from '../base/mark';
import { answersHttpAsMongo } from '../mongodb/detect';
import { type ConnectionHandler, TcpConnection } from '../network/connection';
import type { Direction, FlowTable } from '../network/flow-table';
import type { IcmpError } from '../network/icmp';
import { ACK, type SegmentView, SYN } from '../network/segment';
import type { KeyLog } from '../tls/keylog';
import type { Protocol, Trace } from '../trace/model';
import { Conversation } from './conversation';
import { createObserver } from './create-observer';
import { detect, looksLikeText } from './detect';
import { type FlowNotes, fillWire } from './flow-evidence';
import type { KnownServers } from './known-servers';
import type { CloseKind } from './observer';
import { type Found, other, Probe } from './probe';
import { provisionalId } from './trace-order';
import { mayHideOurs } from './undecided';

/** What a flow needs of its inspector. */
export interface FlowHost {
  readonly keyLog: KeyLog;
  readonly keepDataOf: ReadonlySet<number> | undefined;
  /** See `InspectorOptions.outline`. */
  readonly outline: boolean;
  /** Frames of each conversation by its key, where they are wanted. */
  readonly framesOf: Map<number, Uint32Array> | undefined;
  readonly known: KnownServers;
  /** A connection has shown by what it says which protocol this server speaks. */
  learn(address: string, port: number, protocol: Protocol): void;
  /** The flow with this number says nothing, and what is learned of its server may yet tell what it is. */
  park(number: number): void;
  /** TLS that nothing could tell. */
  noteUndecided(address: string, port: number): void;
  nextKey(): number;
  /** The last packet so far, of whatever flow. */
  readonly captureEnd: Mark;
  handleTrace(ticket: number, key: number, trace: Trace, data: readonly (Uint8Array | undefined)[]): void;
  /** The flow is none of ours. */
  handleForeign(ticket: number): void;
}

/** Frames noted of one flow. A handshake has few; one that never ends would fill the memory. */
const MAX_FRAMES = 20_000;

/**
 * `probing`: its bytes are asked what they are. `holding`: they are none of ours, but the server is known to be; what came of it is
 * wanted all the same. `parked`: they do not say, and the server is not known yet.
 */
type Mode = 'probing' | 'holding' | 'parked';

const NOTHING = new Uint8Array(0);
/** First byte of a TLS handshake record. */
const TLS_HANDSHAKE = 0x16;

/**
 * One TCP connection of a capture, from its first packet until it is known to be foreign or its handshake is over. While the protocol is
 * not known a {@link Probe} holds what came; then a {@link Conversation} takes over.
 *
 * Most connections are short, and what is below their protocols is alike: when one is done the same object follows another.
 */
export class Flow implements ConnectionHandler {
  /** Nothing more is wanted of this flow. */
  done = true;
  readonly #tcp: TcpConnection;
  readonly #probe: Probe;
  #mode: Mode = 'probing';
  #conversation: Conversation | undefined;
  #number = 0;
  #ticket = 0;
  #client: Direction = 0;
  #key = 0;
  /** Bytes of the client that are not the protocol's: what is left of a PROXY header. */
  #skip = 0;
  #frames: number[] | undefined;
  /** The first and last packet but for bare acknowledgments. */
  #firstMark: Mark | null = null;
  #lastMark: Mark | null = null;
  #icmp: FlowNotes['icmp'];

  constructor(
    private readonly host: FlowHost,
    private readonly table: FlowTable,
  ) {
    this.#tcp = new TcpConnection(this);
    this.#probe = new Probe(host.keyLog);
  }

  /**
   * Follows another flow; only when this one is {@link done} or new.
   *
   * @param ticket the flow's place in the order of traces.
   */
  begin(number: number, ticket: number): void {
    this.done = false;
    this.#mode = 'probing';
    this.#skip = 0;
    this.#number = number;
    this.#ticket = ticket;
    this.#frames = this.host.framesOf ? [] : undefined;
  }

  /** Lets go of everything that belonged to the flow, when it is {@link done}. */
  clear(): void {
    this.#tcp.reset();
    this.#probe.reset();
    this.#mode = 'probing';
    this.#conversation = undefined;
    this.#client = 0;
    this.#key = 0;
    this.#frames = undefined;
    this.#firstMark = null;
    this.#lastMark = null;
    this.#icmp = undefined;
  }

  isReuse(direction: Direction, segment: SegmentView): boolean {
    return this.#tcp.isReuse(direction, segment);
  }

  /** Takes a segment that changes nothing. @returns whether it is one; if not, it is for {@link handleSegment}. */
  passIdle(direction: Direction, segment: SegmentView, frame: number): boolean {
    if (!this.#tcp.isIdle(direction, segment)) return false;
    if (!this.#conversation?.complete) this.#noteFrame(frame);
    return true;
  }

  handleSegment(direction: Direction, segment: SegmentView, mark: Mark): void {
    const over = this.#conversation?.complete === true;
    if (!over) this.#noteFrame(mark.frame);
    this.#firstMark ??= mark;
    this.#lastMark = mark;
    if (this.#conversation === undefined && (segment.flags & SYN) !== 0) {
      this.#probe.noteOpener((segment.flags & ACK) === 0 ? direction : other(direction));
    }
    this.#tcp.handleSegment(direction, segment, mark);
    // Of a session only the goodbye of a client that did not use it is kept.
    if (over && this.#conversation?.observer.farewell) this.#noteFrame(mark.frame);
    const lastWord = !this.done && this.#tcp.isLastWord(direction, segment);
    if (lastWord) this.#tcp.finish(mark);
    if (this.#conversation !== undefined) {
      if (lastWord || this.#conversation.settled) this.#settle();
    } else if (!this.done && (lastWord || this.#probe.closed)) this.#decide();
  }

  /** A bare acknowledgment of this direction came while nobody followed the flow. */
  noteAcknowledgment(direction: Direction): void {
    const confirmed = this.#tcp.streams[other(direction)];
    confirmed.acknowledged = true;
    confirmed.answered = true;
  }

  /** SYNs that came again while nobody followed the flow. @param mark of the last of them. */
  noteCopies(direction: Direction, copies: number, mark: Mark): void {
    this.#tcp.streams[direction].syns += copies;
    if (this.#lastMark === null || this.#lastMark.frame < mark.frame) this.#lastMark = mark;
  }

  /** @param direction of the packet that did not get through. */
  handleIcmp(direction: Direction, error: IcmpError, mark: Mark): void {
    // What says that nothing gets through counts more than that something was too big.
    if (this.#icmp && (error.tooBig || !this.#icmp.error.tooBig)) return;
    this.#icmp = { direction, error, mark };
  }

  onOpen(direction: Direction, mark: Mark): void {
    if (this.#conversation) this.#conversation.handleOpen(this.#side(direction), mark);
    else if (!this.done) this.#probe.handleOpen(direction, mark);
  }

  onBytes(direction: Direction, bytes: Uint8Array, mark: Mark): void {
    if (this.done) return;
    if (this.#conversation === undefined) {
      const found = this.#mode === 'probing' ? this.#ask(direction, bytes, mark) : undefined;
      if (this.#mode !== 'probing') this.#whileHeld(direction, bytes, mark);
      if (found === undefined) return;
      this.#learn(found);
      this.#recognise(found);
    }
    this.#tell(direction, bytes, mark);
  }

  /** Asks the bytes what they are; sets the mode where they do not say. */
  #ask(direction: Direction, bytes: Uint8Array, mark: Mark): Found | undefined {
    const known = [this.#knownIf(0), this.#knownIf(1)] as const;
    const answer = this.#probe.handleBytes(direction, bytes, mark, known);
    if (answer === 'more') return undefined;
    if (answer !== 'no') return answer;
    if (this.#knownClient() !== undefined) this.#mode = 'holding';
    else if (this.#mayBeLearned()) this.#park();
    else this.#giveUp();
    if (this.#mode === 'holding') this.#judge();
    return undefined;
  }

  #whileHeld(direction: Direction, bytes: Uint8Array, mark: Mark): void {
    // The bytes that ended the probing are kept already.
    if (this.done || this.#conversation !== undefined || this.#probe.holds(mark)) return;
    this.#probe.keep(direction, bytes, mark);
    if (this.#mode === 'holding') this.#judge();
    else if (this.#probe.full) this.#giveUp();
  }

  /** Bytes of the wire for the conversation, without what stands in front of the protocol. */
  #tell(direction: Direction, bytes: Uint8Array, mark: Mark): void {
    const side = this.#side(direction);
    if (side === 'server' || this.#skip === 0) {
      this.#conversation?.handleBytes(side, bytes, mark);
      return;
    }
    const skipped = Math.min(this.#skip, bytes.length);
    this.#skip -= skipped;
    if (skipped < bytes.length) this.#conversation?.handleBytes(side, bytes.subarray(skipped), mark);
  }

  onGap(direction: Direction, length: number, mark: Mark): void {
    if (this.#conversation) this.#conversation.handleGap(this.#side(direction), length, mark);
    else if (!this.done) this.#probe.handleGap(direction, length, mark);
  }

  onClose(direction: Direction, how: CloseKind, mark: Mark): void {
    if (this.#conversation) this.#conversation.handleClose(this.#side(direction), how, mark);
    else if (!this.done) this.#probe.handleClose(direction, how, mark);
  }

  onConflict(direction: Direction, offset: number, _first: Mark | undefined, second: Mark): void {
    this.#conversation?.observer.trace.finding({
      code: 'TCP_OVERLAP_DIFFERS',
      severity: 'warning',
      message: `Two copies of the same bytes of the ${this.#side(direction)} differ, from byte ${offset} on; the first was taken.`,
      frames: [second.frame],
      help: 'A middle box rewrote the data, the capture is damaged, or somebody injects packets: capture at both ends and compare.',
    });
  }

  /** The capture has ended, or the port is used again. */
  finish(last: Mark): void {
    if (this.done) return;
    this.#tcp.finish(last);
    // What still waited may have shown that it is foreign.
    if (this.done) return;
    if (this.#conversation === undefined) this.#recogniseByServer();
    if (this.#conversation) this.#settle();
    else this.#giveUp();
  }

  get parked(): boolean {
    return !this.done && this.#conversation === undefined && this.#mode === 'parked';
  }

  /** What is known of servers has changed: for a flow that is parked. */
  reconsider(): void {
    if (this.done || this.#conversation !== undefined || this.#mode !== 'parked') return;
    if (this.#knownClient() === undefined) return;
    this.#mode = 'holding';
    if (this.#probe.closed) this.#decide();
    else this.#judge();
  }

  /** It was parked for too long. */
  unpark(): void {
    if (!this.done && this.#conversation === undefined && this.#mode === 'parked') this.#giveUp();
  }

  /** The connection is over before anything told what it was. */
  #decide(): void {
    this.#recogniseByServer();
    if (this.#conversation !== undefined) this.#settle();
    else if (this.#mode === 'parked') return;
    else if (this.#mayBeLearned()) this.#park();
    else this.#giveUp();
  }

  /** A server that is known, and bytes that are not its protocol's beginning. */
  #judge(): void {
    const probe = this.#probe;
    const client = this.#knownClient();
    if (client === undefined) return;
    if (probe.sealedClient !== undefined) {
      this.#recogniseByServer();
    } else if (probe.bothSpoke && probe.proxy === null) {
      const server = probe.head(other(client));
      const texts = looksLikeText(probe.head(client)) && looksLikeText(server);
      // Two that understand each other in another tongue; without its beginning, a session of ours looks like that too.
      const whole = probe.opener !== undefined && !probe.holed;
      const foreign = whole && detect(NOTHING, server, undefined).kind === 'no';
      if ((texts || foreign) && !answersHttpAsMongo(server)) this.#giveUp();
      else this.#recogniseByServer();
    } else if (probe.full || probe.bothSpoke) {
      this.#recogniseByServer();
    }
  }

  #park(): void {
    this.#mode = 'parked';
    this.host.park(this.#number);
  }

  /** What the server speaks, if this direction is the client's. */
  #knownIf(client: Direction): Protocol | undefined {
    const server = other(client);
    const port = this.table.port(this.#number, server);
    if (!this.host.known.mayKnow(port)) return undefined;
    return this.host.known.of(this.table.address(this.#number, server), port);
  }

  /** The client's direction, if its server is known. */
  #knownClient(): Direction | undefined {
    const { opener, sealedClient } = this.#probe;
    const client = opener ?? sealedClient;
    if (client !== undefined) return this.#knownIf(client) === undefined ? undefined : client;
    if (this.#knownIf(0) !== undefined) return 0;
    return this.#knownIf(1) === undefined ? undefined : 1;
  }

  /** Whether knowing the server would tell what this is: TLS that does not say, or a connection on which nothing was said. */
  #mayBeLearned(): boolean {
    const { opener, sealedClient } = this.#probe;
    const client = sealedClient ?? opener;
    if (client === undefined || !mayHideOurs(this.table.port(this.#number, other(client)))) return false;
    return sealedClient !== undefined || this.#probe.silent;
  }

  #learn({ client, protocol }: Found): void {
    const server = other(client);
    const port = this.table.port(this.#number, server);
    // Inside TLS that was recognised by its server there is nothing to learn.
    if (this.host.known.mayKnow(port)) return;
    this.host.learn(this.table.address(this.#number, server), port, protocol);
  }

  #noteFrame(frame: number): void {
    if (this.#frames === undefined) return;
    if (this.#frames.length < MAX_FRAMES) this.#frames.push(frame);
    else this.#frames = undefined;
  }

  #side(direction: Direction): Side {
    return direction === this.#client ? 'client' : 'server';
  }

  #recognise(found: Found): void {
    this.#client = found.client;
    this.#key = this.host.nextKey();
    const keepData = this.host.keepDataOf?.has(this.#key) ?? false;
    const observer = createObserver(found.protocol, {
      source: 'capture',
      client: this.#endpoint(found.client),
      server: this.#endpoint(other(found.client)),
      direct: found.direct,
      keepData,
      outline: this.host.outline && !keepData,
    });
    const conversation = new Conversation(observer, {
      keyLog: this.host.keyLog,
      keepData,
      outline: observer.trace.outline,
    });
    this.#conversation = conversation;
    conversation.wire.late = this.#tcp.late;
    conversation.wire.proxy = this.#probe.proxy;
    this.#skip = this.#probe.proxy?.bytes ?? 0;
    for (const event of this.#probe.events) {
      switch (event.kind) {
        case 'open':
          conversation.handleOpen(this.#side(event.direction), event.mark);
          break;
        case 'bytes':
          this.#tell(event.direction, event.bytes, event.mark);
          break;
        case 'gap':
          conversation.handleGap(this.#side(event.direction), event.length, event.mark);
          break;
        case 'close':
          conversation.handleClose(this.#side(event.direction), event.how, event.mark);
          break;
      }
    }
    this.#probe.reset();
  }

  /** Its content does not tell: what is known of the server says what it was for. */
  #recogniseByServer(): void {
    const client = this.#knownClient();
    const protocol = client === undefined ? undefined : this.#knownIf(client);
    if (client === undefined || protocol === undefined || this.#probe.events.length === 0) return;
    const direct = this.#probe.head(client)[0] === TLS_HANDSHAKE;
    this.#recognise({ protocol, direct, client });
  }

  #endpoint(end: Direction) {
    return { address: this.table.address(this.#number, end), port: this.table.port(this.#number, end) };
  }

  #settle(): void {
    const conversation = this.#conversation as Conversation;
    this.done = true;
    fillWire(conversation.wire, {
      tcp: this.#tcp,
      client: this.#client,
      start: this.#firstMark,
      end: this.#lastMark,
      captureEnd: this.host.captureEnd,
      icmp: this.#icmp,
    });
    const trace = conversation.finish(provisionalId(this.#key));
    if (trace.diagnosis.code === 'SERVICE_OTHER_ANSWERED') {
      const { address, port } = trace.server;
      this.host.known.forget(address, port);
    }
    if (this.#frames) this.host.framesOf?.set(this.#key, Uint32Array.from(this.#frames));
    this.host.handleTrace(this.#ticket, this.#key, trace, conversation.observer.trace.data);
  }

  #giveUp(): void {
    this.done = true;
    const { sealedClient } = this.#probe;
    if (sealedClient !== undefined) {
      const server = other(sealedClient);
      const port = this.table.port(this.#number, server);
      if (mayHideOurs(port)) this.host.noteUndecided(this.table.address(this.#number, server), port);
    }
    this.host.handleForeign(this.#ticket);
  }
}
