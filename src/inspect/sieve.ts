import type { Issue } from '../base/issue';
import type { PacketSink, PacketView } from '../capture/packet';
import { FlowTable } from '../network/flow-table';
import { plainTcp } from '../network/plain-tcp';
import { ACK, FIN, RST, SEGMENT_KIND, SegmentView, SYN } from '../network/segment';
import { decodeSegment } from '../network/tcp';
import { mayBeOurs } from './first-look';

/** What a sieve lets through. */
export interface SieveOutlet extends Omit<PacketSink, 'handlePacket'> {
  /**
   * @param flow number of the packet's flow, or {@link NO_FLOW}; comes back in {@link Sieve.noteDone}.
   * @param ordinal this packet's place among those let through, from 1.
   */
  handlePacket(packet: PacketView, flow: number, ordinal: number): void;
}

/** The packet belongs to no flow that is known here. */
export const NO_FLOW = -1;

/** What is known of a flow. */
const UNKNOWN = 0;
/** PostgreSQL or MongoDB may be spoken. */
const CANDIDATE = 1;
const FOREIGN = 2;
/** Added for each direction whose SYN was seen. */
const SYN_SEEN = [4, 8] as const;
const VERDICT = 3;

/** Flows whose end is noted; those beyond are let through whole. */
const MAX_NOTED = 1 << 22;

/**
 * Stands before an `Inspector` and keeps back the packets that it would not look at: those of foreign flows after the packet that tells
 * them, and those of flows that the inspector is said to be done with. Whatever the inspector would look at is let through, in order, so
 * that the traces are the same; what is let through needlessly costs it a look-up.
 *
 * It makes inspecting a second thread's work, with this side left to read and sort.
 */
export class Sieve implements PacketSink {
  /** Packets let through. */
  passed = 0;
  readonly #outlet: SieveOutlet;
  readonly #segment = new SegmentView();
  readonly #table = new FlowTable();
  /** By flow number: verdict and SYNs seen. */
  #states = new Uint8Array(1024);
  /** By flow number and direction: sequence number of the last SYN. */
  #syns = new Int32Array(2048);
  /** By flow number: ordinal of its last SYN without ACK, which may begin another connection between the same endpoints. */
  #opened = new Uint32Array(1024);
  /** By flow number: ordinal of the packet after which the inspector was done with it. */
  #done = new Uint32Array(0);
  /** There are TLS secrets, so TLS on any port may be looked into. */
  #keys: boolean;
  /** A part of a TCP segment came by, which is put together behind this sieve: from here on it cannot tell what the inspector knows. */
  #open = false;

  /** @param keys whether there are TLS secrets besides the capture's own. */
  constructor(outlet: SieveOutlet, keys: boolean) {
    this.#outlet = outlet;
    this.#keys = keys;
  }

  handlePacket(packet: PacketView): void {
    const segment = this.#segment;
    if (this.#open) {
      this.#pass(packet, NO_FLOW);
    } else if (this.#isOfDoneFlow(packet)) {
      return;
    } else if (decodeSegment(packet, segment)) {
      this.#handleSegment(packet, segment);
    } else if (segment.kind > SEGMENT_KIND.OTHER_PROTOCOL) {
      // Damage is counted behind the sieve.
      this.#open = segment.kind === SEGMENT_KIND.FRAGMENT;
      this.#pass(packet, NO_FLOW);
    }
  }

  handleSecrets(text: Uint8Array): void {
    this.#keys = true;
    this.#outlet.handleSecrets?.(text);
  }

  handleIssue(problem: Issue): void {
    this.#outlet.handleIssue?.(problem);
  }

  /** The inspector was done with this flow after the packet with this ordinal. A SYN let through since may have opened it again. */
  noteDone(flow: number, ordinal: number): void {
    if (flow >= MAX_NOTED) return;
    if (flow >= this.#done.length) this.#done = grown(this.#done, new Uint32Array(this.#opened.length));
    this.#done[flow] = ordinal;
  }

  /** Most packets of most captures: told by their addresses and ports, without decoding the rest. */
  #isOfDoneFlow(packet: PacketView): boolean {
    const tcp = plainTcp(packet);
    if (tcp < 0 || (packet.buffer[tcp + 13] & SYN) !== 0) return false;
    const flow = this.#table.findPlain(packet.buffer, tcp);
    return flow >= 0 && this.#isDone(flow, this.#states[flow]);
  }

  #handleSegment(packet: PacketView, segment: SegmentView): void {
    const flow = this.#table.lookup(segment);
    if (flow >= this.#states.length) this.#grow();
    const state = this.#states[flow];
    const { flags } = segment;
    if ((flags & SYN) !== 0) {
      this.#states[flow] = this.#afterSyn(flow, state, segment);
    } else if (this.#isDone(flow, state)) {
      return;
    } else if ((state & VERDICT) === UNKNOWN) {
      if (hasPayload(segment)) {
        const foreign = this.#isExpected(flow, state, segment.sequence) && !mayBeOurs(segment, this.#keys);
        this.#states[flow] = state | (foreign ? FOREIGN : CANDIDATE);
      } else if ((flags & (FIN | RST)) !== 0) {
        this.#states[flow] = state | CANDIDATE;
      }
    }
    this.#pass(packet, flow);
  }

  #isDone(flow: number, state: number): boolean {
    if ((state & VERDICT) === FOREIGN) return true;
    return flow < this.#done.length && this.#done[flow] > this.#opened[flow];
  }

  /**
   * A SYN always goes through: whether it opens a connection or repeats one is decided behind the sieve.
   * @returns the flow's state after it.
   */
  #afterSyn(flow: number, state: number, segment: SegmentView): number {
    const { direction } = this.#table;
    const { flags, sequence } = segment;
    const place = 2 * flow + direction;
    const other = (state & SYN_SEEN[direction]) !== 0 && this.#syns[place] !== sequence;
    this.#syns[place] = sequence;
    const ended = this.#isDone(flow, state);
    if ((flags & ACK) === 0) this.#opened[flow] = this.passed + 1;
    // Unusual ones are left to the inspector, with all that follows.
    if ((flags & (FIN | RST)) !== 0 || hasPayload(segment)) return state | CANDIDATE;
    if ((flags & ACK) !== 0) return state | SYN_SEEN[direction] | (other ? CANDIDATE : UNKNOWN);
    // What was known of the connection before says nothing of this one.
    const another = ended || (other && (state & VERDICT) === UNKNOWN);
    return (another ? UNKNOWN : state) | SYN_SEEN[direction];
  }

  /** Whether the next byte of this direction, as far as its SYN was seen, has this sequence number. */
  #isExpected(flow: number, state: number, sequence: number): boolean {
    const { direction } = this.#table;
    if ((state & SYN_SEEN[direction]) === 0) return true;
    return ((this.#syns[2 * flow + direction] + 1) | 0) === sequence;
  }

  #pass(packet: PacketView, flow: number): void {
    this.passed++;
    this.#outlet.handlePacket(packet, flow, this.passed);
  }

  #grow(): void {
    const flows = 2 * this.#table.count;
    this.#states = grown(this.#states, new Uint8Array(flows));
    this.#syns = grown(this.#syns, new Int32Array(2 * flows));
    this.#opened = grown(this.#opened, new Uint32Array(flows));
  }
}

function hasPayload({ payloadStart, payloadEnd, missing }: SegmentView): boolean {
  return payloadEnd > payloadStart || missing > 0;
}

function grown<T extends Uint8Array | Int32Array | Uint32Array>(old: T, larger: T): T {
  larger.set(old);
  return larger;
}
