import type * as vscode from 'vscode';
import type { CaptureEditor } from './capture-editor';
import type { Services } from './services';

/** Opens captures in the custom editor. What an editor needs is loaded with the first capture. */
export class CaptureEditorProvider implements vscode.CustomReadonlyEditorProvider {
  readonly #services: Services;
  readonly #editors = new Map<vscode.WebviewPanel, CaptureEditor>();

  constructor(services: Services) {
    this.#services = services;
  }

  openCustomDocument(uri: vscode.Uri): vscode.CustomDocument {
    return { uri, dispose: () => {} };
  }

  async resolveCustomEditor(document: vscode.CustomDocument, panel: vscode.WebviewPanel): Promise<void> {
    const [{ CaptureEditor }, { captureStates }] = await Promise.all([
      import('./capture-editor'),
      import('./view-states'),
    ]);
    const editor = new CaptureEditor(
      this.#services,
      captureStates(this.#services.workspaceState),
      document.uri,
      panel,
    );
    this.#editors.set(panel, editor);
    panel.onDidDispose(() => {
      this.#editors.delete(panel);
      editor.dispose();
      void this.#closed(document.uri);
    });
  }

  /** A recording goes with its last editor, unless it was saved. */
  async #closed(uri: vscode.Uri): Promise<void> {
    if (!this.#services.recordingFiles.has(uri)) return;
    const recordings = await this.#services.recordings();
    await recordings.closed(uri, () => this.#isOpen(uri));
  }

  #isOpen(uri: vscode.Uri): boolean {
    const key = uri.toString();
    return [...this.#editors.values()].some((editor) => editor.uri.toString() === key);
  }

  /** The capture whose editor has the focus. */
  get active(): vscode.Uri | undefined {
    return this.activeEditor?.uri;
  }

  get activeEditor(): CaptureEditor | undefined {
    for (const [panel, editor] of this.#editors) if (panel.active) return editor;
    return undefined;
  }
}
