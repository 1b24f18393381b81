import { maskShapes } from '../base/secret-shapes';
import type { TraceRow } from '../contract/values';
import type { Severity, Trace } from '../trace/model';

const RANK: Readonly<Record<Severity, number>> = { error: 3, warning: 2, info: 1, hint: 0 };

/** What a list shows of a trace. */
export function traceRow(trace: Trace): TraceRow {
  let firstFrame = 0;
  let lastFrame = 0;
  for (const step of trace.steps) {
    for (const frame of step.frames) {
      if (firstFrame === 0 || frame < firstFrame) firstFrame = frame;
      if (frame > lastFrame) lastFrame = frame;
    }
  }
  return {
    id: trace.id,
    source: trace.source,
    protocol: trace.protocol,
    client: trace.client,
    server: trace.server,
    startTime: trace.startTime,
    durationMs: trace.durationMs,
    retryOf: trace.retryOf,
    outcome: trace.outcome,
    authOutcome: trace.auth.outcome,
    mechanism: trace.auth.mechanism,
    tls: trace.tls ? (trace.tls.version ?? 'TLS') : null,
    user: trace.auth.user && maskShapes(trace.auth.user),
    verdict: maskShapes(trace.verdict),
    cause: trace.diagnosis.code,
    steps: trace.steps.length,
    firstFrame,
    lastFrame,
    findings: trace.findings.length,
    worst: worstSeverity(trace),
  };
}

function worstSeverity(trace: Trace): Severity | null {
  let worst: Severity | null = null;
  for (const { severity } of trace.findings) {
    if (worst === null || RANK[severity] > RANK[worst]) worst = severity;
  }
  return worst;
}
