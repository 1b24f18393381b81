import { type Mark, millisBetween } from '../base/mark';
import { FIN, RST, SYN } from './segment';
import { SegmentBuffer } from './segment-buffer';
import { StreamTail } from './stream-tail';

/** What one direction of a TCP connection tells, in stream order. Marks are those of the packets that carried it. */
export interface StreamHandler {
  /** The SYN of this direction was seen. */
  onOpen?(mark: Mark): void;
  /** The next bytes; a view that is valid during the call. */
  onBytes(bytes: Uint8Array, mark: Mark): void;
  /** The next `length` bytes are not in the capture. The mark is that of the packet that proved it. */
  onGap(length: number, mark: Mark): void;
  /** Once at most, after all bytes. */
  onClose?(how: 'fin' | 'rst', mark: Mark): void;
  /** Two copies of the same bytes differ from stream offset `offset` on; the first one was taken. */
  onConflict?(offset: number, first: Mark | undefined, second: Mark): void;
}

/** Bounds on what a stream holds back. Past them it reports a gap and goes on. */
export interface StreamLimits {
  /** Bytes that wait for earlier ones. */
  readonly bytes: number;
  /** Segments that wait for earlier ones. */
  readonly segments: number;
  /** Delivered bytes kept for comparison with later copies. */
  readonly tail: number;
}

export const DEFAULT_LIMITS: StreamLimits = { bytes: 1 << 20, segments: 512, tail: 4096 };

/** How far ahead of what was seen a reset says that bytes are missing; whoever makes one up knows no number. */
const RESET_WINDOW = 1 << 16;

/** Largest distance ahead that can be in a window (RFC 7323 section 2.2: 2^30); farther is not of this stream. */
const MAX_WINDOW = 2 ** 30;

/**
 * Whether two packets that hold the same are one that was captured twice, at two interfaces: what is sent again for want of an answer comes
 * later, since no timer of TCP is shorter (RFC 6298 section 2.4 asks for a second, Linux waits 200 ms).
 */
export function isSamePacket(one: Mark | null, other: Mark): boolean {
  return one !== null && Math.abs(millisBetween(one, other)) < SAME_PACKET_MILLIS;
}

const SAME_PACKET_MILLIS = 20;

/**
 * One direction of a TCP connection: turns segments as captured into the bytes as sent (RFC 9293 section 3.10). Copes with
 * retransmission, overlap, reordering, sequence wrap, keep-alive probes, data on SYN, a beginning that was not captured, and
 * packets that are missing or were cut by the snap length.
 *
 * Offsets count from the first byte; sequence numbers are compared as 32-bit differences only.
 */
export class TcpStream {
  /** Whether the position in the stream is known. */
  started = false;
  /** Whether the SYN was seen. */
  opened = false;
  closed: 'fin' | 'rst' | null = null;
  /** Stream offset of the next byte to deliver: bytes delivered and missing so far. */
  offset = 0;
  /** A packet of this direction was seen. */
  heard = false;
  /** The peer acknowledges what this direction sent, whether or not it is in the capture. */
  answered = false;
  /** SYNs of this direction, those sent again included. */
  syns = 0;
  /** Segments whose bytes had been sent before; probes that keep the connection alive are none. */
  resent = 0;
  /** Payload bytes that a snap length cut off. */
  cut = 0;
  /** The peer acknowledged something of this direction, be it only the SYN. */
  acknowledged = false;
  /** How often the first byte that the peer has not acknowledged was sent. */
  copies = 0;
  /** Largest payload of the segments that hold bytes not acknowledged, at most as many as those are; 0 when all are. */
  largestLost = 0;
  /** When the first byte not acknowledged was last sent. */
  #copyMark: Mark | null = null;
  /** When the last SYN came. */
  #synMark: Mark | null = null;
  /** The peer has said again that it lacks what comes before the bytes that wait. */
  #lackConfirmed = false;
  /** {@link hole} when what waited behind it was given out. */
  #flushedHole = 0;
  /** Highest acknowledgment of the peer, and one past the last byte sent: sequence numbers. */
  #acknowledged = 0;
  #highest = 0;
  /** Sequence number of that byte, signed 32 bits. */
  #next = 0;
  /** Sequence number of the first byte. */
  #first = 0;
  /** Stream offset up to which the peer has confirmed. */
  #confirmed = 0;
  /** Stream offset up to which bytes are known to have been sent but were cut from the capture. */
  #sent = 0;
  /** Stream offset of the end given by FIN. */
  #end = Number.POSITIVE_INFINITY;
  #endMark: Mark | null = null;
  readonly #waiting = new SegmentBuffer();
  readonly #tail: StreamTail;
  readonly #handler: StreamHandler;
  readonly #limits: StreamLimits;
  readonly #conflict = (offset: number, first: Mark | undefined, second: Mark): void => {
    this.#handler.onConflict?.(offset, first, second);
  };

  constructor(handler: StreamHandler, limits: StreamLimits = DEFAULT_LIMITS) {
    this.#handler = handler;
    this.#limits = limits;
    this.#tail = new StreamTail(limits.tail);
  }

  /** Forgets all: what comes next belongs to another connection. */
  reset(): void {
    this.started = false;
    this.opened = false;
    this.closed = null;
    this.offset = 0;
    this.heard = false;
    this.answered = false;
    this.syns = 0;
    this.resent = 0;
    this.cut = 0;
    this.acknowledged = false;
    this.copies = 0;
    this.largestLost = 0;
    this.#copyMark = null;
    this.#synMark = null;
    this.#lackConfirmed = false;
    this.#flushedHole = 0;
    this.#acknowledged = 0;
    this.#highest = 0;
    this.#next = 0;
    this.#first = 0;
    this.#confirmed = 0;
    this.#sent = 0;
    this.#end = Number.POSITIVE_INFINITY;
    this.#endMark = null;
    this.#waiting.clear();
    this.#tail.reset();
  }

  /** Bytes that wait for earlier ones. */
  get buffered(): number {
    return this.#waiting.bytes;
  }

  /** Stream offset of a sequence number near the present position; only once {@link started}. */
  offsetOf(sequence: number): number {
    return this.offset + ((sequence - this.#next) | 0);
  }

  /** Whether a SYN with this sequence number cannot be a copy of the one that began this stream. */
  isOtherStart(sequence: number): boolean {
    return this.started && ((sequence + 1 - this.#first) | 0) !== 0;
  }

  /** Whether the peer confirms bytes that have not come, and nothing later has come that proves them lost. */
  awaits(acknowledgment: number): boolean {
    if (!this.started || this.closed !== null || this.#waiting.count > 0) return false;
    const ahead = (acknowledgment - this.#next) | 0;
    return ahead > 0 && ahead <= MAX_WINDOW && this.offset < this.#end;
  }

  /** Bytes sent that the peer has not acknowledged; 0 while it has acknowledged nothing that could be compared. */
  get unacknowledged(): number {
    return this.acknowledged ? Math.max(0, (this.#highest - this.#acknowledged) | 0) : 0;
  }

  /**
   * Bytes that are not here and that the peer lacks too by its acknowledgments, though later ones came: they were lost on their way. To be asked
   * when nothing more will come.
   */
  get hole(): number {
    if (this.#waiting.count === 0 || !this.#lackConfirmed) return this.#flushedHole;
    return ((this.#next - this.#acknowledged) | 0) >= 0 ? this.#waiting.firstOffset - this.offset : 0;
  }

  /** The peer acknowledges up to here. Costs two comparisons when that says nothing new. */
  noteAcknowledgment(acknowledgment: number): void {
    const ahead = (acknowledgment - this.#acknowledged) | 0;
    if (ahead === 0 && this.#waiting.count > 0) this.#lackConfirmed = true;
    if (!this.started || ahead > MAX_WINDOW || (ahead <= 0 && (this.acknowledged || ahead < 0))) return;
    this.acknowledged = true;
    this.#acknowledged = acknowledgment | 0;
    const rest = (this.#highest - this.#acknowledged) | 0;
    this.#lackConfirmed = false;
    this.#copyMark = null;
    this.copies = rest > 0 ? 1 : 0;
    this.largestLost = Math.max(0, Math.min(this.largestLost, rest));
  }

  /** Whether an acknowledgment by the peer confirms nothing that was not seen. */
  hasAll(acknowledgment: number): boolean {
    if (!this.started) return false;
    const ahead = (acknowledgment - this.#next) | 0;
    return ahead <= 0 || ahead > MAX_WINDOW || this.closed !== null;
  }

  /** Whether a segment at this sequence number lies behind bytes that have not come. */
  isBehindHole(sequence: number): boolean {
    return this.started && ((sequence - this.#next) | 0) > 0;
  }

  /** Sets where the stream begins when its SYN was not captured but the peer's acknowledgment tells. */
  startAt(sequence: number): void {
    if (this.started) return;
    this.started = true;
    this.#next = sequence | 0;
    this.#first = this.#next;
    this.#highest = this.#next;
    this.#acknowledged = this.#next;
  }

  /**
   * Takes one segment of this direction.
   *
   * @param sequence SEG.SEQ, any 32-bit form.
   * @param payload the captured payload; what is kept is copied.
   * @param missing payload bytes after it that were not captured.
   */
  handleSegment(sequence: number, flags: number, payload: Uint8Array, missing: number, mark: Mark): void {
    this.heard = true;
    const length = payload.length + missing;
    if (length > 0 && this.started) this.#noteSent((sequence + ((flags & SYN) >> 1)) | 0, length, mark);
    if (this.closed !== null) return;
    let first = sequence | 0;
    if ((flags & SYN) !== 0) {
      if (this.isOtherStart(first)) return;
      if (!isSamePacket(this.#synMark, mark)) this.syns++;
      this.#synMark = mark;
      first = (first + 1) | 0;
      this.startAt(first);
      if (!this.opened) {
        this.opened = true;
        this.#handler.onOpen?.(mark);
      }
    }
    if (!this.started) {
      this.startAt(first);
      if (length > 0) this.#noteSent(first, length, mark);
    }
    const ahead = (first - this.#next) | 0;
    if (ahead > MAX_WINDOW) return;
    const position = this.offset + ahead;
    if (payload.length > 0) this.#data(position, payload, mark);
    const end = position + payload.length + missing;
    this.cut += missing;
    if (missing > 0) this.#lost(end - missing, end, mark);
    if ((flags & FIN) !== 0 && this.#endMark === null && end >= this.offset) {
      this.#end = end;
      this.#endMark = mark;
    }
    if ((flags & RST) !== 0) this.#reset(end, mark);
    else this.#closeAtEnd();
  }

  /**
   * The peer has acknowledged up to `acknowledgment`. Bytes before it that were not captured will not come again.
   *
   * They are not given up at once: an acknowledgment is sometimes recorded before what it acknowledges. They are when the
   * peer goes on to send something itself (`decisive`), or when later bytes of this direction have come.
   */
  handleAcknowledgment(acknowledgment: number, decisive: boolean, mark: Mark): void {
    if (!this.started || this.closed !== null) return;
    const ahead = (acknowledgment - this.#next) | 0;
    if (ahead <= 0 || ahead > MAX_WINDOW) return;
    this.#confirmed = Math.max(this.#confirmed, Math.min(this.offset + ahead, this.#end));
    if (decisive || this.#waiting.count > 0) this.#giveUpTo(this.#confirmed, mark);
    this.#closeAtEnd();
  }

  /** Whether an acknowledgment covers this direction's FIN, which takes a number behind the last byte. */
  isEndAcknowledged(acknowledgment: number): boolean {
    return this.closed === 'fin' && ((acknowledgment - this.#next) | 0) > 0;
  }

  /** Nothing more will come: delivers what waits, with the gaps before it. */
  finish(mark: Mark): void {
    if (this.closed !== null) return;
    this.#flush(mark);
    this.#giveUpTo(Math.max(this.#confirmed, this.#sent), mark);
    if (this.#endMark !== null) this.#giveUpTo(this.#end, mark);
    this.#closeAtEnd();
  }

  /** Notes that bytes were sent: whether again, and whether the peer has them. */
  #noteSent(first: number, length: number, mark: Mark): void {
    const end = (first + length) | 0;
    const beyond = (end - this.#highest) | 0;
    // The second copy of one byte at the end is a probe.
    if (beyond <= 0) {
      if (beyond > -MAX_WINDOW && !(length === 1 && beyond === 0)) this.resent++;
    } else if (beyond <= MAX_WINDOW) this.#highest = end;
    if (((end - this.#acknowledged) | 0) <= 0) return;
    if (length > this.largestLost) this.largestLost = length;
    if (((first - this.#acknowledged) | 0) > 0 || isSamePacket(this.#copyMark, mark)) return;
    this.copies++;
    this.#copyMark = mark;
  }

  #data(position: number, payload: Uint8Array, mark: Mark): void {
    const end = position + payload.length;
    if (position < this.offset) {
      const keepAlive = payload.length === 1 && end === this.offset;
      const differs = keepAlive ? -1 : this.#tail.difference(position, payload);
      if (differs >= 0) this.#conflict(differs, undefined, mark);
    }
    if (end <= this.offset) return;
    if (position <= this.offset && this.#waiting.firstOffset >= end) {
      this.#deliver(position === this.offset ? payload : payload.subarray(this.offset - position), mark);
      this.#deliverWaiting();
      return;
    }
    const from = Math.max(position, this.offset);
    this.#waiting.insert(from, payload.subarray(from - position), mark, this.#conflict);
    this.#deliverWaiting();
    if (this.offset < this.#confirmed) this.#giveUpTo(this.#confirmed, mark);
    while (this.#waiting.bytes > this.#limits.bytes || this.#waiting.count > this.#limits.segments) {
      this.#gapTo(this.#waiting.firstOffset, mark);
      this.#deliverWaiting();
    }
  }

  /** Bytes from `start` to `end` crossed the wire but were not captured; what comes before them may still arrive. */
  #lost(start: number, end: number, mark: Mark): void {
    if (start <= this.offset) this.#giveUpTo(end, mark);
    else this.#sent = Math.max(this.#sent, end);
  }

  #deliver(bytes: Uint8Array, mark: Mark): void {
    this.#tail.append(this.offset, bytes);
    this.#advance(bytes.length);
    this.#handler.onBytes(bytes, mark);
  }

  /** What waits never lies before `offset`: what is delivered or given up stops at it. */
  #deliverWaiting(): void {
    while (this.#waiting.firstOffset === this.offset) {
      const segment = this.#waiting.shift();
      if (segment !== undefined) this.#deliver(segment.bytes, segment.mark);
    }
  }

  /** Delivers what there is before stream offset `target` and reports the rest of it as missing. */
  #giveUpTo(target: number, mark: Mark): void {
    while (this.offset < target) {
      this.#gapTo(Math.min(target, this.#waiting.firstOffset), mark);
      this.#deliverWaiting();
    }
  }

  #flush(mark: Mark): void {
    this.#flushedHole ||= this.hole;
    while (this.#waiting.count > 0) {
      this.#gapTo(this.#waiting.firstOffset, mark);
      this.#deliverWaiting();
    }
  }

  #gapTo(target: number, mark: Mark): void {
    const length = target - this.offset;
    if (length <= 0) return;
    this.#advance(length);
    this.#handler.onGap(length, mark);
  }

  #advance(length: number): void {
    this.offset += length;
    this.#next = (this.#next + length) | 0;
  }

  /** @param position where its sender was: beyond what was seen, bytes are missing before it. */
  #reset(position: number, mark: Mark): void {
    this.#flush(mark);
    const ahead = position - this.offset;
    // One number may be that of a FIN; far away a reset is not of this stream.
    if (ahead > 1 && ahead <= RESET_WINDOW) this.#gapTo(position, mark);
    this.closed = 'rst';
    this.#handler.onClose?.('rst', mark);
  }

  #closeAtEnd(): void {
    if (this.#endMark === null || this.closed !== null || this.offset < this.#end) return;
    this.closed = 'fin';
    // Whatever is left claims to lie behind the end.
    this.#waiting.clear();
    this.#handler.onClose?.('fin', this.#endMark);
  }
}
