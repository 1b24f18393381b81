/**
 * Everything of the language server that an editor shows, made in this one place: what is foreign gets here only through its gate.
 * The annotated text is `RenderedText`, whose lines went through theirs.
 */
import type {
  Diagnostic,
  DiagnosticSeverity,
  DocumentSymbol,
  Hover,
  Range,
  SymbolKind,
} from 'vscode-languageserver/node';
import type { MarkdownText, MessageText } from '../base/shown/outlets';

export type { Diagnostic, DocumentSymbol, Hover };

const SOURCE = 'Handshake Inspector';

/** Whole lines: the end is the start of a line's last column as far as any editor cares. */
export function lineRange(first: number, last: number): Range {
  return { start: { line: first, character: 0 }, end: { line: last, character: 10_000 } };
}

export function markdownHover(value: MarkdownText, line: number): Hover {
  return { contents: { kind: 'markdown', value }, range: lineRange(line, line) };
}

/** A problem at the beginning of its file. */
export function diagnostic(
  severity: DiagnosticSeverity,
  code: MessageText,
  message: MessageText,
): Diagnostic {
  return { range: lineRange(0, 0), severity, code, source: SOURCE, message };
}

/** The same with a place in another document. */
export function diagnosticAt(
  problem: Diagnostic,
  place: { readonly uri: string; readonly line: number; readonly what: MessageText },
): Diagnostic {
  const location = { uri: place.uri, range: lineRange(place.line, place.line) };
  return { ...problem, relatedInformation: [{ location, message: place.what }] };
}

/** An entry of the outline. VS Code refuses one without a name. */
export function documentSymbol(
  name: MessageText,
  detail: MessageText,
  kind: SymbolKind,
  range: Range,
  children?: DocumentSymbol[],
): DocumentSymbol {
  const selectionRange = children ? lineRange(range.start.line, range.start.line) : range;
  const symbol = { name: name.trim() || '?', detail, kind, range, selectionRange };
  return children ? { ...symbol, children } : symbol;
}
