import type { Mark } from '../base/mark';
import type { Direction } from '../network/flow-table';
import { isSamePacket } from '../network/reassembly';
import { ACK, SegmentView } from '../network/segment';

/** SYNs kept of a flow: one of each direction is what a connection has. */
const SYNS = 2;
/** Words of a SYN: sequence, acknowledgment, flags and direction, frame, nanoseconds. */
const WORDS = 5;
const DIRECTION_BIT = 1 << 8;

/** Slots that come and go together; a power of two. */
const PAGE_BITS = 12;
const PAGE = 1 << PAGE_BITS;

/** Of one flow: words, seconds, a count and a ticket. */
const BYTES = SYNS * (4 * WORDS + 8) + 2 + 8;

/** Memory for some flows: it grows by one of these, and nothing is copied for it. */
class Page {
  /** By direction: how often a SYN that is kept was sent again, and where the last one was. */
  readonly copies = new Uint8Array(PAGE * 2);
  readonly lastFrames = new Int32Array(PAGE * 2);
  readonly lastNanos = new Int32Array(PAGE * 2);
  readonly lastSeconds = new Float64Array(PAGE * 2);
  readonly words = new Int32Array(PAGE * SYNS * WORDS);
  readonly seconds = new Float64Array(PAGE * SYNS);
  readonly counts = new Uint8Array(PAGE);
  /** A bit for each direction that sent a bare acknowledgment. */
  readonly acknowledgments = new Uint8Array(PAGE);
  /** Of a slot that is free, the next one that is, or -1. */
  readonly tickets = new Float64Array(PAGE);
}

/**
 * Flows of which no payload was seen yet: most of them turn out to be foreign with their first bytes, so until then only their SYNs are
 * kept, in typed arrays whose slots are used again.
 */
export class WaitingFlows {
  /** Flows that wait now. */
  count = 0;
  readonly #pages: Page[] = [];
  /** The slot to use next of those given up, or -1. */
  #free = -1;
  #used = 0;
  readonly #segment = new SegmentView();

  /** Memory that is held for flows, also for those that are gone. */
  get bytes(): number {
    return this.#pages.length * PAGE * BYTES;
  }

  /** Takes a slot for a flow with a place in the order of traces. */
  add(ticket: number): number {
    const slot = this.#free >= 0 ? this.#free : this.#used++;
    if (slot >> PAGE_BITS === this.#pages.length) this.#pages.push(new Page());
    const page = this.#pages[slot >> PAGE_BITS];
    const at = slot & (PAGE - 1);
    if (slot === this.#free) this.#free = page.tickets[at];
    page.counts[at] = 0;
    page.acknowledgments[at] = 0;
    page.copies[2 * at] = 0;
    page.copies[2 * at + 1] = 0;
    page.tickets[at] = ticket;
    this.count++;
    return slot;
  }

  remove(slot: number): void {
    this.#pages[slot >> PAGE_BITS].tickets[slot & (PAGE - 1)] = this.#free;
    this.#free = slot;
    this.count--;
  }

  ticket(slot: number): number {
    return this.#pages[slot >> PAGE_BITS].tickets[slot & (PAGE - 1)];
  }

  /** Keeps a SYN; a third one has nothing to tell. */
  note(slot: number, direction: Direction, segment: SegmentView, mark: Mark): void {
    const { words, seconds, counts } = this.#pages[slot >> PAGE_BITS];
    const place = slot & (PAGE - 1);
    const count = counts[place];
    if (count === SYNS) return;
    const at = place * SYNS + count;
    const word = at * WORDS;
    words[word] = segment.sequence;
    words[word + 1] = segment.acknowledgment;
    words[word + 2] = segment.flags | (direction === 1 ? DIRECTION_BIT : 0);
    words[word + 3] = mark.frame;
    words[word + 4] = mark.nanos;
    seconds[at] = mark.seconds;
    counts[place] = count + 1;
    setLast(this.#pages[slot >> PAGE_BITS], 2 * place + direction, mark);
  }

  /** Counts a SYN that is kept and was sent again; not one that was captured twice. */
  noteCopy(slot: number, direction: Direction, mark: Mark): void {
    const page = this.#pages[slot >> PAGE_BITS];
    const at = 2 * (slot & (PAGE - 1)) + direction;
    const again = !isSamePacket(lastOf(page, at), mark);
    if (again && page.copies[at] < 255) page.copies[at]++;
    setLast(page, at, mark);
  }

  /** Notes that a direction confirms what the other one sent, which can only be its SYN. */
  noteAcknowledgment(slot: number, direction: Direction): void {
    this.#pages[slot >> PAGE_BITS].acknowledgments[slot & (PAGE - 1)] |= 1 << direction;
  }

  /** Whether a direction has sent a bare acknowledgment. */
  acknowledges(slot: number, direction: Direction): boolean {
    return (this.#pages[slot >> PAGE_BITS].acknowledgments[slot & (PAGE - 1)] & (1 << direction)) !== 0;
  }

  /** Whether this SYN is a copy of one that is kept. */
  knows(slot: number, direction: Direction, sequence: number): boolean {
    const { words, counts } = this.#pages[slot >> PAGE_BITS];
    const place = slot & (PAGE - 1);
    for (let i = 0; i < counts[place]; i++) {
      const word = (place * SYNS + i) * WORDS;
      const from = (words[word + 2] & DIRECTION_BIT) !== 0 ? 1 : 0;
      if (from === direction && words[word] === sequence) return true;
    }
    return false;
  }

  /** Whether the next byte of this direction, if its SYN was seen, has this sequence number. */
  follows(slot: number, direction: Direction, sequence: number): boolean {
    const { words, counts } = this.#pages[slot >> PAGE_BITS];
    const place = slot & (PAGE - 1);
    for (let i = 0; i < counts[place]; i++) {
      const word = (place * SYNS + i) * WORDS;
      const from = (words[word + 2] & DIRECTION_BIT) !== 0 ? 1 : 0;
      if (from === direction) return ((words[word] + 1) | 0) === sequence;
    }
    return true;
  }

  /** Whether this direction is the server's, by a SYN that was kept. */
  isAcceptor(slot: number, direction: Direction): boolean {
    const { words, counts } = this.#pages[slot >> PAGE_BITS];
    const place = slot & (PAGE - 1);
    if (counts[place] === 0) return false;
    const flags = words[place * SYNS * WORDS + 2];
    const sender = (flags & DIRECTION_BIT) !== 0 ? 1 : 0;
    return (sender === direction) === ((flags & ACK) !== 0);
  }

  /** Gives what was kept, in order. The segment is reused for the next one. */
  replay(slot: number, feed: (direction: Direction, segment: SegmentView, mark: Mark) => void): void {
    const segment = this.#segment;
    const { words, seconds, counts } = this.#pages[slot >> PAGE_BITS];
    const place = slot & (PAGE - 1);
    for (let i = 0; i < counts[place]; i++) {
      const at = place * SYNS + i;
      const word = at * WORDS;
      const flags = words[word + 2];
      segment.sequence = words[word];
      segment.acknowledgment = words[word + 1];
      segment.flags = flags & (DIRECTION_BIT - 1);
      feed((flags & DIRECTION_BIT) !== 0 ? 1 : 0, segment, {
        frame: words[word + 3] >>> 0,
        seconds: seconds[at],
        nanos: words[word + 4],
      });
    }
  }

  /** Gives the number of copies of each direction that has some, with the mark of the last copy of all. */
  replayCopies(slot: number, feed: (direction: Direction, copies: number, mark: Mark) => void): void {
    const page = this.#pages[slot >> PAGE_BITS];
    for (const direction of [0, 1] as const) {
      const at = 2 * (slot & (PAGE - 1)) + direction;
      if (page.copies[at] > 0) feed(direction, page.copies[at], lastOf(page, at));
    }
  }
}

function lastOf({ lastFrames, lastSeconds, lastNanos }: Page, at: number): Mark {
  return { frame: lastFrames[at] >>> 0, seconds: lastSeconds[at], nanos: lastNanos[at] };
}

function setLast(page: Page, at: number, mark: Mark): void {
  page.lastFrames[at] = mark.frame;
  page.lastSeconds[at] = mark.seconds;
  page.lastNanos[at] = mark.nanos;
}
