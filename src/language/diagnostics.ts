import { DiagnosticSeverity } from 'vscode-languageserver/node';
import { maskShapes } from '../base/secret-shapes';
import { together } from '../base/shown/gate';
import { message } from '../base/shown/outlets';
import type { Problem } from '../contract/values';
import type { CaptureSummary, Finding, Severity, Trace } from '../trace/model';
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

/**
 * Findings and damage of a capture as problems of its file. A capture has no lines, so that all stand at its start; each points into
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
  traces.forEach((trace, index) => {
    const lines = linesOf.get(index);
    trace.findings.forEach((finding, at) => {
      const problem = findingDiagnostic(trace, finding);
      const line = lines?.findings[at];
      if (line === undefined) list.push(problem);
      else list.push(diagnosticAt(problem, { uri: textUri, line, what: message`in the annotated text` }));
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

function findingDiagnostic(trace: Trace, finding: Finding): Diagnostic {
  const { severity, code, frames, help } = finding;
  const where = framesText(frames);
  const what = message`${trace.id} to ${endpointText(trace.server)}: ${finding.message}${where && ` (${where})`}`;
  return diagnostic(SEVERITY[severity], message(code), help ? together([what, message(help)], '\n') : what);
}

/** Why a file could not be read, as its one problem. */
export function problemDiagnostics(problem: Problem): Diagnostic[] {
  const what = message`${maskShapes(problem.message)}\n${maskShapes(problem.next)}`;
  return [diagnostic(DiagnosticSeverity.Error, message(problem.code), what)];
}
