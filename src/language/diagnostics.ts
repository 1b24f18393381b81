import { DiagnosticSeverity } from 'vscode-languageserver/node';
import { maskShapes } from '../base/secret-shapes';
import { together } from '../base/shown/gate';
import { message } from '../base/shown/outlets';
import type { Problem } from '../contract/values';
import { summaryOf } from '../diagnosis/summary';
import type { CaptureSummary, CauseSummary, Finding, Severity, Trace } from '../trace/model';
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

/**
 * Failed handshakes, findings and damage of a capture as problems of its file. A capture has no lines, so that all stand at its start; each points into
 * the annotated text.
 *
 * @param map of the text at `textUri`, if there is one.
 */
export function captureDiagnostics(
  capture: CaptureSummary | null,
  traces: readonly Trace[],
  textUri: string,
  map: TextMap,
): Diagnostic[] {
  const list: Diagnostic[] = [];
  for (const issue of capture?.issues ?? []) {
    const where = issue.offset === undefined ? '' : ` (at byte ${issue.offset})`;
    const what = message`${issue.message}${where}`;
    list.push(diagnostic(DiagnosticSeverity.Warning, message(issue.code), what));
  }
  const linesOf = new Map(map.traces.map((each) => [each.trace, each]));
  const at = (problem: Diagnostic, line: number | undefined) =>
    line === undefined
      ? problem
      : diagnosticAt(problem, { uri: textUri, line, what: message`in the annotated text` });
  const failed = traces.flatMap((trace, index) => (trace.outcome === 'failed' ? [{ trace, index }] : []));
  if (failed.length <= MOST_FAILED) {
    for (const { trace, index } of failed) list.push(at(causeDiagnostic(trace), linesOf.get(index)?.first));
  } else {
    const indices = new Map(failed.map(({ trace, index }) => [trace.id, index]));
    for (const row of summaryOf(failed.map(({ trace }) => trace))) {
      const first = traces[indices.get(row.traces[0]) ?? 0];
      const line = linesOf.get(indices.get(first.id) ?? -1)?.first;
      list.push(at(causeDiagnostic(first, row), line));
    }
  }
  traces.forEach((trace, index) => {
    const lines = linesOf.get(index);
    trace.findings.forEach((finding, each) => {
      list.push(at(findingDiagnostic(trace, finding), lines?.findings[each]));
    });
  });
  list.sort((a, b) => (a.severity ?? 4) - (b.severity ?? 4));
  if (list.length <= MAX_DIAGNOSTICS) return list;
  const left = list.length - MAX_DIAGNOSTICS + 1;
  return [
    ...list.slice(0, MAX_DIAGNOSTICS - 1),
    diagnostic(
      DiagnosticSeverity.Information,
      message`MORE`,
      message`${left} more findings are in the annotated text.`,
    ),
  ];
}

/**
 * Why a handshake failed: what happened, why, and what to do, a line each.
 *
 * @param row where it stands for others with the same cause at the same server.
 */
function causeDiagnostic({ id, server, diagnosis }: Trace, row?: CauseSummary): Diagnostic {
  const { code, severity, why, next } = diagnosis;
  const what =
    row && row.count > 1
      ? `${endpointText(server)}: ${row.what}`
      : `${id} to ${endpointText(server)}: ${diagnosis.what}`;
  const texts = [
    what,
    why ?? '',
    ...next.map(({ text, snippet }) => (snippet ? `${text} ${snippet}` : text)),
  ];
  const lines = texts.filter((text) => text !== '').map((text) => message(maskShapes(text)));
  const grave = severity === 'error' || severity === 'warning';
  const level = grave ? DiagnosticSeverity.Error : DiagnosticSeverity.Information;
  return diagnostic(level, message(code), together(lines, '\n'));
}

function findingDiagnostic(trace: Trace, finding: Finding): Diagnostic {
  const { severity, code, frames, help } = finding;
  const where = framesText(frames);
  const what = message`${trace.id} to ${endpointText(trace.server)}: ${finding.message}${where && ` (${where})`}`;
  return diagnostic(SEVERITY[severity], message(code), help ? together([what, message(help)], '\n') : what);
}

/** Why a file could not be read, as its one problem. */
export function problemDiagnostics(problem: Problem): Diagnostic[] {
  const what = message`${problem.message}\n${problem.next}`;
  return [diagnostic(DiagnosticSeverity.Error, message(problem.code), what)];
}
