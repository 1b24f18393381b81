/** Bytes of a trace's steps, by step index; null while they cannot be had. */
export type TraceData = readonly (Uint8Array | undefined)[] | null;

/** Each entry is at most the handshake's own size; a reader looks at few at a time. */
const KEPT = 8;

/**
 * Bytes of the traces looked at last. Reading them costs a pass over the file, so that two who ask for the same trace share one, and
 * passes run one after another.
 */
export class DataCache {
  readonly #read: (id: string, signal: AbortSignal) => Promise<TraceData>;
  readonly #entries = new Map<string, Promise<TraceData>>();
  readonly #abort = new AbortController();
  #last: Promise<unknown> = Promise.resolve();

  constructor(read: (id: string, signal: AbortSignal) => Promise<TraceData>) {
    this.#read = read;
  }

  get(id: string): Promise<TraceData> {
    const known = this.#entries.get(id);
    if (known) {
      // A map keeps insertion order: the one used last goes to the end.
      this.#entries.delete(id);
      this.#entries.set(id, known);
      return known;
    }
    const entry = this.#last.then(() => this.#read(id, this.#abort.signal));
    this.#last = entry.catch(() => {});
    this.#entries.set(id, entry);
    const forget = () => this.#entries.delete(id);
    // What cannot be had now may be had later.
    entry.then((data) => data === null && forget(), forget);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= KEPT) break;
      this.#entries.delete(oldest);
    }
    return entry;
  }

  /** Forgets everything: the keys mean other traces from now on. */
  clear(): void {
    this.#entries.clear();
  }

  dispose(): void {
    this.#abort.abort(new Error('closed'));
    this.#entries.clear();
  }
}
