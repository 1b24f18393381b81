/** Quick picks, input boxes and file dialogs: prompts can hold links and labels icons, so that all of their text went through a gate. */
import * as vscode from 'vscode';
import type { FileNameText, MessageText } from '../../base/shown/outlets';

/** What can be chosen; other properties are the caller's own. */
export interface Pick {
  readonly label: MessageText;
  readonly description?: MessageText;
  readonly detail?: MessageText;
  readonly picked?: boolean;
  readonly alwaysShow?: boolean;
}

export interface PickOptions {
  readonly title: MessageText;
  readonly placeHolder?: MessageText;
  readonly matchOnDescription?: boolean;
  readonly matchOnDetail?: boolean;
}

/** A page that takes the focus late must not close a question: Escape does. */
const STAYS = { ignoreFocusOut: true };

/** @returns undefined when the user changed their mind. */
export async function pickOne<Item extends Pick>(
  items: readonly Item[],
  options: PickOptions,
): Promise<Item | undefined> {
  return vscode.window.showQuickPick<Item>([...items], { ...options, ...STAYS });
}

export async function pickMany<Item extends Pick>(
  items: readonly Item[],
  options: PickOptions,
): Promise<Item[] | undefined> {
  return vscode.window.showQuickPick<Item>([...items], { ...options, ...STAYS, canPickMany: true });
}

export interface InputOptions {
  readonly title: MessageText;
  readonly prompt: MessageText;
  readonly placeHolder?: MessageText;
  /** What stands in the box already: text to be changed, shown as it is. */
  readonly value?: string;
  readonly password?: boolean;
  readonly check?: (text: string) => MessageText | undefined;
}

/** @returns undefined when the user changed their mind. */
export async function askText(
  { check, ...options }: InputOptions,
  token?: vscode.CancellationToken,
): Promise<string | undefined> {
  return vscode.window.showInputBox({ ...options, ...STAYS, validateInput: check }, token);
}

/** @param folder absent lets the system choose, without a name. */
export async function askWhereToSave(options: {
  readonly title: MessageText;
  readonly folder: vscode.Uri | undefined;
  readonly name: FileNameText;
  readonly endings: string[];
}): Promise<vscode.Uri | undefined> {
  const { title, folder, name, endings } = options;
  return vscode.window.showSaveDialog({
    title,
    defaultUri: folder && vscode.Uri.joinPath(folder, name),
    filters: { Capture: endings },
  });
}

export async function askWhichFile(
  title: MessageText,
  filters: Record<string, string[]>,
): Promise<vscode.Uri | undefined> {
  return (await vscode.window.showOpenDialog({ title, filters }))?.[0];
}
