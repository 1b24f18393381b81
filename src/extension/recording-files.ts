import * as vscode from 'vscode';

/** In a window without a workspace, what no editor came back for is removed after this: another window's editor may yet. */
const FORGOTTEN_MS = 7 * 86_400_000;

/** The editors of a window are back before this. */
const EDITORS_BACK_MS = 10_000;

/**
 * The files of recordings, in the extension's own storage: each goes with its editor unless it was saved elsewhere. They are in a folder
 * named after the process that recorded them, so that the next one finds what it left when it was killed.
 */
export class RecordingFiles {
  readonly #folder: vscode.Uri;
  /** No other window has this folder. */
  readonly #own: boolean;
  readonly #saved = new Set<string>();

  /** @param workspaceStorage that of the window's workspace, if it has one. */
  constructor(workspaceStorage: vscode.Uri | undefined, globalStorage: vscode.Uri) {
    this.#folder = vscode.Uri.joinPath(workspaceStorage ?? globalStorage, 'recordings');
    this.#own = workspaceStorage !== undefined;
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
    const { thisProcess } = await import('../files/temporary-folder');
    const folder = vscode.Uri.joinPath(this.#folder, thisProcess());
    await vscode.workspace.fs.createDirectory(folder);
    const now = new Date();
    const time = new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString();
    const name = interfaceName
      .replace(/^.*\{|\}$/g, '')
      .replace(/[^\w.-]+/g, '-')
      .slice(0, 40);
    return vscode.Uri.joinPath(
      folder,
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

  /** {@link removeLeftOver} once the window's editors are back. */
  tidyUpLater(): vscode.Disposable {
    const timer = setTimeout(() => {
      this.removeLeftOver().catch(() => {
        // Another start tries again.
      });
    }, EDITORS_BACK_MS);
    return { dispose: () => clearTimeout(timer) };
  }

  /** Removes what processes recorded that are no more and no editor of this window shows. */
  async removeLeftOver(now = Date.now()): Promise<void> {
    const { lives } = await import('../files/temporary-folder');
    const shown = new Set(openTabs());
    for (const owner of await namesIn(this.#folder)) {
      const folder = vscode.Uri.joinPath(this.#folder, owner);
      if (!OWNER.test(owner) || lives(owner)) continue;
      const files = (await namesIn(folder)).map((name) => vscode.Uri.joinPath(folder, name));
      for (const file of files) {
        if (!shown.has(file.toString()) && (this.#own || (await isForgotten(file, now))))
          await this.remove(file);
      }
      if ((await namesIn(folder)).length === 0) await this.remove(folder);
    }
  }
}

/** As `thisProcess` names one. */
const OWNER = /^\d+(\.\d+){0,2}$/;

function openTabs(): string[] {
  return vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .flatMap(({ input }) => {
      const uri = (input as { readonly uri?: vscode.Uri } | undefined)?.uri;
      return uri ? [uri.toString()] : [];
    });
}

async function namesIn(folder: vscode.Uri): Promise<string[]> {
  const entries = await vscode.workspace.fs.readDirectory(folder).then(undefined, () => []);
  return entries.map(([name]) => name);
}

async function isForgotten(file: vscode.Uri, now: number): Promise<boolean> {
  const { mtime } = await vscode.workspace.fs.stat(file);
  return now - mtime > FORGOTTEN_MS;
}
