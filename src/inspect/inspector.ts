import { type Issue, issue } from '../base/issue';
import type { Mark } from '../base/mark';
import type { PacketSink, PacketView } from '../capture/packet';
import { FinishedFlows } from '../network/finished-flows';
import { type Direction, FlowTable } from '../network/flow-table';
import { FragmentTable } from '../network/fragments';
import { decodeIcmp } from '../network/icmp';
import { plainTcp } from '../network/plain-tcp';
import { ACK, FIN, RST, SEGMENT_KIND, SegmentView, SYN } from '../network/segment';
import { decodeSegment } from '../network/tcp';
import { KeyLog } from '../tls/keylog';
import type { Protocol, Trace } from '../trace/model';
import { mayBeOurs } from './first-look';
import { Flow, type FlowHost } from './flow';
import { type DecodeAs, KnownServers } from './known-servers';
import { OPEN_LIMITS, type OpenLimits, RetiredFlows } from './retired-flows';
import { type KeyedTrace, TraceOrder } from './trace-order';
import { UndecidedTls } from './undecided';
import { WaitingFlows } from './waiting-flows';

export interface InspectorOptions {
  /** TLS secrets besides those that the capture carries. */
  readonly keyLog?: KeyLog;
  /** Called as soon as a handshake is over. Its id is provisional (`provisionalId`) until its place is known; it is then linked, too. */
  readonly onTrace?: (trace: Trace, key: number) => void;
  /**
   * Called with every trace in order of start, with its final id and linked to the one it tries again, as soon as that is known. The
   * traces are then not kept: {@link Inspector.finish} gives none.
   */
  readonly onOrderedTrace?: (trace: Trace) => void;
  /** Most traces that are kept, and told as they end, for whoever keeps them; those beyond are counted. Has no bearing on traces in order. */
  readonly mostKept?: number;
  /** Nobody will read what the steps say: no text, no fields. Everything else of a trace is the same. */
  readonly outline?: boolean;
  /** What is spoken on ports of servers, on the user's word. */
  readonly decodeAs?: DecodeAs;
  /** Keep the bytes of every step of the traces with these keys, see {@link Inspector.keys}. */
  readonly keepDataOf?: ReadonlySet<number>;
  /** Filled with the frames of each trace's connection by the trace's key, so that they can be read again alone. */
  readonly framesOf?: Map<number, Uint32Array>;
  /** How much may be undecided at once, by default {@link OPEN_LIMITS}. */
  readonly limits?: Partial<OpenLimits>;
}

/** What is known of a flow, by its number; a value above 0 is its slot in the waiting flows, plus one. */
const UNSEEN = 0;
/** It is foreign or its handshake is over: a packet of it costs a look-up. */
const DONE = -1;
/** It has a {@link Flow}: this, or below it by the flow's slot. */
const TRACKED = -2;

/** Flows that wait for what is learned of their servers, and how many connections may begin meanwhile. */
const PARKED = { flows: 64, tickets: 512 } as const;

/** Flows kept for connections to come. */
const MAX_SPARE = 256;

/** Flow numbers that {@link Inspector.endSome} looks at in one turn: their traces are what its caller has to hold at once. */
const ENDED_AT_ONCE = 64;

/** Packets that could not be read as TCP, by reason. */
interface Unread {
  malformed: number;
  readonly linkTypes: Map<number, number>;
}

/**
 * Packets in, traces out: flows, detection, observers. Feed it through a capture reader, then call {@link finish} once.
 */
export class Inspector implements PacketSink, FlowHost {
  readonly keyLog: KeyLog;
  /** Bytes of the steps, by key, for the traces asked for. */
  readonly data = new Map<number, readonly (Uint8Array | undefined)[]>();
  /** The key of each trace by its final id: the place in which its conversation was recognised, the same in every reading. */
  readonly keys = new Map<string, number>();
  /** What is not damage but a reader of the result should know. */
  readonly issues: Issue[] = [];
  /** Where a bound was met, and what is not as it would be without it. Known when all has ended. */
  readonly notes: string[] = [];
  readonly #options: InspectorOptions;
  readonly #segment = new SegmentView();
  readonly #table = new FlowTable();
  readonly #finishedFlows = new FinishedFlows();
  readonly #fragments = new FragmentTable();
  /** The packets' buffer, which mostly is the same again and again, and a view of it. */
  #buffer: Uint8Array = new Uint8Array(0);
  #words = new DataView(this.#buffer.buffer);
  /** By flow number, see {@link UNSEEN}. */
  #states = new Int32Array(1024);
  /** By flow number: the sequence number of the SYN that opened it; 0 where none was seen. */
  #openings = new Int32Array(1024);
  /** And the second in which it came. */
  #openedAt = new Int32Array(1024);
  /**
   * By slot; in a free one lies a flow to use again, or none. Not a `Map`: from time to time a map in which much is set and deleted moves
   * to a new table, the old one points to it, and so the memory of flows long gone waits for a collection of everything.
   */
  readonly #flows: (Flow | undefined)[] = [];
  readonly #freeSlots: number[] = [];
  readonly #waiting = new WaitingFlows();
  readonly #limits: OpenLimits;
  readonly #retired = new RetiredFlows();
  /** Flows that have a {@link Flow}. */
  #tracked = 0;
  /** Flow numbers that have ended because the capture has. */
  #ended = 0;
  readonly known: KnownServers;
  readonly #undecided = new UndecidedTls();
  /** Numbers of flows that are parked, the oldest first. */
  #parked: { readonly number: number; readonly ticket: number }[] = [];
  #latestTicket = 0;
  readonly #order: TraceOrder;
  readonly #traces: KeyedTrace[] = [];
  readonly #unread: Unread = { malformed: 0, linkTypes: new Map() };
  /** Traces beyond those that are kept. */
  #unkept = 0;
  #found = 0;
  #finished = 0;
  /** Where and when the last packet was that could change something. */
  readonly #last = { frame: 0, seconds: 0, nanos: 0 };
  /** The last packet of all: a reader gives the same view again and again. */
  #latest: Mark = this.#last;

  constructor(options: InspectorOptions = {}) {
    this.#options = options;
    this.keyLog = options.keyLog ?? KeyLog.parse(new Uint8Array(0)).value;
    this.known = new KnownServers(options.decodeAs);
    this.#limits = { ...OPEN_LIMITS, ...options.limits };
    const { onOrderedTrace } = options;
    this.#order = onOrderedTrace
      ? new TraceOrder(({ trace }) => onOrderedTrace(trace), this.#limits.traces)
      : new TraceOrder((entry) => this.#keep(entry), this.#limits.traces);
  }

  handlePacket(packet: PacketView): void {
    if (packet !== this.#latest) this.#latest = packet;
    // Most packets of most captures are of a flow that is done with: told by their addresses and ports, without decoding the rest.
    if (packet.buffer !== this.#buffer) this.#show(packet.buffer);
    const tcp = plainTcp(packet, this.#words);
    if (tcp >= 0 && this.#finishedFlows.has(this.#words, tcp) && (packet.buffer[tcp + 13] & SYN) === 0)
      return;
    const segment = this.#segment;
    if (!decodeSegment(packet, segment, this.#fragments)) {
      if (segment.kind > SEGMENT_KIND.OTHER_PROTOCOL) this.#countUnread(segment.kind, packet.linkType);
      else if (segment.kind === SEGMENT_KIND.OTHER_PROTOCOL) this.#handleIcmp(packet);
      return;
    }
    let number = this.#table.lookup(segment);
    let direction = this.#table.direction;
    if (number >= this.#states.length) this.#grow(number);
    if ((segment.flags & (SYN | ACK | RST)) === SYN && this.#isReuse(number, direction, packet.seconds)) {
      this.#end(number);
      number = this.#table.renew(segment);
      this.#finishedFlows.remove(segment);
      direction = 0;
      if (number >= this.#states.length) this.#grow(number);
    }
    const state = this.#states[number];
    if (state === DONE) {
      if (tcp >= 0) this.#finishedFlows.add(this.#words, tcp);
      return;
    }
    if (state <= TRACKED) this.#feed(state, number, direction, packet);
    else this.#firstSegments(number, direction, packet, state);
  }

  handleSecrets(text: Uint8Array): void {
    const problems = this.keyLog.add(text);
    if (problems.length > 0) {
      this.handleIssue(issue('SECRETS_UNREADABLE', `The capture's TLS secrets hold ${problems[0].message}.`));
    }
  }

  /** Notes something about the capture as a whole; bounded. */
  handleIssue(problem: Issue): void {
    if (this.issues.length < 100) this.issues.push(problem);
  }

  get keepDataOf(): ReadonlySet<number> | undefined {
    return this.#options.keepDataOf;
  }

  get framesOf(): Map<number, Uint32Array> | undefined {
    return this.#options.framesOf;
  }

  get outline(): boolean {
    return this.#options.outline ?? false;
  }

  learn(address: string, port: number, protocol: Protocol): void {
    if (!this.known.learn(address, port, protocol)) return;
    const parked = this.#parked;
    this.#parked = [];
    for (const one of parked) {
      const flow = this.#flowOf(one.number);
      flow?.reconsider();
      if (flow?.done) this.#forget(one.number);
      else if (flow?.parked) this.#parked.push(one);
    }
  }

  park(number: number): void {
    this.#parked.push({ number, ticket: this.#latestTicket });
    if (this.#parked.length > PARKED.flows) this.#unpark();
  }

  noteUndecided(address: string, port: number): void {
    this.#undecided.add(address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`);
  }

  /** The oldest flow that is parked has waited long enough. */
  #unpark(): void {
    const oldest = this.#parked.shift();
    const flow = oldest && this.#flowOf(oldest.number);
    if (oldest === undefined || !flow?.parked) return;
    flow.unpark();
    this.#forget(oldest.number);
  }

  #flowOf(number: number): Flow | undefined {
    const state = this.#states[number];
    return state <= TRACKED ? this.#flows[TRACKED - state] : undefined;
  }

  /** Takes the next place in the order of traces. */
  #openTicket(): number {
    this.#latestTicket = this.#order.open();
    const [oldest] = this.#parked;
    if (oldest !== undefined && this.#latestTicket - oldest.ticket > PARKED.tickets) this.#unpark();
    return this.#latestTicket;
  }

  /** The key of the next conversation. */
  nextKey(): number {
    this.#found += 1;
    return this.#found;
  }

  handleTrace(ticket: number, key: number, trace: Trace, data: readonly (Uint8Array | undefined)[]): void {
    this.#finished += 1;
    if (this.keepDataOf?.has(key)) this.data.set(key, data);
    if (this.#finished <= (this.#options.mostKept ?? Number.POSITIVE_INFINITY))
      this.#options.onTrace?.(trace, key);
    this.#order.complete(ticket, key, trace);
  }

  #keep(entry: KeyedTrace): void {
    if (this.#traces.length < (this.#options.mostKept ?? Number.POSITIVE_INFINITY)) this.#traces.push(entry);
    else this.#unkept++;
  }

  handleForeign(ticket: number): void {
    this.#order.cancel(ticket);
  }

  get captureEnd(): Mark {
    const { frame, seconds, nanos } = this.#latest;
    return { frame, seconds, nanos };
  }

  /** Handshakes that are over so far. */
  get traceCount(): number {
    return this.#finished;
  }

  /** Handshakes that have begun and are not over: one that hangs is among them. */
  get openCount(): number {
    return this.#found - this.#finished;
  }

  /** Flows that may still become a trace: SYNs that wait, and those that are followed. No more than the limits. */
  get undecided(): { readonly waiting: number; readonly tracked: number; readonly traces: number } {
    return { waiting: this.#waiting.count, tracked: this.#tracked, traces: this.#order.held };
  }

  /**
   * Ends some of the conversations still open, because the capture has ended. Whoever hands traces on calls it until nothing is left, and
   * waits meanwhile for whom he hands them to; {@link finish} ends what is left.
   *
   * @returns whether there are more.
   */
  endSome(): boolean {
    const until = Math.min(this.#table.count, this.#ended + ENDED_AT_ONCE);
    for (; this.#ended < until; this.#ended++) {
      if (this.#ended < this.#states.length) this.#end(this.#ended);
    }
    return this.#ended < this.#table.count;
  }

  /** Ends every conversation still open and gives all traces in order of start, with their final ids, and retries linked. */
  finish(): Trace[] {
    while (this.endSome());
    this.#reportUnread();
    this.notes.push(...this.#undecided.notes());
    if (this.#unkept > 0)
      this.notes.push(
        `${this.#unkept} further handshakes are not shown: ${this.#traces.length} are kept at most. The command line's decode shows all.`,
      );
    this.notes.push(...this.#retired.notes(this.#limits, this.#order.passedOver));
    return this.#traces.map(({ key, trace }) => {
      this.keys.set(trace.id, key);
      return trace;
    });
  }

  /** Whether a SYN is that of a connection that is over, recorded at another place or put together from two captures: same number, same moment. */
  #isCopy(number: number, seconds: number): boolean {
    const same = this.#openings[number] === this.#segment.sequence;
    return same && Math.abs((this.#openedAt[number] - seconds) | 0) <= 1;
  }

  /** Whether a SYN opens another connection between the same endpoints. */
  #isReuse(number: number, direction: Direction, seconds: number): boolean {
    const state = this.#states[number];
    // Captures put together may have a connection twice, one copy after the other.
    if (state === DONE) return !this.#isCopy(number, seconds);
    if (state <= TRACKED) return this.#flows[TRACKED - state]?.isReuse(direction, this.#segment) ?? false;
    return state > 0 && !this.#waiting.knows(state - 1, direction, this.#segment.sequence);
  }

  /** An ICMP error says something of the flow that it quotes. */
  #handleIcmp(packet: PacketView): void {
    const error = decodeIcmp(packet, this.#segment);
    if (error === undefined) return;
    const number = this.#table.find(this.#segment);
    if (number < 0 || number >= this.#states.length) return;
    const { direction } = this.#table;
    if (this.#states[number] > 0) this.#track(number);
    const state = this.#states[number];
    if (state > TRACKED) return;
    this.#noteLast(packet);
    this.#flows[TRACKED - state]?.handleIcmp(direction, error, this.#mark());
  }

  /** A flow whose first payload has not come yet. Of bare acknowledgments only that there are some says something. */
  #firstSegments(number: number, direction: Direction, packet: PacketView, state: number): void {
    const segment = this.#segment;
    const { flags } = segment;
    if (segment.payloadEnd > segment.payloadStart || segment.missing > 0) {
      const expected = state === UNSEEN || this.#waiting.follows(state - 1, direction, segment.sequence);
      const speaksFirst = state !== UNSEEN && this.#waiting.isAcceptor(state - 1, direction);
      const wanted = speaksFirst || this.#mayKnow(segment) || mayBeOurs(segment, !this.keyLog.empty);
      if (expected && (flags & SYN) === 0 && !wanted) this.#dismiss(number);
      else this.#promote(number, direction, packet);
    } else if ((flags & (FIN | RST)) !== 0) {
      // Refused or given up without a word: its server is all that says what it was for.
      if (state !== UNSEEN) this.#promote(number, direction, packet);
    } else if ((flags & SYN) !== 0) {
      if ((flags & ACK) === 0 && this.#openings[number] === 0) {
        this.#openings[number] = segment.sequence;
        this.#openedAt[number] = packet.seconds;
      }
      const slot = state === UNSEEN ? this.#waiting.add(this.#openTicket()) : state - 1;
      this.#states[number] = slot + 1;
      if (this.#waiting.count > this.#limits.waiting) this.#retire('waiting', number);
      if (!this.#waiting.knows(slot, direction, segment.sequence)) {
        this.#noteLast(packet);
        this.#waiting.note(slot, direction, segment, packet);
      } else this.#waiting.noteCopy(slot, direction, packet);
    } else if (state !== UNSEEN) this.#waiting.noteAcknowledgment(state - 1, direction);
  }

  #mayKnow({ sourcePort, destinationPort }: SegmentView): boolean {
    return this.known.mayKnow(sourcePort) || this.known.mayKnow(destinationPort);
  }

  #dismiss(number: number): void {
    const slot = this.#states[number] - 1;
    this.#states[number] = DONE;
    if (slot < 0) return;
    this.#order.cancel(this.#waiting.ticket(slot));
    this.#waiting.remove(slot);
  }

  #promote(number: number, direction: Direction, packet: PacketView): void {
    this.#track(number);
    this.#feed(this.#states[number], number, direction, packet);
  }

  /** Gives a flow its {@link Flow}, which is told of the SYNs that were kept. */
  #track(number: number): void {
    const slot = this.#states[number] - 1;
    const ticket = slot < 0 ? this.#openTicket() : this.#waiting.ticket(slot);
    const place = this.#freeSlots.pop() ?? this.#flows.length;
    this.#flows[place] ??= new Flow(this, this.#table);
    const flow = this.#flows[place];
    flow.begin(number, ticket);
    this.#tracked++;
    this.#states[number] = TRACKED - place;
    if (this.#tracked > this.#limits.tracked) this.#retire('tracked', number);
    if (slot < 0) return;
    this.#waiting.replay(slot, (direction, segment, mark) => flow.handleSegment(direction, segment, mark));
    this.#waiting.replayCopies(slot, (direction, copies, mark) => flow.noteCopies(direction, copies, mark));
    for (const direction of [0, 1] as const)
      if (this.#waiting.acknowledges(slot, direction)) flow.noteAcknowledgment(direction);
    this.#waiting.remove(slot);
  }

  #feed(state: number, number: number, direction: Direction, packet: PacketView): void {
    const flow = this.#flows[TRACKED - state];
    if (flow === undefined) return;
    this.#noteLast(packet);
    if (flow.passIdle(direction, this.#segment, packet.frame)) return;
    flow.handleSegment(direction, this.#segment, this.#mark());
    if (flow.done) this.#forget(number);
  }

  /** Nothing more will come of this flow. */
  #end(number: number): void {
    const state = this.#states[number];
    if (state > 0) {
      const { known } = this;
      if (known.mayKnow(this.#table.port(number, 0)) || known.mayKnow(this.#table.port(number, 1)))
        this.#track(number);
      else this.#dismiss(number);
    }
    if (this.#states[number] > TRACKED) return;
    this.#flows[TRACKED - this.#states[number]]?.finish(this.#mark());
    this.#forget(number);
  }

  /** More is undecided than may be: the oldest flow of its kind ends here, as if the capture did. */
  #retire(kind: 'waiting' | 'tracked', besides: number): void {
    const oldest = this.#retired.next(kind, this.#table.count, (number) => {
      const state = this.#states[number];
      return number !== besides && (kind === 'waiting' ? state > 0 : state <= TRACKED);
    });
    if (oldest >= 0) this.#end(oldest);
  }

  #forget(number: number): void {
    this.#tracked--;
    const place = TRACKED - this.#states[number];
    if (this.#freeSlots.length < MAX_SPARE) this.#flows[place]?.clear();
    else this.#flows[place] = undefined;
    this.#freeSlots.push(place);
    this.#states[number] = DONE;
  }

  #noteLast(packet: PacketView): void {
    const last = this.#last;
    last.frame = packet.frame;
    last.seconds = packet.seconds;
    last.nanos = packet.nanos;
  }

  /** The last packet's mark, to be kept. */
  #mark(): Mark {
    const { frame, seconds, nanos } = this.#last;
    return { frame, seconds, nanos };
  }

  #show(buffer: Uint8Array): void {
    this.#buffer = buffer;
    this.#words = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  }

  #grow(number: number): void {
    const grown = new Int32Array(2 * Math.max(number, this.#states.length));
    grown.set(this.#states);
    this.#states = grown;
    const openings = new Int32Array(grown.length);
    openings.set(this.#openings);
    this.#openings = openings;
    const openedAt = new Int32Array(grown.length);
    openedAt.set(this.#openedAt);
    this.#openedAt = openedAt;
  }

  #countUnread(kind: number, linkType: number): void {
    if (kind === SEGMENT_KIND.MALFORMED) this.#unread.malformed += 1;
    else this.#unread.linkTypes.set(linkType, (this.#unread.linkTypes.get(linkType) ?? 0) + 1);
  }

  #reportUnread(): void {
    const { malformed, linkTypes } = this.#unread;
    const fragments = this.#fragments.lost + this.#fragments.waiting;
    for (const [linkType, count] of linkTypes) {
      this.handleIssue(
        issue(
          'LINK_TYPE_UNKNOWN',
          `${count} packets of link type ${linkType} were passed over: it is not one that is read.`,
        ),
      );
    }
    if (fragments > 0) {
      this.handleIssue(
        issue(
          'IP_FRAGMENTS',
          `${fragments} fragments of IP packets could not be put together: others of the same packet are missing.`,
        ),
      );
    }
    if (malformed > 0) {
      this.handleIssue(
        issue('IP_MALFORMED', `${malformed} packets have an IP or TCP header that contradicts itself.`),
      );
    }
  }
}
