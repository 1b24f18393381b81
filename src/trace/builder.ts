import { isoTime, type Mark, millisBetween, type Side } from '../base/mark';
import { LazyStep, type LazyWords } from './lazy-step';
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

/** The two states after a step. */
export interface StatePair {
  readonly clientState: string;
  readonly serverState: string;
}

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
    this.touch(input.mark);
    if (this.steps.length >= TRACE_LIMITS.steps) return -1;
    const index = this.steps.length;
    const start = this.#start ?? input.mark;
    const { from, layer, message, clientState, serverState, summary, bytes = 0, encrypted = false } = input;
    const time = round(millisBetween(start, input.mark));
    const frames = input.frames ?? (from === 'local' || input.mark.frame === 0 ? [] : [input.mark.frame]);
    if (this.keepData && input.data) this.data[index] = input.data.slice(0, TRACE_LIMITS.stepData);
    if (typeof summary !== 'string') {
      this.steps.push(
        new LazyStep(
          index,
          time,
          from,
          layer,
          frames,
          bytes,
          message,
          clientState,
          serverState,
          encrypted,
          summary,
        ),
      );
      return index;
    }
    const fields = input.fields ?? [];
    // Written out rather than spread: this runs for every message of every connection.
    this.steps.push(
      input.internal
        ? {
            index,
            time,
            from,
            layer,
            frames,
            bytes,
            message,
            clientState,
            serverState,
            summary,
            encrypted,
            internal: true,
            fields,
          }
        : {
            index,
            time,
            from,
            layer,
            frames,
            bytes,
            message,
            clientState,
            serverState,
            summary,
            encrypted,
            fields,
          },
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
      durationMs: round(Math.max(0, millisBetween(start, this.#end ?? start))),
      retryOf: null,
      ssl: { ...this.ssl },
      gssenc: { ...this.gssenc },
      tls: this.tls,
      auth: { ...this.auth },
      outcome: this.outcome,
      error: this.error,
      verdict: this.verdict,
      steps: this.steps,
      findings: this.findings,
    };
  }
}

/** Microseconds are the finest that a reader can use; more digits only make two equal runs look different. */
function round(millis: number): number {
  return Math.round(millis * 1000) / 1000;
}

/** `client` and `server` read as people say them. */
export function sideName(side: Side): string {
  return side === 'client' ? 'the client' : 'the server';
}
