import { isoTime, type Mark, millisBetween } from '../base/mark';
import { type Diagnosis, UNDECIDED } from './diagnosis';
import { LazyStep, type LazyWords, NO_FIELDS, type StatePair, type StepWords } from './lazy-step';
import type {
  AuthSummary,
  Endpoint,
  Field,
  Finding,
  From,
  GssNegotiation,
  Layer,
  Outcome,
  Protocol,
  Source,
  SslNegotiation,
  Step,
  TlsSummary,
  Trace,
  TraceError,
} from './model';

export type { StatePair } from './lazy-step';

/** A step before it has its index and relative time. */
export interface StepInput extends StatePair {
  readonly mark: Mark;
  readonly from: From;
  readonly layer: Layer;
  readonly frames?: readonly number[];
  readonly bytes?: number;
  readonly message: string;
  /** The line for a list; or what gives it, and the fields, when somebody asks. */
  readonly summary: string | LazyWords;
  readonly encrypted?: boolean;
  readonly internal?: boolean;
  readonly fields?: readonly Field[];
  /** The message's bytes on its layer; kept beside the trace only when the builder was asked to. */
  readonly data?: Uint8Array;
}

/** Bounds on one trace: a peer that never stops talking does not fill the memory. */
export const TRACE_LIMITS = { steps: 2_000, findings: 200, stepData: 64 * 1024 } as const;

/**
 * Collects one trace while a conversation is observed. The protocol's observer fills the public summaries directly and adds
 * steps and findings; `finish` freezes the whole.
 */
export class TraceBuilder {
  readonly ssl: SslNegotiation = { requested: false, answer: null, direct: false };
  readonly gssenc: GssNegotiation = { requested: false, answer: null };
  readonly auth: AuthSummary = { mechanism: null, user: null, database: null, outcome: 'unknown' };
  tls: TlsSummary | null = null;
  outcome: Outcome = 'incomplete';
  error: TraceError | null = null;
  verdict = '';
  /** Null until the observation is over. */
  diagnosis: Diagnosis | null = null;
  readonly steps: Step[] = [];
  readonly findings: Finding[] = [];
  /** Bytes of each step, by index, when `keepData` was asked for; sparse. */
  readonly data: (Uint8Array | undefined)[] = [];
  #start: Mark | undefined;
  #end: Mark | undefined;

  constructor(
    readonly source: Source,
    readonly protocol: Protocol,
    readonly client: Endpoint,
    readonly server: Endpoint,
    readonly keepData = false,
    /**
     * Nobody will read what the steps say, only which there were: observers need not keep their messages. Where there are no fields to
     * look into, nothing may be concluded from them.
     */
    readonly outline = false,
  ) {}

  /** Makes the TLS summary on first use. */
  ensureTls(): TlsSummary {
    this.tls ??= {
      version: null,
      cipher: null,
      sni: null,
      alpn: null,
      certificates: [],
      alerts: [],
      decrypted: false,
    };
    return this.tls;
  }

  /** Adds a step and returns its index, or -1 when the trace already holds {@link TRACE_LIMITS} steps. */
  step(input: StepInput): number {
    const { mark, from, layer, message, summary, bytes = 0, encrypted = false, fields = NO_FIELDS } = input;
    const frames = input.frames ?? (from === 'local' ? 0 : mark.frame);
    const states = { clientState: input.clientState, serverState: input.serverState };
    const words = typeof summary === 'string' && fields.length > 0 ? { summary, fields } : summary;
    const { data, internal } = input;
    return this.add(mark, from, layer, message, frames, bytes, encrypted, states, words, data, internal);
  }

  /**
   * {@link step} for what every connection has many of: its values come one by one, so that none but the step itself is made.
   *
   * @param frames the numbers of the frames in order, or that of the only one; 0 for none.
   * @param states kept. @param words kept; in an outline nobody reads them.
   */
  add(
    mark: Mark,
    from: From,
    layer: Layer,
    message: string,
    frames: number | readonly number[],
    bytes: number,
    encrypted: boolean,
    states: StatePair,
    words: LazyWords | StepWords | string,
    data?: Uint8Array,
    internal = false,
  ): number {
    this.touch(mark);
    const index = this.steps.length;
    if (index >= TRACE_LIMITS.steps) return -1;
    if (this.keepData && data) this.data[index] = data.slice(0, TRACE_LIMITS.stepData);
    const micros = this.#micros(mark);
    this.steps.push(
      new LazyStep(index, micros, from, layer, frames, bytes, message, states, encrypted, words, internal),
    );
    return index;
  }

  /** Adds a finding, once per code: a second one of the same code only adds its frames. */
  finding(finding: Finding): void {
    const at = this.findings.findIndex((known) => known.code === finding.code);
    if (at >= 0) {
      const known = this.findings[at];
      const frames = [...new Set([...known.frames, ...finding.frames])].slice(0, 50);
      this.findings[at] = { ...known, frames };
    } else if (this.findings.length < TRACE_LIMITS.findings) {
      this.findings.push(finding);
    }
  }

  /** Records the first error; later ones are consequences. */
  fail(error: TraceError): void {
    this.error ??= error;
    this.outcome = 'failed';
  }

  /** Stretches the trace's time span to `mark`. */
  touch(mark: Mark): void {
    this.#start ??= mark;
    this.#end = mark;
  }

  /** Microseconds since the start, the finest that a reader can use: more digits only make two equal runs look different. */
  #micros(mark: Mark): number {
    return Math.round(millisBetween(this.#start ?? mark, mark) * 1000);
  }

  get startMark(): Mark | undefined {
    return this.#start;
  }

  finish(id = ''): Trace {
    const start = this.#start ?? { frame: 0, seconds: 0, nanos: 0 };
    return {
      id,
      source: this.source,
      protocol: this.protocol,
      client: this.client,
      server: this.server,
      startTime: isoTime(start),
      durationMs: Math.max(0, this.#micros(this.#end ?? start)) / 1000,
      retryOf: null,
      ssl: this.ssl,
      gssenc: this.gssenc,
      tls: this.tls,
      auth: this.auth,
      outcome: this.outcome,
      error: this.error,
      diagnosis: this.diagnosis ?? UNDECIDED,
      verdict: this.verdict,
      steps: this.steps,
      findings: this.findings,
    };
  }
}
