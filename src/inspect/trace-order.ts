import { utf8, utf8Bytes } from '../base/bytes';
import { RetryLinker } from '../postgres/link';
import type { Trace } from '../trace/model';

/** A trace and the key of its conversation. */
export interface KeyedTrace {
  readonly key: number;
  readonly trace: Trace;
}

/** Traces kept as they are while they wait for an earlier one; more are kept as the bytes of their JSON. */
const MAX_UNPACKED = 200;

const OPEN = 0;
const CANCELLED = 1;
const COMPLETE = 2;

interface Waiting {
  readonly key: number;
  readonly trace: Trace | Uint8Array;
}

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
  readonly #pack: boolean;
  readonly #linker = new RetryLinker();
  readonly #waiting = new Map<number, Waiting>();
  /** State of each ticket from `#first` on, a ring whose length is a power of two. */
  #states = new Uint8Array(1024);
  #first = 0;
  #next = 0;

  /** @param pack keep the memory small when much has to wait; the traces that go out are then copies. */
  constructor(emit: (entry: KeyedTrace) => void, pack: boolean) {
    this.#emit = emit;
    this.#pack = pack;
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
    const packed = this.#pack && ticket !== this.#first && this.#waiting.size >= MAX_UNPACKED;
    this.#waiting.set(ticket, { key, trace: packed ? utf8Bytes(JSON.stringify(trace)) : trace });
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
    const { key, trace: kept } = this.#waiting.get(ticket) as Waiting;
    this.#waiting.delete(ticket);
    const trace = kept instanceof Uint8Array ? (JSON.parse(utf8(kept)) as Trace) : kept;
    trace.id = `t${++this.count}`;
    this.#linker.add(trace);
    this.#emit({ key, trace });
  }

  #grow(): void {
    const old = this.#states;
    const grown = new Uint8Array(2 * old.length);
    for (let ticket = this.#first; ticket < this.#next; ticket++) {
      grown[ticket & (grown.length - 1)] = old[ticket & (old.length - 1)];
    }
    this.#states = grown;
  }
}
