import { type Issue, issue } from '../base/issue';
import type { Mark } from '../base/mark';
import type { PacketSink, PacketView } from '../capture/packet';
import { FlowTable } from '../network/flow-table';
import { ACK, RST, SEGMENT_KIND, SegmentView, SYN } from '../network/segment';
import { decodeSegment } from '../network/tcp';
import { linkRetries } from '../postgres/link';
import { KeyLog } from '../tls/keylog';
import type { Trace } from '../trace/model';
import { Flow, type FlowHost } from './flow';

export interface InspectorOptions {
  /** TLS secrets besides those that the capture carries. */
  readonly keyLog?: KeyLog;
  /** Called as soon as a handshake is over. Its id is provisional, and it may still be linked to an earlier one at the end. */
  readonly onTrace?: (trace: Trace) => void;
  /** Keep the bytes of every step of the traces with these keys, see {@link Inspector.keys}. */
  readonly keepDataOf?: ReadonlySet<number>;
}

/** Marks that the flow is foreign or its handshake is over: a packet of it costs a look-up. */
const DONE = null;

/** Packets that could not be read as TCP, by reason. */
interface Unread {
  fragments: number;
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
  readonly #options: InspectorOptions;
  readonly #segment = new SegmentView();
  readonly #table = new FlowTable();
  readonly #flows: (Flow | typeof DONE)[] = [];
  readonly #traces: { readonly key: number; readonly firstFrame: number; readonly trace: Trace }[] = [];
  readonly #unread: Unread = { fragments: 0, malformed: 0, linkTypes: new Map() };
  #found = 0;
  #last: Mark = { frame: 0, seconds: 0, nanos: 0 };

  constructor(options: InspectorOptions = {}) {
    this.#options = options;
    this.keyLog = options.keyLog ?? KeyLog.parse(new Uint8Array(0)).value;
  }

  handlePacket(packet: PacketView): void {
    const segment = this.#segment;
    if (!decodeSegment(packet, segment)) {
      if (segment.kind > SEGMENT_KIND.OTHER_PROTOCOL) this.#countUnread(segment.kind, packet.linkType);
      return;
    }
    const number = this.#table.lookup(segment);
    const direction = this.#table.direction;
    if (this.#table.isNew) {
      // A bare ACK or FIN at the start of a capture says nothing yet; the flow begins with its first SYN or payload.
      this.#flows[number] = new Flow(this, this.#table, number);
    }
    let flow = this.#flows[number];
    const opens = (segment.flags & (SYN | ACK | RST)) === SYN;
    if (opens && (flow === DONE || flow.isReuse(direction, segment))) {
      flow?.finish(this.#last);
      const renewed = this.#table.renew(segment);
      flow = new Flow(this, this.#table, renewed);
      this.#flows[renewed] = flow;
      this.#feed(renewed, flow, 0, packet);
      return;
    }
    if (flow !== DONE) this.#feed(number, flow, direction, packet);
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

  /** The key of the next conversation. */
  nextKey(): number {
    this.#found += 1;
    return this.#found;
  }

  handleTrace(
    key: number,
    firstFrame: number,
    trace: Trace,
    data: readonly (Uint8Array | undefined)[],
  ): void {
    this.#traces.push({ key, firstFrame, trace });
    if (this.keepDataOf?.has(key)) this.data.set(key, data);
    this.#options.onTrace?.(trace);
  }

  /** Handshakes that are over so far. */
  get traceCount(): number {
    return this.#traces.length;
  }

  /** Ends every conversation still open and gives all traces in order of start, with their final ids, and retries linked. */
  finish(): Trace[] {
    for (const flow of this.#flows) flow?.finish(this.#last);
    this.#flows.length = 0;
    this.#reportUnread();
    const traces = this.#traces
      .sort((a, b) => a.firstFrame - b.firstFrame)
      .map(({ key, trace }, index) => {
        trace.id = `t${index + 1}`;
        this.keys.set(trace.id, key);
        return trace;
      });
    linkRetries(traces);
    return traces;
  }

  #feed(number: number, flow: Flow, direction: 0 | 1, packet: PacketView): void {
    const mark: Mark = { frame: packet.frame, seconds: packet.seconds, nanos: packet.nanos };
    this.#last = mark;
    flow.handleSegment(direction, this.#segment, mark);
    if (flow.done) this.#flows[number] = DONE;
  }

  #countUnread(kind: number, linkType: number): void {
    if (kind === SEGMENT_KIND.FRAGMENT) this.#unread.fragments += 1;
    else if (kind === SEGMENT_KIND.MALFORMED) this.#unread.malformed += 1;
    else this.#unread.linkTypes.set(linkType, (this.#unread.linkTypes.get(linkType) ?? 0) + 1);
  }

  #reportUnread(): void {
    const { fragments, malformed, linkTypes } = this.#unread;
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
          `${fragments} fragments of IP packets were passed over: they are not put together.`,
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
