/** Read-only documents that are made here. An editor makes links of addresses in them. */
import * as vscode from 'vscode';
import type { LineText } from '../../base/shown/outlets';

export interface TextMaker {
  /** Where the text at an address is another one now. */
  readonly onDidChange: vscode.Event<vscode.Uri>;
  provideTextDocumentContent(uri: vscode.Uri): Promise<LineText>;
}

/** Serves the documents of a scheme. */
export function serveTexts(scheme: string, maker: TextMaker): vscode.Disposable {
  return vscode.workspace.registerTextDocumentContentProvider(scheme, maker);
}
