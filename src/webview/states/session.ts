import type { ReactiveController, ReactiveControllerHost } from 'lit';
import * as v from 'valibot';
import {
  type StateViewState,
  stateToHost,
  stateToWebview,
  stateViewStateSchema,
} from '../../contract/state-panel';
import type { HostSummary, Problem } from '../../contract/values';
import type { StateGraph } from '../../trace/graph';
import type { Protocol, Step, Trace } from '../../trace/model';
import { failingStep } from '../model/ladder';
import { connect, debounce, readState, writeState } from '../shared/host';

const FIRST: StateViewState = { attempt: 0, step: null, role: 'client', zoom: 1 };

/** What the page keeps for itself. */
const keptSchema = v.object({ subject: v.string(), view: stateViewStateSchema });

/** A run in progress: the steps of the connection that is open now. */
export interface Running {
  readonly hostId: string;
  readonly name: string;
  readonly protocol: Protocol;
  readonly attempts: readonly (readonly Step[])[];
  cancelling: boolean;
}

/** What the state panel knows, all of it told by the host. */
export class StatesSession implements ReactiveController {
  ready = false;
  hosts: readonly HostSummary[] = [];
  origin = '';
  hostId: string | null = null;
  traces: readonly Trace[] = [];
  graph: StateGraph | null = null;
  running: Running | null = null;
  problem: Problem | null = null;
  revealed = false;
  view: StateViewState = FIRST;
  readonly #peer = connect(stateToWebview, stateToHost);
  readonly #host: ReactiveControllerHost;
  readonly #persist = debounce(300, () => {
    this.#peer.notify('persist', this.view);
  });

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
    this.#listen();
  }

  hostConnected(): void {
    this.#peer.notify('ready', {});
  }

  get trace(): Trace | null {
    return this.traces[this.view.attempt] ?? null;
  }

  /** The steps to draw: of the run in progress, else of the chosen attempt. */
  get steps(): readonly Step[] {
    return this.running ? (this.running.attempts.at(-1) ?? []) : (this.trace?.steps ?? []);
  }

  /** The chosen step; while a test runs, the latest one. */
  get step(): number {
    const last = this.steps.length - 1;
    return this.running ? last : Math.min(this.view.step ?? last, last);
  }

  setView(change: Partial<StateViewState>): void {
    this.view = { ...this.view, ...change };
    writeState({ subject: this.#subject, view: this.view });
    this.#persist();
    this.#host.requestUpdate();
  }

  chooseStep(step: number): void {
    const trace = this.trace;
    if (!trace || this.running) return;
    const chosen = Math.max(0, Math.min(step, trace.steps.length - 1));
    this.setView({ step: chosen });
    this.#peer.notify('select', { id: trace.id, step: chosen });
  }

  chooseAttempt(attempt: number): void {
    this.setView({ attempt, step: null });
    const trace = this.trace;
    if (trace) this.chooseStep(endOf(trace));
  }

  run(hostId: string): void {
    this.#peer.notify('runAgain', { hostId });
  }

  cancelRun(): void {
    if (!this.running) return;
    this.running = { ...this.running, cancelling: true };
    this.#peer.notify('cancelRun', {});
    this.#host.requestUpdate();
  }

  configure(): void {
    this.#peer.notify('configureHosts', {});
  }

  /** Asks the user, in VS Code's dialog, whether secrets may be shown; the host then shows the traces again. */
  reveal(): void {
    this.#peer.request('reveal', {}, { timeoutMs: 600_000 }).catch(() => undefined);
  }

  copyText(text: string): void {
    this.#peer.notify('copy', { text });
  }

  openText(): void {
    this.#peer.notify('openText', {});
  }

  #listen(): void {
    const peer = this.#peer;
    const on: typeof peer.onNotification = (method, handler) =>
      peer.onNotification(method, (params) => {
        handler(params);
        this.#host.requestUpdate();
      });
    on('hosts', ({ hosts }) => {
      this.ready = true;
      this.hosts = hosts;
    });
    on('running', ({ hostId, name, protocol, graph }) => {
      this.ready = true;
      this.running = { hostId, name, protocol, attempts: [], cancelling: false };
      this.hostId = hostId;
      this.graph = graph;
      this.problem = null;
    });
    on('step', ({ attempt, step }) => this.#addStep(attempt, step));
    on('show', (shown) => {
      const wasRunning = this.running !== null;
      this.ready = true;
      this.running = null;
      this.problem = null;
      this.revealed = shown.revealed;
      this.origin = shown.origin;
      this.hostId = shown.hostId;
      this.traces = shown.traces;
      this.graph = shown.graph;
      this.#restore(wasRunning, shown.state);
    });
    on('failed', (problem) => {
      this.ready = true;
      this.running = null;
      this.problem = problem;
    });
    on('focus', ({ id, step }) => {
      const attempt = this.traces.findIndex((trace) => trace.id === id);
      if (attempt >= 0) this.setView({ attempt, step: step ?? endOf(this.traces[attempt]) });
    });
  }

  #addStep(attempt: number, step: Step): void {
    if (!this.running || attempt > 100) return;
    const attempts = [...this.running.attempts];
    while (attempts.length <= attempt) attempts.push([]);
    attempts[attempt] = [...attempts[attempt], step];
    this.running = { ...this.running, attempts };
  }

  /** Names what is shown, so that a place kept for it is not used for something else. */
  get #subject(): string {
    return [this.origin, ...this.traces.map((trace) => `${trace.id} ${trace.startTime}`)].join('\n');
  }

  /**
   * A run just watched ends at its last attempt's end; what was looked at before (the page was hidden, or secrets were revealed)
   * comes back as it was.
   */
  #restore(wasRunning: boolean, fromHost: StateViewState | null): void {
    const parsed = v.safeParse(keptSchema, readState());
    const kept = parsed.success ? parsed.output : null;
    const known = wasRunning ? null : kept?.subject === this.#subject ? kept.view : fromHost;
    const attempt = Math.min(known?.attempt ?? this.traces.length - 1, this.traces.length - 1);
    const trace = this.traces[attempt];
    const step = Math.min(known?.step ?? endOf(trace), trace.steps.length - 1);
    const { role, zoom } = known ?? kept?.view ?? FIRST;
    this.setView({ attempt, step: step >= 0 ? step : null, role, zoom });
  }
}

/** Where a reader wants to be first: the step that ended a failed attempt, else the last one. */
function endOf(trace: Trace): number {
  const failing = failingStep(trace);
  return failing >= 0 ? failing : Math.max(0, trace.steps.length - 1);
}
