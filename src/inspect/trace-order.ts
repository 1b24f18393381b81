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
const COMPLETE = 2;

/**
 * Puts traces, which are finished in any order, into the order in which their connections began; gives them their final ids and links
 * retries.
 *
 * Every connection that may become a trace takes a ticket with its first packet. A trace goes out once every earlier ticket is either
 * cancelled or gone out, so what waits is no more than what is younger than the oldest open connection.
 */
export class TraceOrder {
  /** Traces gone out. */
  count = 0;
  readonly #emit: (entry: KeyedTrace) => void;
  readonly #linker = new RetryLinker();
  readonly #sources = new AuthSourceLinker();
  /** By ticket, as `#states`. Not a `Map`, see the inspector's flows. */
  #waiting: (KeyedTrace | undefined)[] = new Array(1024);
  /** State of each ticket from `#first` on, a ring whose length is a power of two. */
  #states = new Uint8Array(1024);
  #first = 0;
  #next = 0;

  constructor(emit: (entry: KeyedTrace) => void) {
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
    this.#states[ticket & (this.#states.length - 1)] = CANCELLED;
    if (ticket === this.#first) this.#advance();
  }

  complete(ticket: number, key: number, trace: Trace): void {
    this.#waiting[ticket & (this.#states.length - 1)] = { key, trace };
    this.#states[ticket & (this.#states.length - 1)] = COMPLETE;
    if (ticket === this.#first) this.#advance();
  }

  #advance(): void {
    while (this.#first < this.#next) {
      const state = this.#states[this.#first & (this.#states.length - 1)];
      if (state === OPEN) return;
      if (state === COMPLETE) this.#release(this.#first);
      this.#first++;
    }
  }

  #release(ticket: number): void {
    const at = ticket & (this.#states.length - 1);
    const entry = this.#waiting[at] as KeyedTrace;
    this.#waiting[at] = undefined;
    entry.trace.id = `t${++this.count}`;
    this.#linker.add(entry.trace);
    this.#sources.add(entry.trace);
    this.#emit(entry);
  }

  #grow(): void {
    const old = this.#states;
    const grown = new Uint8Array(2 * old.length);
    const waiting: (KeyedTrace | undefined)[] = new Array(grown.length);
    for (let ticket = this.#first; ticket < this.#next; ticket++) {
      grown[ticket & (grown.length - 1)] = old[ticket & (old.length - 1)];
      waiting[ticket & (grown.length - 1)] = this.#waiting[ticket & (old.length - 1)];
    }
    this.#states = grown;
    this.#waiting = waiting;
  }
}
