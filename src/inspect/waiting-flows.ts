import type { Mark } from '../base/mark';
import type { Direction } from '../network/flow-table';
import { SegmentView } from '../network/segment';

/** SYNs kept of a flow: one of each direction is what a connection has. */
const SYNS = 2;
/** Words of a SYN: sequence, acknowledgment, flags and direction, frame, nanoseconds. */
const WORDS = 5;
const DIRECTION_BIT = 1 << 8;

/**
 * Flows of which no payload was seen yet: most of them turn out to be foreign with their first bytes, so until then only their SYNs are
 * kept, in typed arrays whose slots are used again.
 */
export class WaitingFlows {
  #words = new Int32Array(64 * SYNS * WORDS);
  #seconds = new Float64Array(64 * SYNS);
  #counts = new Uint8Array(64);
  #tickets = new Float64Array(64);
  /** Copies of a SYN that is kept, by direction, and where the last of all was: frame and nanoseconds, and seconds. */
  #copies = new Uint8Array(64 * 2);
  #lastCopies = new Int32Array(64 * 2);
  #lastSeconds = new Float64Array(64);
  /** Slots given up, the next one to use last. */
  readonly #free: number[] = [];
  #used = 0;
  readonly #segment = new SegmentView();

  /** Takes a slot for a flow with a place in the order of traces. */
  add(ticket: number): number {
    const slot = this.#free.pop() ?? this.#used++;
    if (slot === this.#counts.length) this.#grow();
    this.#counts[slot] = 0;
    this.#copies[2 * slot] = 0;
    this.#copies[2 * slot + 1] = 0;
    this.#tickets[slot] = ticket;
    return slot;
  }

  remove(slot: number): void {
    this.#free.push(slot);
  }

  ticket(slot: number): number {
    return this.#tickets[slot];
  }

  /** Keeps a SYN; a third one has nothing to tell. */
  note(slot: number, direction: Direction, segment: SegmentView, mark: Mark): void {
    const count = this.#counts[slot];
    if (count === SYNS) return;
    const at = slot * SYNS + count;
    const word = at * WORDS;
    this.#words[word] = segment.sequence;
    this.#words[word + 1] = segment.acknowledgment;
    this.#words[word + 2] = segment.flags | (direction === 1 ? DIRECTION_BIT : 0);
    this.#words[word + 3] = mark.frame;
    this.#words[word + 4] = mark.nanos;
    this.#seconds[at] = mark.seconds;
    this.#counts[slot] = count + 1;
  }

  /** Counts a copy of a SYN that is kept. */
  noteCopy(slot: number, direction: Direction, mark: Mark): void {
    const at = 2 * slot + direction;
    if (this.#copies[at] < 255) this.#copies[at]++;
    this.#lastCopies[2 * slot] = mark.frame;
    this.#lastCopies[2 * slot + 1] = mark.nanos;
    this.#lastSeconds[slot] = mark.seconds;
  }

  /** Whether this SYN is a copy of one that is kept. */
  knows(slot: number, direction: Direction, sequence: number): boolean {
    for (let i = 0; i < this.#counts[slot]; i++) {
      const word = (slot * SYNS + i) * WORDS;
      const from = (this.#words[word + 2] & DIRECTION_BIT) !== 0 ? 1 : 0;
      if (from === direction && this.#words[word] === sequence) return true;
    }
    return false;
  }

  /** Whether the next byte of this direction, if its SYN was seen, has this sequence number. */
  follows(slot: number, direction: Direction, sequence: number): boolean {
    for (let i = 0; i < this.#counts[slot]; i++) {
      const word = (slot * SYNS + i) * WORDS;
      const from = (this.#words[word + 2] & DIRECTION_BIT) !== 0 ? 1 : 0;
      if (from === direction) return ((this.#words[word] + 1) | 0) === sequence;
    }
    return true;
  }

  /** Gives what was kept, in order. The segment is reused for the next one. */
  replay(slot: number, feed: (direction: Direction, segment: SegmentView, mark: Mark) => void): void {
    const segment = this.#segment;
    for (let i = 0; i < this.#counts[slot]; i++) {
      const at = slot * SYNS + i;
      const word = at * WORDS;
      const flags = this.#words[word + 2];
      segment.sequence = this.#words[word];
      segment.acknowledgment = this.#words[word + 1];
      segment.flags = flags & (DIRECTION_BIT - 1);
      feed((flags & DIRECTION_BIT) !== 0 ? 1 : 0, segment, {
        frame: this.#words[word + 3] >>> 0,
        seconds: this.#seconds[at],
        nanos: this.#words[word + 4],
      });
    }
  }

  /** Gives the number of copies of each direction that has some, with the mark of the last copy of all. */
  replayCopies(slot: number, feed: (direction: Direction, copies: number, mark: Mark) => void): void {
    for (const direction of [0, 1] as const) {
      const copies = this.#copies[2 * slot + direction];
      if (copies === 0) continue;
      feed(direction, copies, {
        frame: this.#lastCopies[2 * slot] >>> 0,
        seconds: this.#lastSeconds[slot],
        nanos: this.#lastCopies[2 * slot + 1],
      });
    }
  }

  #grow(): void {
    const words = new Int32Array(2 * this.#words.length);
    words.set(this.#words);
    this.#words = words;
    const seconds = new Float64Array(2 * this.#seconds.length);
    seconds.set(this.#seconds);
    this.#seconds = seconds;
    const counts = new Uint8Array(2 * this.#counts.length);
    counts.set(this.#counts);
    this.#counts = counts;
    const tickets = new Float64Array(2 * this.#tickets.length);
    tickets.set(this.#tickets);
    this.#tickets = tickets;
    const copies = new Uint8Array(2 * this.#copies.length);
    copies.set(this.#copies);
    this.#copies = copies;
    const lastCopies = new Int32Array(2 * this.#lastCopies.length);
    lastCopies.set(this.#lastCopies);
    this.#lastCopies = lastCopies;
    const lastSeconds = new Float64Array(2 * this.#lastSeconds.length);
    lastSeconds.set(this.#lastSeconds);
    this.#lastSeconds = lastSeconds;
  }
}
