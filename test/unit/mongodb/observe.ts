import type { Mark, Side } from '../../../src/base/mark';
import { WireLog } from '../../../src/diagnosis/wire';
import { MongoObserver } from '../../../src/mongodb/observer/observer';
import { TraceBuilder } from '../../../src/trace/builder';
import type { Trace } from '../../../src/trace/model';
import type { PairEvent } from './support';

const CLIENT = { address: '10.0.0.1', port: 50_000 };
const SERVER = { address: '10.0.0.2', port: 27_017 };

/** An observer fed by pair events, one frame each. */
export class Watcher {
  readonly observer = new MongoObserver(new TraceBuilder('capture', 'mongodb', CLIENT, SERVER, true));
  readonly wire = new WireLog();
  #frame = 0;
  #millis = 0;

  constructor(private readonly secure = false) {}

  /** @param chunk bytes per segment. */
  feed(event: PairEvent, chunk = Number.POSITIVE_INFINITY): void {
    switch (event.kind) {
      case 'open':
        this.open(event.from);
        break;
      case 'close':
        this.close(event.from);
        break;
      case 'bytes':
        this.bytes(event.from, event.bytes, chunk);
    }
  }

  open(from: Side): void {
    const mark = this.mark();
    this.wire.handleOpen(from, mark);
    this.observer.handleOpen(from, mark);
  }

  close(from: Side, how: 'fin' | 'rst' = 'fin'): void {
    const mark = this.mark();
    this.wire.handleClose(from, how, mark);
    this.observer.handleClose(from, how, mark);
  }

  gap(from: Side, length = 100): void {
    const mark = this.mark();
    this.wire.handleGap(from, length, mark);
    this.observer.handleGap(from, length, mark);
  }

  /** Lets time pass. */
  wait(millis: number): void {
    this.#millis += millis;
  }

  bytes(from: Side, bytes: Uint8Array, chunk = Number.POSITIVE_INFINITY): void {
    for (let at = 0; at < bytes.length; at += chunk) {
      const part = bytes.subarray(at, Math.min(bytes.length, at + chunk));
      const mark = this.mark();
      this.wire.handleBytes(from, part, mark);
      this.observer.handleBytes(from, part, mark, this.secure);
    }
  }

  mark(): Mark {
    this.#frame++;
    const seconds = 1 + Math.floor(this.#millis / 1000);
    return { frame: this.#frame, seconds, nanos: (this.#millis % 1000) * 1e6 + this.#frame * 1000 };
  }

  finish(): Trace {
    this.observer.finish(this.wire.evidence);
    return this.observer.trace.finish('t1');
  }
}

/** Steps without what depends on how the bytes were cut. */
export function shape(trace: Trace): unknown {
  return trace.steps.map(({ message, from, clientState, serverState, bytes, summary, fields }) => ({
    message,
    from,
    clientState,
    serverState,
    bytes,
    summary,
    fields,
  }));
}
