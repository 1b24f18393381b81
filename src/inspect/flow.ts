import type { Mark, Side } from '../base/mark';
import { type ConnectionHandler, TcpConnection } from '../network/connection';
import type { Direction, FlowTable } from '../network/flow-table';
import type { IcmpError } from '../network/icmp';
import { ACK, type SegmentView, SYN } from '../network/segment';
import type { KeyLog } from '../tls/keylog';
import type { Protocol, Trace } from '../trace/model';
import { Conversation } from './conversation';
import { createObserver } from './create-observer';
import { PORTS } from './detect';
import { type FlowNotes, fillWire } from './flow-evidence';
import type { CloseKind } from './observer';
import { type Found, other, Probe } from './probe';
import { provisionalId } from './trace-order';

/** What a flow needs of its inspector. */
export interface FlowHost {
  readonly keyLog: KeyLog;
  readonly keepDataOf: ReadonlySet<number> | undefined;
  /** See `InspectorOptions.outline`. */
  readonly outline: boolean;
  /** Frames of each conversation by its key, where they are wanted. */
  readonly framesOf: Map<number, Uint32Array> | undefined;
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
  #probing = false;
  #conversation: Conversation | undefined;
  #number = 0;
  #ticket = 0;
  #client: Direction = 0;
  #key = 0;
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
    this.#probing = true;
    this.#number = number;
    this.#ticket = ticket;
    this.#frames = this.host.framesOf ? [] : undefined;
  }

  /** Lets go of everything that belonged to the flow, when it is {@link done}. */
  clear(): void {
    this.#tcp.reset();
    this.#probe.reset();
    this.#probing = false;
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
    if (this.#probing && (segment.flags & SYN) !== 0) {
      this.#probe.noteOpener((segment.flags & ACK) === 0 ? direction : other(direction));
    }
    this.#tcp.handleSegment(direction, segment, mark);
    // Of a session only the goodbye of a client that did not use it is kept.
    if (over && this.#conversation?.observer.farewell) this.#noteFrame(mark.frame);
    if (this.#conversation?.settled) this.#settle();
  }

  /** SYNs that came again while nobody followed the flow. @param mark of the last of them. */
  noteCopies(direction: Direction, copies: number, mark: Mark): void {
    this.#tcp.streams[direction].syns += copies;
    this.#lastMark = mark;
  }

  /** @param direction of the packet that did not get through. */
  handleIcmp(direction: Direction, error: IcmpError, mark: Mark): void {
    // What says that nothing gets through counts more than that something was too big.
    if (this.#icmp && (error.tooBig || !this.#icmp.error.tooBig)) return;
    this.#icmp = { direction, error, mark };
  }

  onOpen(direction: Direction, mark: Mark): void {
    if (this.#conversation) this.#conversation.handleOpen(this.#side(direction), mark);
    else if (this.#probing) this.#probe.handleOpen(direction, mark);
  }

  onBytes(direction: Direction, bytes: Uint8Array, mark: Mark): void {
    if (this.done) return;
    if (this.#conversation === undefined) {
      const ports: [number, number] = [this.table.port(this.#number, 1), this.table.port(this.#number, 0)];
      const answer = this.#probing ? this.#probe.handleBytes(direction, bytes, mark, ports) : 'no';
      if (answer === 'no') this.#giveUp();
      if (answer === 'no' || answer === 'more') return;
      this.#recognise(answer);
    }
    this.#conversation?.handleBytes(this.#side(direction), bytes, mark);
  }

  onGap(direction: Direction, length: number, mark: Mark): void {
    if (this.#conversation) this.#conversation.handleGap(this.#side(direction), length, mark);
    else if (this.#probing) this.#probe.handleGap(direction, length, mark);
  }

  onClose(direction: Direction, how: CloseKind, mark: Mark): void {
    if (this.#conversation) this.#conversation.handleClose(this.#side(direction), how, mark);
    else if (this.#probing) this.#probe.handleClose(direction, how, mark);
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
    if (this.#conversation === undefined && this.#probing) this.#recogniseByPort();
    if (this.#conversation) this.#settle();
    else this.#giveUp();
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
    this.#probing = false;
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
    for (const event of this.#probe.events) {
      switch (event.kind) {
        case 'open':
          conversation.handleOpen(this.#side(event.direction), event.mark);
          break;
        case 'bytes':
          conversation.handleBytes(this.#side(event.direction), event.bytes, event.mark);
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

  /** A connection that was refused or never answered has no content: only its port says what it was for. */
  #recogniseByPort(): void {
    const client = this.#probe.unanswered();
    if (client === undefined) return;
    const port = this.table.port(this.#number, other(client));
    const protocol = (Object.keys(PORTS) as Protocol[]).find((name) => PORTS[name].includes(port));
    if (protocol) this.#recognise({ protocol, direct: false, client });
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
    if (this.#frames) this.host.framesOf?.set(this.#key, Uint32Array.from(this.#frames));
    this.host.handleTrace(this.#ticket, this.#key, trace, conversation.observer.trace.data);
  }

  #giveUp(): void {
    this.done = true;
    this.#probing = false;
    this.host.handleForeign(this.#ticket);
  }
}
