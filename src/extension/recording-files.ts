import * as vscode from 'vscode';

/** A file that no editor came back for is removed after this: a window that ends without closing its editors leaves it. */
const FORGOTTEN_MS = 7 * 86_400_000;

/** The files of recordings, in the extension's own storage: each goes with its editor unless it was saved elsewhere. */
export class RecordingFiles {
  readonly #folder: vscode.Uri;
  readonly #saved = new Set<string>();

  constructor(storage: vscode.Uri) {
    this.#folder = vscode.Uri.joinPath(storage, 'recordings');
  }

  has(uri: vscode.Uri): boolean {
    return uri.scheme === this.#folder.scheme && uri.path.startsWith(`${this.#folder.path}/`);
  }

  isUnsaved(uri: vscode.Uri): boolean {
    return this.has(uri) && !this.#saved.has(uri.toString());
  }

  saved(uri: vscode.Uri): void {
    this.#saved.add(uri.toString());
  }

  /** A name for the recording of an interface that begins now: `lo-20260102-150405.pcap`. Creates the folder. */
  async next(interfaceName: string): Promise<vscode.Uri> {
    await vscode.workspace.fs.createDirectory(this.#folder);
    await this.#removeForgotten();
    const now = new Date();
    const time = new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString();
    const name = interfaceName
      .replace(/^.*\{|\}$/g, '')
      .replace(/[^\w.-]+/g, '-')
      .slice(0, 40);
    return vscode.Uri.joinPath(
      this.#folder,
      `${name}-${time.slice(0, 19).replace(/[-:]/g, '').replace('T', '-')}.pcap`,
    );
  }

  async remove(uri: vscode.Uri): Promise<void> {
    this.#saved.delete(uri.toString());
    if (!this.has(uri)) return;
    await vscode.workspace.fs.delete(uri).then(undefined, () => {
      // Gone already.
    });
  }

  async #removeForgotten(): Promise<void> {
    for (const [name] of await vscode.workspace.fs.readDirectory(this.#folder)) {
      const uri = vscode.Uri.joinPath(this.#folder, name);
      const { mtime } = await vscode.workspace.fs.stat(uri);
      if (Date.now() - mtime > FORGOTTEN_MS) await this.remove(uri);
    }
  }
}
