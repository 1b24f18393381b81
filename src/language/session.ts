import { stat } from 'node:fs/promises';
import { hex } from '../base/bytes';
import type { Problem, Progress, StepBytes, TracePage } from '../contract/values';
import { CaptureFileError } from '../files/errors';
import { readCapture } from '../files/read-capture';
import { readKeyLog } from '../files/read-key-log';
import { readTraceData, TracePlaces } from '../files/trace-places';
import type { Trace, TraceDocument } from '../trace/model';
import { maskBytes, redactTrace } from '../trace/redact';
import type { RenderedText } from '../trace/text';
import { DataCache, type TraceData } from './data-cache';
import { problemOf } from './problems';
import { renderCapture } from './render';
import { traceRow } from './rows';

/** `finished` and `cancelled` have what was found; `failed` has nothing to show. */
export type SessionState = 'reading' | 'finished' | 'failed' | 'cancelled';

export interface SessionEvents {
  onProgress(progress: Progress): void;
  onFinished(session: CaptureSession): void;
  onFailed(problem: Problem): void;
}

export interface SessionOptions {
  readonly keyLogFile: string | null;
  /** Shortest time between two progress reports, milliseconds. */
  readonly progressEveryMs?: number;
}

/** What identifies the contents of a file well enough to notice a change. */
export interface FileStamp {
  readonly size: number;
  readonly mtimeMs: number;
}

/**
 * One capture being read, or read. It keeps the traces and where their packets are, but nothing of the packets: bytes of a step are read
 * again.
 */
export class CaptureSession {
  state: SessionState = 'reading';
  problem: Problem | null = null;
  /** Traces so far: in the order of their ends while reading, in the order of their starts afterwards. */
  traces: readonly Trace[] = [];
  document: TraceDocument | null = null;
  /** The file as it was when reading began. */
  stamp: FileStamp | null = null;
  /** Resolves when reading is over, however it ended; never rejects. */
  readonly done: Promise<void>;
  readonly #path: string;
  readonly #options: SessionOptions;
  readonly #events: SessionEvents;
  readonly #abort = new AbortController();
  readonly #data: DataCache;
  #byId = new Map<string, Trace>();
  /** Keys of the traces by id. */
  #keys = new Map<string, number>();
  readonly #places = new TracePlaces();
  /** Final ids of traces that were known by another while the capture was read. */
  renamed: Readonly<Record<string, string>> = {};
  /** Rows were given out that are not as they were: another order, another id, a retry that was linked at the end. */
  revised = false;
  #served = false;
  #rendered: RenderedText | null = null;
  #progress: Progress = { bytes: 0, totalBytes: 0, packets: 0, traces: 0 };
  #disposed = false;

  constructor(path: string, options: SessionOptions, events: SessionEvents) {
    this.#path = path;
    this.#options = options;
    this.#events = events;
    this.#data = new DataCache((key, signal) => this.#readData(Number(key), signal));
    this.done = this.#read();
  }

  get progress(): Progress {
    return this.#progress;
  }

  /** Stops reading; what was found stays. No effect once reading is over. */
  cancel(): void {
    this.#abort.abort(new Error('cancelled'));
  }

  dispose(): void {
    this.#disposed = true;
    this.cancel();
    this.#data.dispose();
  }

  page(offset: number, limit: number): TracePage {
    if (this.state === 'reading') this.#served = true;
    const rows = this.traces.slice(offset, offset + limit).map(traceRow);
    return { rows, total: this.traces.length, complete: this.state !== 'reading' };
  }

  /** @returns null when there is no trace of that id. */
  trace(id: string, reveal: boolean): Trace | null {
    const trace = this.#byId.get(id);
    if (!trace) return null;
    return reveal ? trace : redactTrace(trace);
  }

  /** Bytes of one step. Always answers: `note` says why there are none. */
  async bytes(id: string, stepIndex: number, reveal: boolean): Promise<StepBytes> {
    const step = this.#byId.get(id)?.steps[stepIndex];
    if (!step) return noBytes(0, 'There is no such step.');
    if (step.bytes === 0) return noBytes(0, 'This step sent no bytes.');
    if (await this.changed()) {
      return noBytes(step.bytes, 'The file has changed since it was read: read it again to see the bytes.');
    }
    const all = await this.#data.get(String(this.#keys.get(id)));
    if (all === null) {
      return noBytes(step.bytes, 'The bytes can be shown when the capture has been read to its end.');
    }
    const data = all[stepIndex];
    if (!data) {
      return noBytes(step.bytes, 'The capture does not hold the bytes of this step, or they are encrypted.');
    }
    const { bytes, masked } = reveal ? { bytes: data, masked: [] } : maskBytes(step, data);
    const note = data.length < step.bytes ? `The first ${data.length} of ${step.bytes} bytes.` : null;
    return { hex: hex(bytes), total: Math.max(step.bytes, data.length), masked, note };
  }

  /** The annotated text of what is known, without secrets; made once. */
  rendered(): RenderedText {
    if (this.#rendered) return this.#rendered;
    const rendered = renderCapture(this.document?.capture ?? null, this.traces);
    if (this.state !== 'reading') this.#rendered = rendered;
    return rendered;
  }

  /** Whether the file is not what it was when reading began. */
  async changed(): Promise<boolean> {
    const now = await stampOf(this.#path);
    return !sameStamp(now, this.stamp);
  }

  async #read(): Promise<void> {
    // The caller gets the session before the first event.
    await Promise.resolve();
    try {
      this.stamp = await stampOf(this.#path);
      const keyLog = this.#options.keyLogFile ? await readKeyLog(this.#options.keyLogFile) : undefined;
      const found: Trace[] = [];
      this.traces = found;
      let reported = 0;
      const { document, keys } = await readCapture(this.#path, {
        keyLog,
        signal: this.#abort.signal,
        places: this.#places,
        onTrace: (trace, key) => {
          found.push(trace);
          this.#byId.set(trace.id, trace);
          this.#keys.set(trace.id, key);
        },
        onProgress: ({ bytesRead, bytesTotal, packets }) => {
          this.#progress = {
            bytes: Math.min(bytesRead, bytesTotal),
            totalBytes: bytesTotal,
            packets,
            traces: found.length,
          };
          const now = Date.now();
          if (now - reported < (this.#options.progressEveryMs ?? 100)) return;
          reported = now;
          this.#events.onProgress(this.#progress);
        },
      });
      // Aborted while the last bytes were on their way: a closed session has nobody to tell.
      if (this.#disposed) return;
      this.document = document;
      this.#keys = new Map(keys);
      this.#settle(found, document.traces);
      this.state = 'finished';
      this.#events.onFinished(this);
    } catch (error) {
      if (this.#disposed) return;
      if (this.#abort.signal.aborted) {
        this.state = 'cancelled';
        this.#events.onFinished(this);
        return;
      }
      this.state = 'failed';
      this.traces = [];
      this.#byId.clear();
      this.problem = problemOf(error);
      this.#events.onFailed(this.problem);
    }
  }

  /** Ids, order and links of retries are final only once the last packet was read. */
  #settle(found: readonly Trace[], traces: readonly Trace[]): void {
    const renamed: Record<string, string> = {};
    for (const [early, trace] of this.#byId) if (early !== trace.id) renamed[early] = trace.id;
    this.renamed = renamed;
    this.revised =
      this.#served &&
      traces.some(
        (trace, at) => trace !== found[at] || trace.retryOf !== null || renamed[trace.id] !== undefined,
      );
    this.traces = traces;
    this.#byId = new Map(traces.map((trace) => [trace.id, trace]));
  }

  /** The bytes of a trace's steps; null when they cannot be had before the capture has been read to its end. */
  async #readData(key: number, signal: AbortSignal): Promise<TraceData> {
    const keyLog = this.#options.keyLogFile ? await readKeyLog(this.#options.keyLogFile) : undefined;
    const id = [...this.#keys].find(([, each]) => each === key)?.[0] ?? '';
    const trace = this.#byId.get(id);
    if (!trace) return [];
    const sought = await readTraceData(this.#path, this.#places, key, trace, keyLog);
    if (sought) return sought;
    if (this.state !== 'finished') return null;
    // Second pass: the same file, keeping the bytes of one trace.
    const untilFrame = Math.max(0, ...trace.steps.map((step) => step.frames.at(-1) ?? 0));
    const keepDataOf = new Set([key]);
    const { data } = await readCapture(this.#path, { keyLog, signal, keepDataOf, untilFrame });
    return data.get(key) ?? [];
  }
}

export function noBytes(total: number, note: string): StepBytes {
  return { hex: '', total, masked: [], note };
}

/** @returns null when there is no such file. */
export async function stampOf(path: string): Promise<FileStamp | null> {
  try {
    const { size, mtimeMs } = await stat(path);
    return { size, mtimeMs };
  } catch {
    return null;
  }
}

export function sameStamp(a: FileStamp | null, b: FileStamp | null): boolean {
  return a?.size === b?.size && a?.mtimeMs === b?.mtimeMs;
}

/** Only a file on disk can be streamed; a virtual one is refused in words. */
export function notOnDisk(uri: string): CaptureFileError {
  return new CaptureFileError(
    'NOT_A_FILE',
    `${uri} is not a file on disk; save it to a folder and open it from there.`,
  );
}
