import type { Mark, Side } from '../../../src/base/mark';
import { MongoObserver } from '../../../src/mongodb/observer/observer';
import { TraceBuilder } from '../../../src/trace/builder';
import type { Trace } from '../../../src/trace/model';
import type { PairEvent } from './support';

const CLIENT = { address: '10.0.0.1', port: 50_000 };
const SERVER = { address: '10.0.0.2', port: 27_017 };

/** An observer fed by pair events, one frame each. */
export class Watcher {
  readonly observer = new MongoObserver(new TraceBuilder('capture', 'mongodb', CLIENT, SERVER, true));
  #frame = 0;

  constructor(private readonly secure = false) {}

  /** @param chunk bytes per segment. */
  feed(event: PairEvent, chunk = Number.POSITIVE_INFINITY): void {
    switch (event.kind) {
      case 'open':
        this.observer.handleOpen(event.from, this.mark());
        break;
      case 'close':
        this.observer.handleClose(event.from, 'fin', this.mark());
        break;
      case 'bytes':
        this.bytes(event.from, event.bytes, chunk);
    }
  }

  bytes(from: Side, bytes: Uint8Array, chunk = Number.POSITIVE_INFINITY): void {
    for (let at = 0; at < bytes.length; at += chunk) {
      this.observer.handleBytes(
        from,
        bytes.subarray(at, Math.min(bytes.length, at + chunk)),
        this.mark(),
        this.secure,
      );
    }
  }

  mark(): Mark {
    this.#frame++;
    return { frame: this.#frame, seconds: 1, nanos: this.#frame * 1000 };
  }

  finish(): Trace {
    this.observer.finish();
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
