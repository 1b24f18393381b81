import { stat } from 'node:fs/promises';
import { hex } from '../base/bytes';
import type { Issue } from '../base/issue';
import type { Problem, Progress, StepBytes, TracePage } from '../contract/values';
import { summaryOf } from '../diagnosis/summary';
import { CaptureFileError } from '../files/errors';
import { type CaptureResult, type ReadCaptureOptions, readCapture } from '../files/read-capture';
import { readKeyLog } from '../files/read-key-log';
import { readTraceData, type TracePlaces } from '../files/trace-places';
import { provisionalId } from '../inspect/trace-order';
import type { KeyLog } from '../tls/keylog';
import { plainTrace } from '../trace/lazy-step';
import type { CauseSummary, Trace, TraceDocument } from '../trace/model';
import { maskBytes, redactTrace } from '../trace/redact';
import type { RenderedText } from '../trace/text';
import { DataCache, type TraceData } from './data-cache';
import { decodeAsOf, FileSource } from './file-source';
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
  /** Most that a compressed capture is unpacked to. */
  readonly unpackedMegabytes?: number;
  /** What is spoken on ports of servers, as the user wrote it. */
  readonly decodeAs?: readonly string[];
  /** Where the capture comes from, if not from its file as it is: a recording in progress. */
  readonly source?: CaptureSource;
}

/** Gives a capture's traces as `readCapture` does, whose options and result these are. */
export interface CaptureSource {
  /** Where the packets are that have come so far. */
  readonly places: TracePlaces;
  /** Why the capture is read without its key log; null or absent when it is read with it. Known once reading has begun. */
  readonly keyLogIssue?: Issue | null;
  read(
    options: Required<Pick<ReadCaptureOptions, 'signal' | 'onTrace' | 'onProgress'>> & {
      readonly keyLogFile: string | null;
    },
  ): Promise<CaptureResult>;
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
  /**
   * Traces so far: in the order of their ends while reading, in the order of their starts afterwards. The id of one whose place is not
   * known yet stays `provisionalId` until reading is over, and names the same trace then, see {@link renamed}.
   */
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
  /** Over, but not shown yet. */
  #fresh: { readonly trace: Trace; readonly key: number }[] = [];
  /** Keys of the traces by id. */
  #keys = new Map<string, number>();
  readonly #source: CaptureSource;
  /** Final ids of traces that were shown by a provisional one. */
  renamed: Readonly<Record<string, string>> = {};
  /** Rows were given out that are not as they were: another place, a final id, a retry that was linked. */
  revised = false;
  #served = false;
  #rendered: RenderedText | null = null;
  #progress: Progress = { bytes: 0, totalBytes: 0, packets: 0, traces: 0 };
  #disposed = false;

  constructor(path: string, options: SessionOptions, events: SessionEvents) {
    this.#path = path;
    this.#options = options;
    this.#events = events;
    this.#source = options.source ?? new FileSource(path, options.unpackedMegabytes, options.decodeAs);
    this.#data = new DataCache((key, signal) => this.#readData(Number(key), signal));
    this.done = this.#read();
  }

  /** It is being recorded: nobody knows when it ends. */
  get live(): boolean {
    return this.#options.source !== undefined && this.state === 'reading';
  }

  /** The key log that the capture is read with. */
  get keyLogFile(): string | null {
    return this.#source.keyLogIssue ? null : this.#options.keyLogFile;
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
    const trace = this.#find(id);
    if (!trace) return null;
    return reveal ? plainTrace(trace) : redactTrace(trace);
  }

  /** Bytes of one step. Always answers: `note` says why there are none. */
  async bytes(id: string, stepIndex: number, reveal: boolean): Promise<StepBytes> {
    const trace = this.#find(id);
    const step = trace?.steps[stepIndex];
    if (!trace || !step) return noBytes(0, 'There is no such step.');
    if (step.bytes === 0) return noBytes(0, 'This step sent no bytes.');
    const { live } = this;
    const key = this.#keys.get(trace.id);
    // A recording's file grows; what is in it stays where it is.
    if (!live && (await this.changed())) {
      return noBytes(step.bytes, 'The file has changed since it was read: read it again to see the bytes.');
    }
    const all = await this.#data.get(String(key));
    // The key and the step may be others now.
    if (live && !this.live)
      return noBytes(step.bytes, 'The recording has ended meanwhile: choose the step again.');
    if (all === null) {
      const when = this.live ? 'recording has ended' : 'capture has been read to its end';
      return noBytes(step.bytes, `The bytes can be shown when the ${when}.`);
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
    const rendered = renderCapture(this.document?.capture ?? null, this.traces, this.summary);
    if (this.state !== 'reading') this.#rendered = rendered;
    return rendered;
  }

  /** Causes by server of what was found so far. */
  get summary(): readonly CauseSummary[] {
    return this.document?.summary ?? summaryOf(this.traces);
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
      const found: Trace[] = [];
      this.traces = found;
      const show = (trace: Trace, key: number) => {
        found.push(trace);
        this.#byId.set(trace.id, trace);
        this.#keys.set(trace.id, key);
      };
      let reported = 0;
      const { document, keys } = await this.#source.read({
        keyLogFile: this.#options.keyLogFile,
        signal: this.#abort.signal,
        onTrace: (trace, key) => {
          // What comes out of the second reading of a recording is not known before.
          if (this.#options.source) show({ ...trace, id: provisionalId(key) }, key);
          else this.#fresh.push({ trace, key });
        },
        onProgress: ({ bytesRead, bytesTotal, packets }) => {
          // Final ones are as they will be; of the others a copy is shown, because the inspector goes on to number and link its own.
          for (const { trace, key } of this.#fresh.splice(0)) {
            show(trace.id === provisionalId(key) ? { ...trace } : trace, key);
          }
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
      // A recording's file grew until now.
      if (this.#options.source) this.stamp = await stampOf(this.#path);
      // With the secrets of later a key may be another conversation's.
      if (this.#options.source) this.#data.clear();
      this.document = document;
      this.#settle(found, document.traces, keys);
      this.state = 'finished';
      this.#events.onFinished(this);
    } catch (error) {
      if (this.#disposed) return;
      if (this.#abort.signal.aborted) {
        this.#fresh = [];
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

  /** By its id, also by the one that it was shown by while the capture was read. */
  #find(id: string): Trace | undefined {
    return this.#byId.get(id) ?? this.#byId.get(this.renamed[id]);
  }

  /** Every place is known only once the last packet was read; a recording is then read again as a whole. */
  #settle(shown: readonly Trace[], traces: readonly Trace[], keys: ReadonlyMap<string, number>): void {
    const { source } = this.#options;
    const settled = new Map(
      traces.map((trace) => [source ? identityOf(trace) : keys.get(trace.id), trace] as const),
    );
    const renamed: Record<string, string> = {};
    for (const trace of shown) {
      const now = settled.get(source ? identityOf(trace) : this.#keys.get(trace.id));
      if (now && now.id !== trace.id) renamed[trace.id] = now.id;
    }
    this.renamed = renamed;
    // A row whose trace was final is right, and in its place if all before it were.
    this.revised = this.#served && shown.some((trace, at) => trace !== traces[at]);
    this.traces = traces;
    this.#keys = new Map(keys);
    this.#byId = new Map(traces.map((trace) => [trace.id, trace]));
  }

  async #keyLog(): Promise<KeyLog | undefined> {
    const { keyLogFile } = this;
    if (!keyLogFile) return undefined;
    // While it is recorded nobody may have written one yet.
    return this.#options.source ? readKeyLog(keyLogFile).catch(() => undefined) : readKeyLog(keyLogFile);
  }

  /** The bytes of a trace's steps; null when they cannot be had before the capture has been read to its end. */
  async #readData(key: number, signal: AbortSignal): Promise<TraceData> {
    const keyLog = await this.#keyLog();
    const id = [...this.#keys].find(([, each]) => each === key)?.[0] ?? '';
    const trace = this.#byId.get(id);
    if (!trace) return [];
    const decodeAs = decodeAsOf(this.#options.decodeAs);
    const sought = await readTraceData(this.#path, this.#source.places, key, trace, keyLog, decodeAs);
    if (sought) return sought;
    if (this.state !== 'finished') return null;
    // Second pass: the same file, keeping the bytes of one trace.
    const untilFrame = trace.steps.reduce((last, step) => Math.max(last, step.frames.at(-1) ?? 0), 0);
    const keepDataOf = new Set([key]);
    const { unpackedMegabytes } = this.#options;
    const how = { keyLog, signal, keepDataOf, untilFrame, unpackedMegabytes, decodeAs };
    const { data } = await readCapture(this.#path, how);
    return data.get(key) ?? [];
  }
}

/** The same for a connection however often, and with whatever keys, the capture is read. */
function identityOf({ client, server, startTime }: Trace): string {
  return `${startTime} ${client.address} ${client.port} ${server.address} ${server.port}`;
}

function noBytes(total: number, note: string): StepBytes {
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

function sameStamp(a: FileStamp | null, b: FileStamp | null): boolean {
  return a?.size === b?.size && a?.mtimeMs === b?.mtimeMs;
}

/** Only a file on disk can be streamed; a virtual one is refused in words. */
export function notOnDisk(uri: string): CaptureFileError {
  return new CaptureFileError(
    'NOT_A_FILE',
    `${uri} is not a file on disk; save it to a folder and open it from there.`,
  );
}
