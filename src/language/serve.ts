import { type Connection, TextDocumentSyncKind, TextDocuments } from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { textUriOf } from '../contract/text-uri';
import { redactCapture, redactSummary } from '../trace/redact';
import { mapText } from './annotated';
import { captureDiagnostics, problemDiagnostics } from './diagnostics';
import { serveDocuments } from './documents';
import { newsSender, serveRequests } from './requests';
import { Sessions, type SessionsOptions } from './sessions';

/** Everything the language server does on a connection, from `initialize` to `shutdown`. */
export function serve(connection: Connection, options: SessionsOptions = {}): void {
  const documents = new TextDocuments(TextDocument);
  const send = newsSender(connection);

  const sessions = new Sessions(
    {
      onProgress: (uri, progress) => send('handshake/progress', { uri, ...progress }),
      onFinished: (uri, session) => {
        const textUri = textUriOf(uri);
        const capture = session.document?.capture ?? null;
        const diagnostics = captureDiagnostics(capture, session.traces, textUri, mapText(session.rendered()));
        void connection.sendDiagnostics({ uri, diagnostics });
        const cancelled = session.state === 'cancelled';
        const { revised, renamed } = session;
        send('handshake/finished', {
          uri,
          capture: capture && redactCapture(capture),
          summary: [...redactSummary(session.summary)],
          total: session.traces.length,
          cancelled,
          revised,
          renamed,
        });
      },
      onFailed: (uri, problem) => {
        void connection.sendDiagnostics({ uri, diagnostics: problemDiagnostics(problem) });
        send('handshake/failed', { uri, ...problem });
      },
      onRecording: (uri, state) => send('handshake/recording', { uri, ...state }),
      onStale: (uri, problem) => send('handshake/stale', { uri, ...problem }),
      onClosed: (uri) => void connection.sendDiagnostics({ uri, diagnostics: [] }),
    },
    options,
  );

  connection.onInitialize(() => ({
    capabilities: {
      textDocumentSync: TextDocumentSyncKind.Full,
      documentSymbolProvider: true,
      foldingRangeProvider: true,
      hoverProvider: true,
    },
  }));
  connection.onShutdown(() => sessions.dispose());
  serveRequests(connection, sessions);
  serveDocuments(connection, documents, sessions);
  documents.listen(connection);
  connection.listen();
}
