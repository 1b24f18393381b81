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
export const ConfigurationTarget = { Global: 1, Workspace: 2, WorkspaceFolder: 3 } as const;

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
export const settings = new Map<string, Scopes>();
interface Scopes {
  globalValue?: unknown;
  workspaceValue?: unknown;
  workspaceFolderValue?: unknown;
}

const SCOPES = { 1: 'globalValue', 2: 'workspaceValue', 3: 'workspaceFolderValue' } as const;

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const nothing = () => ({ dispose: () => {} });

export const workspace = {
  isTrusted: true,
  workspaceFolders: undefined as unknown[] | undefined,
  onDidChangeConfiguration: nothing,
  onDidGrantWorkspaceTrust: nothing,
  getConfiguration: () => ({
    get: (name: string) => {
      const { globalValue, workspaceValue, workspaceFolderValue } = settings.get(name) ?? {};
      const values = [globalValue, workspaceValue, workspaceFolderValue].filter((one) => one !== undefined);
      // Objects of several scopes are merged, the narrower scope's entries winning.
      return values.length > 0 && values.every(isObject) ? Object.assign({}, ...values) : values.at(-1);
    },
    update: async (name: string, value: unknown, target: keyof typeof SCOPES) => {
      settings.set(name, { ...settings.get(name), [SCOPES[target]]: value });
    },
    inspect: (name: string) => settings.get(name),
  }),
};
