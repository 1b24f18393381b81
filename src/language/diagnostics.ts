import { DiagnosticSeverity } from 'vscode-languageserver/node';
import { together } from '../base/shown/gate';
import { message } from '../base/shown/outlets';
import type { Problem } from '../contract/values';
import { summaryOf } from '../diagnosis/summary';
import { toldThrough } from '../trace/diagnosis-words';
import type { CaptureSummary, CauseSummary, Severity, Trace } from '../trace/model';
import { redactCapture, redactOutline, redactSummary } from '../trace/redact';
import { endpointText, framesText } from '../trace/text';
import type { TextMap } from './annotated';
import { type Diagnostic, diagnostic, diagnosticAt } from './outlets';

/** A damaged capture of ten thousand handshakes must not drown the Problems view. */
export const MAX_DIAGNOSTICS = 500;

const SEVERITY: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  info: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
};

/** Failed handshakes that are each a problem of their own; of more, those with the same cause at the same server are one. */
export const MOST_FAILED = 20;

/** One that is made when it is shown: a capture may have very many. */
interface Candidate {
  readonly severity: DiagnosticSeverity;
  readonly make: () => Diagnostic;
}

/**
 * Failed handshakes, findings and damage of a capture as problems of its file, without secrets. A capture has no lines, so that all stand
 * at its start; each points into the annotated text.
 *
 * @param map of the text at `textUri`, if there is one.
 */
export function captureDiagnostics(
  capture: CaptureSummary | null,
  traces: readonly Trace[],
  textUri: string,
  map: TextMap,
): Diagnostic[] {
  const list: Candidate[] = [];
  for (const { code, message: text, offset } of capture ? redactCapture(capture).issues : []) {
    const where = offset === undefined ? '' : ` (at byte ${offset})`;
    const severity = DiagnosticSeverity.Warning;
    list.push({ severity, make: () => diagnostic(severity, message(code), message`${text}${where}`) });
  }
  const linesOf = new Map(map.traces.map((each) => [each.trace, each]));
  const at = (problem: Diagnostic, line: number | undefined) =>
    line === undefined
      ? problem
      : diagnosticAt(problem, { uri: textUri, line, what: message`in the annotated text` });
  const shown = new Map<number, Trace>();
  const traceAt = (index: number): Trace => {
    const trace = shown.get(index) ?? redactOutline(traces[index]);
    shown.set(index, trace);
    return trace;
  };
  for (const { index, row } of failures(traces)) {
    const severity = levelOf(traces[index]);
    const line = linesOf.get(index)?.first;
    list.push({ severity, make: () => at(causeDiagnostic(severity, traceAt(index), row), line) });
  }
  traces.forEach(({ findings }, index) => {
    const lines = linesOf.get(index);
    findings.forEach(({ severity }, each) => {
      const make = () => at(findingDiagnostic(traceAt(index), each), lines?.findings[each]);
      list.push({ severity: SEVERITY[severity], make });
    });
  });
  list.sort((a, b) => a.severity - b.severity);
  if (list.length <= MAX_DIAGNOSTICS) return list.map(({ make }) => make());
  const left = list.length - MAX_DIAGNOSTICS + 1;
  return [
    ...list.slice(0, MAX_DIAGNOSTICS - 1).map(({ make }) => make()),
    diagnostic(
      DiagnosticSeverity.Information,
      message`MORE`,
      message`${left} more findings are in the annotated text.`,
    ),
  ];
}

/** Failed handshakes by their index; where they are many, the first of each cause at a server with what is summed up of all of them. */
function failures(traces: readonly Trace[]): { readonly index: number; readonly row?: CauseSummary }[] {
  const failed = traces.flatMap((trace, index) => (trace.outcome === 'failed' ? [{ trace, index }] : []));
  if (failed.length <= MOST_FAILED) return failed.map(({ index }) => ({ index }));
  const indices = new Map(failed.map(({ trace, index }) => [trace.id, index]));
  return redactSummary(summaryOf(failed.map(({ trace }) => trace))).map((row) => ({
    index: indices.get(row.traces[0]) ?? 0,
    row,
  }));
}

/** What failed without anything being wrong, a cancelled login say, is no error. */
function levelOf({ diagnosis: { severity } }: Trace): DiagnosticSeverity {
  const grave = severity === 'error' || severity === 'warning';
  return grave ? DiagnosticSeverity.Error : DiagnosticSeverity.Information;
}

/**
 * Why a handshake failed: what happened, why, and what to do, a line each.
 *
 * @param row where it stands for others with the same cause at the same server.
 */
function causeDiagnostic(
  severity: DiagnosticSeverity,
  { id, server, diagnosis }: Trace,
  row?: CauseSummary,
): Diagnostic {
  const { code, why, next } = diagnosis;
  const what =
    row && row.count > 1
      ? `${endpointText(server)}: ${row.what}`
      : `${id} to ${endpointText(server)}: ${diagnosis.what}`;
  return diagnostic(severity, message(code), toldThrough(message, { what, why, next }, '\n'));
}

function findingDiagnostic({ id, server, findings }: Trace, each: number): Diagnostic {
  const { severity, code, frames, help, message: text } = findings[each];
  const where = framesText(frames);
  const what = message`${id} to ${endpointText(server)}: ${text}${where && ` (${where})`}`;
  return diagnostic(SEVERITY[severity], message(code), help ? together([what, message(help)], '\n') : what);
}

/** Why a file could not be read, as its one problem. */
export function problemDiagnostics(problem: Problem): Diagnostic[] {
  const what = message`${problem.message}\n${problem.next}`;
  return [diagnostic(DiagnosticSeverity.Error, message(problem.code), what)];
}
