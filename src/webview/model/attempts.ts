import type { Trace } from '../../trace/model';
import { endpointText } from './text';

export interface Attempt {
  readonly trace: Trace;
  /** From 1, as it is shown. */
  readonly number: number;
  /** Number of the attempt that this one tries again; null for a first one. */
  readonly retries: number | null;
  readonly title: string;
}

/** The connections of one run in order, each with the one that it repeats. */
export function attemptsOf(traces: readonly Trace[]): Attempt[] {
  const numbers = new Map(traces.map((trace, at) => [trace.id, at + 1]));
  // Of one host the address would only repeat itself.
  const several = new Set(traces.map(({ server }) => endpointText(server))).size > 1;
  return traces.map((trace, at) => ({
    trace,
    number: at + 1,
    retries: trace.retryOf === null ? null : (numbers.get(trace.retryOf) ?? null),
    title: several ? `${endpointText(trace.server)}, ${transport(trace)}` : transport(trace),
  }));
}

/** How this attempt travelled: what differs between libpq's attempts. */
export function transport(trace: Trace): string {
  if (trace.tls) return trace.tls.version ? `over ${trace.tls.version}` : 'over TLS, not finished';
  if (trace.ssl.requested && trace.ssl.answer === 'N') return 'in plain text, SSL refused';
  if (trace.ssl.requested) return 'SSL asked for';
  return 'in plain text';
}
