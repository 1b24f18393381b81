import { RUN_WORDS } from '../diagnosis/words/en/runs';
import type { Recording } from '../inspect/recording';
import { traceRecordings } from '../inspect/trace-recording';
import type { Outcome, Step, Trace, TraceError } from '../trace/model';
import { type PasswordGuard, type Progress, Run } from './run';
import { type ConnectTarget, operatingSystemUser } from './target';
import { decisiveOf, isUsable, verdictOfRun } from './verdict';

export type { PasswordGuard, Progress };

/** How long one wait may last when nothing else is said, milliseconds. */
export const DEFAULT_TIMEOUT_MS = 10_000;

export interface ConnectOptions {
  /** Cancels at any step; what was seen until then is still in the result. */
  readonly signal?: AbortSignal;
  /** Longest wait in one step, milliseconds; a target's own `connect_timeout` or `connectTimeoutMS` wins. */
  readonly timeoutMs?: number;
  onProgress?(progress: Progress): void;
  /** The client's state whenever it changes, as `Step.clientState` names it. */
  onState?(state: string): void;
  /** Each step as it happens; `attempt` counts connections from 0. */
  onStep?(attempt: number, step: Step): void;
  /** Called at most once in a run, and only when the server wants a password that the target has not. */
  askPassword?(prompt: string, signal: AbortSignal): Promise<string | undefined>;
  /** PostgreSQL: once the server has refused the password, attempts end where it asks for it (`NO_PASSWORD`). */
  readonly passwordGuard?: PasswordGuard;
}

export interface ConnectResult {
  /** One for each connection, in order; retries are linked by `retryOf`. */
  readonly traces: Trace[];
  readonly recordings: Recording[];
  /** One sentence or two: what happened and what to try next. */
  readonly verdict: string;
  /** `incomplete` when cancelled. */
  readonly outcome: Outcome;
  readonly cancelled: boolean;
  /** What ended the attempt that decides; null when connected. */
  readonly error: TraceError | null;
  /** The attempt that the verdict is about; null when nothing was tried. */
  readonly decisive: Trace | null;
}

/** Connects as a real client would, up to the point where queries could be sent, and closes. Never rejects for what a server does. */
export async function connectTest(
  target: ConnectTarget,
  options: ConnectOptions = {},
): Promise<ConnectResult> {
  const steps = options.onStep ? new StepTeller(options.onStep) : undefined;
  const run: Run = new Run(
    {
      signal: options.signal,
      timeoutMs: timeoutOf(target, options),
      onProgress: options.onProgress,
      onState: options.onState,
      askPassword: options.askPassword,
      passwordGuard: options.passwordGuard,
    },
    promptFor(target),
    () => steps?.tell(run.recordings),
  );
  const error =
    target.protocol === 'postgres'
      ? await (await import('./postgres-run')).runPostgres(target, run)
      : await (await import('./mongo-run')).runMongo(target, run);
  const { recordings, cancelled } = run;
  steps?.tell(recordings);
  const traces = traceRecordings(recordings).map((entry) => entry.trace);
  const over = cancelled && error !== null;
  const decisive = error === null || over ? traces.at(-1) : decisiveOf(traces);
  if (decisive === undefined)
    return {
      traces,
      recordings,
      verdict: error?.message ?? '',
      outcome: 'failed',
      cancelled: over,
      error,
      decisive: null,
    };
  const connected = error === null && isUsable(decisive) && run.unfit === null;
  const verdict = verdictOfRun(traces, run.targets, run.hosts, decisive, error === null);
  return {
    traces,
    recordings,
    verdict: withUnfit(verdict, run.unfit) + run.remarks,
    outcome: connected ? 'ready' : over ? 'incomplete' : 'failed',
    cancelled: over,
    error: connected ? null : (decisive.error ?? error ?? run.unfit ?? unusable(decisive)),
    decisive,
  };
}

function timeoutOf(target: ConnectTarget, options: ConnectOptions): number {
  const own =
    target.protocol === 'postgres'
      ? target.settings.connectTimeout * 1000
      : (target.driver.connectTimeoutMs ?? 0);
  return own > 0 ? own : (options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
}

function promptFor(target: ConnectTarget): string {
  const user =
    target.protocol === 'postgres' ? (target.settings.user ?? operatingSystemUser()) : target.driver.user;
  return `Password of ${user ?? 'the user'}`;
}

/** What no application gets past comes first: this connection alone would read as if all were well. */
function withUnfit(verdict: string, unfit: TraceError | null): string {
  return unfit === null ? verdict : RUN_WORDS.UNFIT({ why: unfit.message, verdict });
}

/** The connection was opened, and the server is none that an application could work with. */
function unusable({ diagnosis: { code, what } }: Trace): TraceError {
  return { from: 'server', code, message: what };
}

/** Tells each step once, from traces of the recordings so far. */
class StepTeller {
  readonly #told: number[] = [];

  constructor(private readonly listener: (attempt: number, step: Step) => void) {}

  tell(recordings: readonly Recording[]): void {
    traceRecordings(recordings).forEach(({ trace }, attempt) => {
      const told = this.#told[attempt] ?? 0;
      for (const step of trace.steps.slice(told)) this.listener(attempt, step);
      this.#told[attempt] = Math.max(told, trace.steps.length);
    });
  }
}
