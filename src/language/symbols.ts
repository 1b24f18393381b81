import { type DocumentSymbol, type FoldingRange, type Range, SymbolKind } from 'vscode-languageserver/node';
import { maskShapes } from '../base/secret-shapes';
import type { Trace } from '../trace/model';
import { endpointText, oneLine, protocolName } from '../trace/text';
import type { LineRange, TextMap } from './annotated';

/** Outline of the annotated text: one entry per handshake, its steps and findings inside. */
export function documentSymbols(traces: readonly Trace[], map: TextMap): DocumentSymbol[] {
  return map.traces.flatMap((lines) => {
    const trace = traces[lines.trace];
    if (!trace) return [];
    const steps = lines.steps.map((line, index) =>
      symbol(
        trace.steps[index]?.message ?? `step ${index}`,
        maskShapes(trace.steps[index]?.summary ?? ''),
        SymbolKind.Event,
        {
          first: line,
          last: line,
        },
      ),
    );
    const findings = lines.findings.map((line, index) =>
      symbol(
        trace.findings[index]?.code ?? 'finding',
        maskShapes(trace.findings[index]?.message ?? ''),
        SymbolKind.Key,
        {
          first: line,
          last: line,
        },
      ),
    );
    const name = `${trace.id} ${protocolName(trace.protocol)} ${endpointText(trace.server)}`;
    return [
      {
        ...symbol(name, maskShapes(trace.verdict), SymbolKind.Object, lines),
        selectionRange: lineRange(lines.first, lines.first),
        children: [...steps, ...findings],
      },
    ];
  });
}

/** Each handshake folds under its heading. */
export function foldingRanges(map: TextMap): FoldingRange[] {
  const ranges: LineRange[] = map.capture ? [map.capture, ...map.traces] : [...map.traces];
  return ranges
    .filter((range) => range.last > range.first)
    .map((range) => ({ startLine: range.first, endLine: range.last, kind: 'region' }));
}

/** Whole lines: the end is the start of a line's last column as far as any editor cares. */
export function lineRange(first: number, last: number): Range {
  return { start: { line: first, character: 0 }, end: { line: last, character: 10_000 } };
}

function symbol(
  name: string,
  detail: string | undefined,
  kind: SymbolKind,
  lines: LineRange,
): DocumentSymbol {
  const range = lineRange(lines.first, lines.last);
  return {
    // An outline entry without a name is refused by VS Code.
    name: oneLine(name).trim() || '?',
    detail: oneLine(detail ?? '').slice(0, 200),
    kind,
    range,
    selectionRange: range,
  };
}
