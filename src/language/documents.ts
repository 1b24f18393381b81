import type { Connection, TextDocuments } from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { captureUriOf } from '../contract/text-uri';
import { stateGraphOf } from '../inspect/graphs';
import { redactTrace } from '../trace/redact';
import { mapText } from './annotated';
import { hoverFor } from './hover';
import type { CaptureSession } from './session';
import type { Sessions } from './sessions';
import { documentSymbols, foldingRanges } from './symbols';

/** Symbols, hovers and folding of annotated texts. An open text holds its capture's session. */
export function serveDocuments(
  connection: Connection,
  documents: TextDocuments<TextDocument>,
  sessions: Sessions,
): void {
  const session = async (uri: string): Promise<CaptureSession | undefined> => {
    const capture = captureUriOf(uri);
    const found = capture === null ? undefined : sessions.find(capture);
    if (!found?.live) await found?.done;
    return found?.problem ? undefined : found;
  };

  documents.onDidOpen(({ document }) => {
    const capture = captureUriOf(document.uri);
    if (capture === null) return;
    try {
      sessions.open(capture);
    } catch {
      // Not a file on disk: the text itself says so.
    }
  });
  documents.onDidClose(({ document }) => {
    const capture = captureUriOf(document.uri);
    if (capture !== null) sessions.close(capture);
  });
  connection.onDocumentSymbol(async ({ textDocument }) => {
    const found = await session(textDocument.uri);
    return found ? documentSymbols(found.traces, mapText(found.rendered())) : [];
  });
  connection.onFoldingRanges(async ({ textDocument }) => {
    const found = await session(textDocument.uri);
    return found ? foldingRanges(mapText(found.rendered())) : [];
  });
  connection.onHover(async ({ textDocument, position }) => {
    const found = await session(textDocument.uri);
    const reference = found?.rendered().lines[position.line];
    const trace = reference?.trace === undefined ? undefined : found?.traces[reference.trace];
    if (!reference || !trace) return null;
    return hoverFor(position.line, reference, redactTrace(trace), stateGraphOf(trace.protocol));
  });
}
