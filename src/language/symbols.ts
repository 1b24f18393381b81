import { type FoldingRange, SymbolKind } from 'vscode-languageserver/node';
import { maskShapes } from '../base/secret-shapes';
import { message } from '../base/shown/outlets';
import type { Trace } from '../trace/model';
import { endpointText, protocolName } from '../trace/text';
import type { LineRange, TextMap } from './annotated';
import { type DocumentSymbol, documentSymbol, lineRange } from './outlets';

/** Outline of the annotated text: one entry per handshake, its steps and findings inside. */
export function documentSymbols(traces: readonly Trace[], map: TextMap): DocumentSymbol[] {
  return map.traces.flatMap((lines) => {
    const trace = traces[lines.trace];
    if (!trace) return [];
    const steps = lines.steps.map((line, index) => {
      const { message: name = `step ${index}`, summary = '' } = trace.steps[index] ?? {};
      return documentSymbol(
        message(name),
        message(maskShapes(summary)),
        SymbolKind.Event,
        lineRange(line, line),
      );
    });
    const findings = lines.findings.map((line, index) => {
      const { code = 'finding', message: what = '' } = trace.findings[index] ?? {};
      return documentSymbol(message(code), message(maskShapes(what)), SymbolKind.Key, lineRange(line, line));
    });
    const name = message`${trace.id} ${protocolName(trace.protocol)} ${endpointText(trace.server)}`;
    const range = lineRange(lines.first, lines.last);
    const what = message(maskShapes(trace.verdict));
    return [documentSymbol(name, what, SymbolKind.Object, range, [...steps, ...findings])];
  });
}

/** Each handshake folds under its heading. */
export function foldingRanges(map: TextMap): FoldingRange[] {
  const ranges: LineRange[] = map.capture ? [map.capture, ...map.traces] : [...map.traces];
  return ranges
    .filter((range) => range.last > range.first)
    .map((range) => ({ startLine: range.first, endLine: range.last, kind: 'region' }));
}
