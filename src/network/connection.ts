import type { Mark } from '../base/mark';
import type { Direction } from './flow-table';
import { DEFAULT_LIMITS, type StreamHandler, type StreamLimits, TcpStream } from './reassembly';
import { ACK, FIN, RST, type SegmentView, SYN } from './segment';

/** What a connection tells: a {@link StreamHandler} with the direction in front. */
export interface ConnectionHandler {
  onOpen(direction: Direction, mark: Mark): void;
  onBytes(direction: Direction, bytes: Uint8Array, mark: Mark): void;
  onGap(direction: Direction, length: number, mark: Mark): void;
  onClose(direction: Direction, how: 'fin' | 'rst', mark: Mark): void;
  onConflict?(direction: Direction, offset: number, first: Mark | undefined, second: Mark): void;
}

/** A segment with its payload, apart from the packet's buffer or not. */
interface Segment {
  readonly sequence: number;
  readonly acknowledgment: number;
  readonly flags: number;
  readonly payload: Uint8Array;
  readonly missing: number;
  readonly mark: Mark;
}

/** Segments of either direction that an answer waits for the question it was recorded before. */
const MAX_HELD = 8;

/**
 * Both directions of a TCP connection, each confirming the other's bytes.
 *
 * A capture of several queues or interfaces may have an answer before the question it confirms. Such an answer is held until
 * the question comes; if what comes instead lies behind it, or nothing does for {@link MAX_HELD} segments, it is lost.
 */
export class TcpConnection {
  readonly streams: readonly [TcpStream, TcpStream];
  /** Segments of `#heldDirection`, in order. */
  #held: Segment[] = [];
  #heldDirection: Direction = 0;
  /** Segments of the other direction since the first was held. */
  #patience = MAX_HELD;
  /** Both sides sent a FIN, and neither had the other's when it did: which was first is a matter of where it was recorded. */
  crossed = false;
  /** Waiting was in vain once: one direction may not be in the capture at all. */
  #hopeless = false;

  constructor(handler: ConnectionHandler, limits: StreamLimits = DEFAULT_LIMITS) {
    this.streams = [
      new TcpStream(new Directed(handler, 0), limits),
      new TcpStream(new Directed(handler, 1), limits),
    ];
  }

  /** Forgets all: what comes next belongs to another connection. Making one anew costs more than most connections do. */
  reset(): void {
    if (this.#held.length > 0) this.#held = [];
    this.#heldDirection = 0;
    this.#patience = MAX_HELD;
    this.#hopeless = false;
    this.crossed = false;
    this.streams[0].reset();
    this.streams[1].reset();
  }

  /**
   * Whether this segment opens another connection between the same endpoints: a SYN (not SYN+ACK) whose sequence number is
   * not that of the connection known. The caller then finishes this one and starts a new `TcpConnection`.
   */
  isReuse(direction: Direction, segment: SegmentView): boolean {
    if ((segment.flags & (SYN | ACK)) !== SYN) return false;
    return this.streams[direction].isOtherStart(segment.sequence);
  }

  /** Whether this segment only confirms what was seen, as a third of those of a short connection do: {@link handleSegment} would do nothing. */
  isIdle(direction: Direction, view: SegmentView): boolean {
    if (view.payloadEnd > view.payloadStart || view.missing > 0) return false;
    if ((view.flags & (SYN | FIN | RST | ACK)) !== ACK || this.#held.length > 0) return false;
    const own = this.streams[direction];
    const peer = this.streams[1 - direction];
    if (!own.started || !peer.hasAll(view.acknowledgment)) return false;
    own.heard = true;
    peer.noteAcknowledgment(view.acknowledgment);
    return true;
  }

  /** @param mark kept, so it must not change afterwards. */
  handleSegment(direction: Direction, view: SegmentView, mark: Mark): void {
    const { sequence, acknowledgment, flags, payload, missing } = view;
    const segment = { sequence, acknowledgment, flags, payload, missing, mark };
    if (this.#held.length > 0) this.#whileHolding(direction, segment);
    else if (this.#isEarly(direction, segment)) this.#hold(direction, segment);
    else this.#process(direction, segment);
  }

  /** No SYN of either direction was seen. */
  get late(): boolean {
    return !this.streams[0].opened && !this.streams[1].opened;
  }

  /**
   * Whether this segment, which was handled, ended the connection for a side that had closed before: its system answers RST to whatever comes
   * after its FIN, and no FIN of the other side need follow.
   */
  isLastWord(direction: Direction, segment: SegmentView): boolean {
    return (segment.flags & RST) !== 0 && this.streams[direction].closed === 'fin';
  }

  /** No packet of this direction was seen, though the other acknowledges some. */
  isUnheard(direction: Direction): boolean {
    return !this.streams[direction].heard && this.streams[direction].answered;
  }

  /** Nothing more will come of this connection. */
  finish(mark: Mark): void {
    this.#release();
    this.streams[0].finish(mark);
    this.streams[1].finish(mark);
  }

  #isEarly(direction: Direction, segment: Segment): boolean {
    // A FIN waits too: whoever leaves last must not seem to have left before it was answered.
    const speaks = isDecisive(segment) || (segment.flags & FIN) !== 0;
    if (this.#hopeless || !speaks || (segment.flags & (ACK | RST | SYN)) !== ACK) return false;
    return this.streams[1 - direction].awaits(segment.acknowledgment);
  }

  #hold(direction: Direction, segment: Segment): void {
    this.#heldDirection = direction;
    this.#held.push({ ...segment, payload: segment.payload.slice() });
  }

  #whileHolding(direction: Direction, segment: Segment): void {
    if (direction === this.#heldDirection) {
      this.#hold(direction, segment);
      if (this.#held.length <= MAX_HELD) return;
      this.#hopeless = true;
      this.#release();
      return;
    }
    const stream = this.streams[direction];
    this.#patience--;
    if (this.#patience === 0 || stream.isBehindHole(segment.sequence)) this.#release();
    this.#process(direction, segment);
    if (this.#held.length > 0 && !stream.awaits(this.#held[0].acknowledgment)) this.#release();
  }

  #release(): void {
    const held = this.#held;
    this.#held = [];
    this.#patience = MAX_HELD;
    for (const segment of held) this.#process(this.#heldDirection, segment);
  }

  #process(direction: Direction, segment: Segment): void {
    const own = this.streams[direction];
    const peer = this.streams[1 - direction];
    const { sequence, acknowledgment, flags, payload, missing, mark } = segment;
    // What a reset acknowledges need not be true.
    if ((flags & (ACK | RST)) === ACK) {
      peer.answered = true;
      // In a handshake the first acknowledgment names the first byte of a direction whose SYN was not captured.
      if (!peer.started && ((flags & SYN) !== 0 || own.opened)) peer.startAt(acknowledgment);
      // One number may be that of the peer's own FIN; what a FIN confirms beyond it are bytes.
      const decisive = isDecisive(segment) || ((flags & FIN) !== 0 && peer.awaits((acknowledgment - 1) | 0));
      peer.noteAcknowledgment(acknowledgment);
      peer.handleAcknowledgment(acknowledgment, decisive, mark);
    }
    const second = (flags & FIN) !== 0 && own.closed === null && peer.closed === 'fin';
    if (second && !peer.isEndAcknowledged(acknowledgment)) this.crossed = true;
    own.handleSegment(sequence, flags, payload, missing, mark);
  }
}

/** Whether the sender went on to say something itself. */
function isDecisive(segment: Segment): boolean {
  return segment.payload.length > 0 || segment.missing > 0;
}

/** Puts the direction in front. */
class Directed implements StreamHandler {
  constructor(
    private readonly handler: ConnectionHandler,
    private readonly direction: Direction,
  ) {}

  onOpen(mark: Mark): void {
    this.handler.onOpen(this.direction, mark);
  }

  onBytes(bytes: Uint8Array, mark: Mark): void {
    this.handler.onBytes(this.direction, bytes, mark);
  }

  onGap(length: number, mark: Mark): void {
    this.handler.onGap(this.direction, length, mark);
  }

  onClose(how: 'fin' | 'rst', mark: Mark): void {
    this.handler.onClose(this.direction, how, mark);
  }

  onConflict(offset: number, first: Mark | undefined, second: Mark): void {
    this.handler.onConflict?.(this.direction, offset, first, second);
  }
}
