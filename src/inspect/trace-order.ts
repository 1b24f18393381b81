import { AuthSourceLinker } from '../mongodb/diagnose/link';
import { RetryLinker } from '../postgres/diagnose/link';
import type { Trace } from '../trace/model';

/** A trace and the key of its conversation. */
export interface KeyedTrace {
  readonly key: number;
  readonly trace: Trace;
}

/** What a trace is called until its place is known. No final id is one of these, so that neither is taken for the other. */
export function provisionalId(key: number): string {
  return `p${key}`;
}

const OPEN = 0;
const CANCELLED = 1;
/** This, or above it by the place of the trace that waits. */
const COMPLETE = 2;

/**
 * Puts traces, which are finished in any order, into the order in which their connections began; gives them their final ids and links
 * retries.
 *
 * Every connection that may become a trace takes a ticket with its first packet. A trace goes out once every earlier ticket is either
 * cancelled or gone out, so what waits is no more than what is younger than the oldest open connection. Where that is more than may be
 * held, the oldest open connections are passed over: their traces go out when they are finished, behind those of younger ones.
 */
export class TraceOrder {
  /** Traces gone out. */
  count = 0;
  /** Traces that went out behind younger ones, because too many of those waited. */
  passedOver = 0;
  /** Traces that wait for an older connection. */
  held = 0;
  readonly #emit: (entry: KeyedTrace) => void;
  readonly #linker = new RetryLinker();
  readonly #sources = new AuthSourceLinker();
  /** Traces that wait; in a free place none. Not a `Map`, see the inspector's flows. */
  readonly #waiting: (KeyedTrace | undefined)[] = [];
  readonly #freePlaces: number[] = [];
  /** State of each ticket from `#first` on, a ring whose length is a power of two. */
  #states = new Int32Array(1024);
  #first = 0;
  #next = 0;

  /** @param most traces that are held. */
  constructor(
    emit: (entry: KeyedTrace) => void,
    private readonly most: number = Number.POSITIVE_INFINITY,
  ) {
    this.#emit = emit;
  }

  /** Takes the next ticket. */
  open(): number {
    if (this.#next - this.#first === this.#states.length) this.#grow();
    this.#states[this.#next & (this.#states.length - 1)] = OPEN;
    return this.#next++;
  }

  /** The connection is none of ours. */
  cancel(ticket: number): void {
    if (ticket < this.#first) return;
    this.#states[ticket & (this.#states.length - 1)] = CANCELLED;
    if (ticket === this.#first) this.#advance();
  }

  complete(ticket: number, key: number, trace: Trace): void {
    if (ticket < this.#first) {
      this.passedOver++;
      this.#send({ key, trace });
      return;
    }
    this.held++;
    const place = this.#freePlaces.pop() ?? this.#waiting.length;
    this.#waiting[place] = { key, trace };
    this.#states[ticket & (this.#states.length - 1)] = COMPLETE + place;
    if (ticket === this.#first) this.#advance();
    while (this.held > this.most) {
      // The first is open, or it would have gone out.
      this.#first++;
      this.#advance();
    }
  }

  #advance(): void {
    while (this.#first < this.#next) {
      const state = this.#states[this.#first & (this.#states.length - 1)];
      if (state === OPEN) return;
      if (state >= COMPLETE) this.#release(state - COMPLETE);
      this.#first++;
    }
  }

  #release(place: number): void {
    const entry = this.#waiting[place] as KeyedTrace;
    this.#waiting[place] = undefined;
    this.#freePlaces.push(place);
    this.held--;
    this.#send(entry);
  }

  #send(entry: KeyedTrace): void {
    entry.trace.id = `t${++this.count}`;
    this.#linker.add(entry.trace);
    this.#sources.add(entry.trace);
    this.#emit(entry);
  }

  #grow(): void {
    const old = this.#states;
    const grown = new Int32Array(2 * old.length);
    for (let ticket = this.#first; ticket < this.#next; ticket++) {
      grown[ticket & (grown.length - 1)] = old[ticket & (old.length - 1)];
    }
    this.#states = grown;
  }
}
