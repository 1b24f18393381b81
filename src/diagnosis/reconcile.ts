/** Cause and findings are one story: a finding that repeats the cause, or blames what the cause clears, goes. */
import type { TraceBuilder } from '../trace/builder';
import type { Diagnosis } from '../trace/diagnosis';
import type { WireEvidence } from './wire';

/** Whether a finding of this code says nothing besides the cause. */
const REPEATS: Readonly<Record<string, (cause: Diagnosis, wire: WireEvidence) => boolean>> = {
  TLS_ALERT: (cause, wire) => cause.code.startsWith('TLS_') || onlyEchoes(wire),
  TLS_POSSIBLE_ALERT: ({ code }) => code.startsWith('TLS_'),
  TLS_NOT_TLS: ({ code, severity }) => severity === 'error' && !code.startsWith('TLS_C'),
  TLS_NAME_MISMATCH: ({ code }) => code === 'TLS_CERTIFICATE_WRONG_NAME',
  TLS_CERTIFICATE_EXPIRED: ({ code }) => code === 'TLS_CERTIFICATE_EXPIRED',
  TLS_CERTIFICATE_NOT_YET_VALID: ({ code }) => code === 'TLS_CERTIFICATE_EXPIRED',
  TLS_SELF_SIGNED: ({ code, params }) =>
    code === 'TLS_CERTIFICATE_UNTRUSTED' && params.selfSigned !== undefined,
};

/** Takes findings out of a trace that has its diagnosis. */
export function reconcileFindings(trace: TraceBuilder, wire: WireEvidence): void {
  const { diagnosis, findings } = trace;
  if (diagnosis === null || findings.length === 0) return;
  for (let i = findings.length - 1; i >= 0; i--) {
    if (REPEATS[findings[i].code]?.(diagnosis, wire)) findings.splice(i, 1);
  }
}

/** Every fatal alert came after the other side had left. */
function onlyEchoes({ tls, closes }: WireEvidence): boolean {
  const alerts = tls?.alerts ?? [];
  const fatal = alerts.filter(({ level }) => level === 'fatal');
  return (
    fatal.length > 0 &&
    fatal.every((alert) =>
      closes.some(({ from, alertsBefore }) => from !== alert.from && alertsBefore <= alerts.indexOf(alert)),
    )
  );
}
