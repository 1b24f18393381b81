import { type Diagnostic, DiagnosticSeverity } from 'vscode-languageserver/node';
import { maskShapes } from '../base/secret-shapes';
import type { Problem } from '../contract/values';
import type { CaptureSummary, Severity, Trace } from '../trace/model';
import { endpointText, framesText } from '../trace/text';
import type { TextMap } from './annotated';
import { lineRange } from './symbols';

/** A damaged capture of ten thousand handshakes must not drown the Problems view. */
export const MAX_DIAGNOSTICS = 500;

const SEVERITY: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  info: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
};

export const SOURCE = 'Handshake Inspector';

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
    list.push(diagnostic(DiagnosticSeverity.Warning, issue.code, `${issue.message}${where}`));
  }
  const linesOf = new Map(map.traces.map((each) => [each.trace, each]));
  traces.forEach((trace, index) => {
    const lines = linesOf.get(index);
    trace.findings.forEach((finding, at) => {
      const frames = framesText(finding.frames);
      const message = `${trace.id} to ${endpointText(trace.server)}: ${finding.message}${frames ? ` (${frames})` : ''}`;
      const help = finding.help ? `\n${finding.help}` : '';
      const line = lines?.findings[at];
      list.push({
        ...diagnostic(SEVERITY[finding.severity], finding.code, message + help),
        ...(line === undefined
          ? {}
          : {
              relatedInformation: [
                {
                  location: { uri: textUri, range: lineRange(line, line) },
                  message: 'in the annotated text',
                },
              ],
            }),
      });
    });
  });
  list.sort((a, b) => (a.severity ?? 4) - (b.severity ?? 4));
  if (list.length <= MAX_DIAGNOSTICS) return list;
  const left = list.length - MAX_DIAGNOSTICS + 1;
  return [
    ...list.slice(0, MAX_DIAGNOSTICS - 1),
    diagnostic(DiagnosticSeverity.Information, 'MORE', `${left} more findings are in the annotated text.`),
  ];
}

/** Why a file could not be read, as its one problem. */
export function problemDiagnostics(problem: Problem): Diagnostic[] {
  return [diagnostic(DiagnosticSeverity.Error, problem.code, `${problem.message}\n${problem.next}`)];
}

function diagnostic(severity: DiagnosticSeverity, code: string, words: string): Diagnostic {
  return { range: lineRange(0, 0), severity, code, source: SOURCE, message: maskShapes(words) };
}
