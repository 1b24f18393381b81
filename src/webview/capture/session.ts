import type { ReactiveController, ReactiveControllerHost } from 'lit';
import * as v from 'valibot';
import {
  type CaptureViewState,
  captureToHost,
  captureToWebview,
  captureViewStateSchema,
} from '../../contract/capture-editor';
import {
  MAX_PAGE,
  type Problem,
  type Progress,
  type RecordingState,
  type SaveForm,
  type StepBytes,
} from '../../contract/values';
import type { CaptureSummary, CauseSummary, Trace, TraceDocument } from '../../trace/model';
import { redactTrace } from '../../trace/redact';
import { openingStep } from '../model/ladder';
import { openingRow } from '../model/opening';
import { RowStore } from '../model/row-store';
import { connect, debounce, readState, writeState } from '../shared/host';

const EMPTY: CaptureViewState = { traceId: null, step: null, filter: '', layout: [] };

/** What the capture editor knows, all of it asked from the host; the components only draw it. */
export class CaptureSession implements ReactiveController {
  file = '';
  started = false;
  progress: Progress | null = null;
  /** How far the recording is; null when nothing is being recorded. */
  recording: RecordingState | null = null;
  /** A recording that goes with this editor. */
  unsaved = false;
  /** Name of the file that the recording was saved to. */
  saved: string | null = null;
  capture: CaptureSummary | null = null;
  summary: readonly CauseSummary[] = [];
  /** Reading ended: the whole file was read, or reading was cancelled. */
  finished = false;
  cancelled = false;
  failed: Problem | null = null;
  stale: Problem | null = null;
  revealed = false;
  trace: Trace | null = null;
  traceError: string | null = null;
  bytes: StepBytes | null = null;
  bytesError: string | null = null;
  view: CaptureViewState = EMPTY;
  readonly store: RowStore;
  readonly #peer = connect(captureToWebview, captureToHost);
  readonly #host: ReactiveControllerHost;
  readonly #persist = debounce(300, () => {
    this.#peer.notify('persist', this.view);
  });
  #traceAbort: AbortController | null = null;
  #bytesAbort: AbortController | null = null;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    this.store = new RowStore(
      (offset, limit) => this.#peer.request('page', { offset, limit }),
      MAX_PAGE,
      () => this.#rowsChanged(),
    );
    host.addController(this);
    this.#listen();
  }

  hostConnected(): void {
    this.#peer.notify('ready', {});
  }

  get reading(): boolean {
    return this.started && !this.finished && !this.failed;
  }

  setView(change: Partial<CaptureViewState>): void {
    this.view = { ...this.view, ...change };
    writeState(this.view);
    this.#persist();
    this.#host.requestUpdate();
  }

  /** Shows a trace; `step` null chooses the one to read first. */
  async select(id: string, step: number | null = null): Promise<void> {
    this.setView({ traceId: id, step });
    this.#traceAbort?.abort();
    const abort = new AbortController();
    this.#traceAbort = abort;
    this.traceError = null;
    try {
      const { trace } = await this.#peer.request(
        'trace',
        { id, reveal: this.revealed },
        { signal: abort.signal },
      );
      this.trace = trace;
      if (!trace) this.traceError = 'This handshake is no longer known. Read the file again.';
      else {
        // It may have been asked for by its provisional id.
        this.setView({ traceId: trace.id });
        this.selectStep(Math.min(step ?? openingStep(trace), trace.steps.length - 1));
      }
    } catch (error) {
      if (abort.signal.aborted) return;
      this.trace = null;
      this.traceError = error instanceof Error ? error.message : String(error);
    }
    this.#host.requestUpdate();
  }

  selectStep(step: number): void {
    const trace = this.trace;
    if (!trace) return;
    const chosen = trace.steps.length === 0 ? null : Math.max(0, step);
    this.setView({ step: chosen });
    this.#peer.notify('select', { id: trace.id, step: chosen });
    void this.#readBytes(trace, chosen);
  }

  /** Chooses the step that a frame carried, if this handshake has one. */
  selectFrame(frame: number): void {
    const step = this.trace?.steps.findIndex((known) => known.frames.includes(frame)) ?? -1;
    if (step >= 0) this.selectStep(step);
  }

  async setRevealed(reveal: boolean): Promise<void> {
    if (reveal) {
      // The user may take a while to answer VS Code's dialog.
      const answer = await this.#peer.request('reveal', {}, { timeoutMs: 600_000 }).catch(() => null);
      if (!answer?.revealed) return;
    }
    this.revealed = reveal;
    if (this.view.traceId) await this.select(this.view.traceId, this.view.step);
  }

  cancel(): void {
    this.#peer.notify('cancel', {});
  }

  reload(): void {
    this.#reset();
    this.#peer.notify('reload', {});
  }

  stopRecording(): void {
    this.#peer.notify('stop', {});
  }

  save(form: SaveForm | null): void {
    this.#peer.notify('save', { form });
  }

  openText(): void {
    this.#peer.notify('openText', { id: this.view.traceId, step: this.view.step });
  }

  showStates(): void {
    if (this.trace) this.#peer.notify('showStates', { id: this.trace.id });
  }

  /** Copies the chosen trace as JSON; what was revealed on screen is masked again. */
  copyJson(): void {
    if (!this.trace) return;
    const document: TraceDocument = { version: 2, capture: null, traces: [redactTrace(this.trace)] };
    this.#peer.notify('copy', { text: JSON.stringify(document, null, 2) });
  }

  /** Copies a line that is shown to be pasted. */
  copyText(text: string): void {
    this.#peer.notify('copy', { text });
  }

  #listen(): void {
    const peer = this.#peer;
    const on: typeof peer.onNotification = (method, handler) =>
      peer.onNotification(method, (params) => {
        handler(params);
        this.#host.requestUpdate();
      });
    on('init', ({ file, state, revealed, unsaved }) => {
      const kept = v.safeParse(captureViewStateSchema, readState());
      this.#reset();
      this.file = file;
      this.started = true;
      this.revealed = revealed;
      this.unsaved = unsaved;
      this.view = kept.success ? kept.output : (state ?? EMPTY);
    });
    on('progress', (progress) => {
      this.started = true;
      this.progress = progress;
    });
    on('recording', (recording) => {
      this.recording = recording;
    });
    on('saved', ({ file }) => {
      this.saved = file;
      // What is recorded from now on is not in that file.
      if (!this.recording) this.unsaved = false;
    });
    on('traces', ({ total }) => void this.store.grow(total));
    on('finished', ({ capture, summary, total, cancelled }) => {
      this.capture = capture;
      this.summary = summary;
      this.finished = true;
      this.cancelled = cancelled;
      this.progress = null;
      this.recording = null;
      this.failed = null;
      void this.store.grow(total);
    });
    on('failed', (problem) => {
      this.failed = problem;
      this.progress = null;
      this.recording = null;
    });
    on('stale', (problem) => {
      this.stale = problem;
    });
    on('focus', ({ id, step }) => void this.select(id, step));
  }

  #reset(): void {
    this.progress = null;
    this.recording = null;
    this.saved = null;
    this.capture = null;
    this.summary = [];
    this.finished = false;
    this.cancelled = false;
    this.failed = null;
    this.stale = null;
    this.trace = null;
    this.bytes = null;
    this.#traceAbort?.abort();
    this.#traceAbort = null;
    this.store.clear();
  }

  /** Chooses the handshake that was chosen before a reload, else one that tells something: the editor never opens empty. */
  #rowsChanged(): void {
    const rows = this.store.rows;
    const wanted = this.view.traceId;
    if (!this.trace && rows.length > 0 && !this.#traceAbort) {
      const known = wanted !== null && rows.some((row) => row.id === wanted);
      const first = openingRow(rows);
      if (known) void this.select(wanted, this.view.step);
      else if (first && (wanted === null || rows.length >= this.store.total)) void this.select(first.id);
    }
    this.#host.requestUpdate();
  }

  async #readBytes(trace: Trace, step: number | null): Promise<void> {
    this.#bytesAbort?.abort();
    this.bytes = null;
    this.bytesError = null;
    if (step === null || trace.steps[step].from === 'local') return;
    const abort = new AbortController();
    this.#bytesAbort = abort;
    const params = { id: trace.id, step, reveal: this.revealed };
    try {
      this.bytes = await this.#peer.request('bytes', params, { signal: abort.signal });
    } catch (error) {
      if (abort.signal.aborted) return;
      this.bytesError = error instanceof Error ? error.message : String(error);
    }
    this.#host.requestUpdate();
  }
}
