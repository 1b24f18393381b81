/**
 * As much of VS Code's API as the extension's parts need without a window. A test takes it by
 * `vi.mock('vscode', () => import('…/support/vscode'))` and answers the questions in it.
 */
import { vi } from 'vitest';

export class EventEmitter<T> {
  readonly #listeners = new Set<(value: T) => void>();
  readonly event = (listener: (value: T) => void) => {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  };
  fire(value: T): void {
    for (const listener of this.#listeners) listener(value);
  }
  dispose(): void {
    this.#listeners.clear();
  }
}

export class CancellationTokenSource {
  readonly token = {};
  cancel(): void {}
  dispose(): void {}
}

export class TreeItem {
  constructor(readonly label: string) {}
}
export class ThemeIcon {
  constructor(readonly id: string) {}
}
export class ThemeColor {
  constructor(readonly id: string) {}
}
export class Uri {}
export const ProgressLocation = { Notification: 15 };

const question = () => vi.fn(async (..._: unknown[]): Promise<unknown> => undefined);

export const window = {
  showInformationMessage: question(),
  showWarningMessage: question(),
  showErrorMessage: question(),
  showQuickPick: question(),
  showInputBox: question(),
  setStatusBarMessage: vi.fn(),
  withProgress: (_: unknown, task: (progress: unknown, token: unknown) => unknown) =>
    task({ report: () => {} }, { onCancellationRequested: () => {} }),
};

export const commands = { executeCommand: question() };
export const env = { clipboard: { writeText: question() } };

/** Where each setting stands, by its name without the section, as `inspect` gives it. */
export const settings = new Map<
  string,
  { globalValue?: unknown; workspaceValue?: unknown; workspaceFolderValue?: unknown }
>();

const nothing = () => ({ dispose: () => {} });

export const workspace = {
  isTrusted: true,
  workspaceFolders: undefined,
  onDidChangeConfiguration: nothing,
  onDidGrantWorkspaceTrust: nothing,
  getConfiguration: () => ({
    get: (name: string) => {
      const { globalValue, workspaceValue, workspaceFolderValue } = settings.get(name) ?? {};
      return workspaceFolderValue ?? workspaceValue ?? globalValue;
    },
    inspect: (name: string) => settings.get(name),
  }),
};
