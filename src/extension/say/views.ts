/** Rows of the side bar and the status bar. */
import * as vscode from 'vscode';
import type { MessageText } from '../../base/shown/outlets';

export interface Row {
  readonly id: string;
  readonly label: MessageText;
  readonly description: MessageText;
  /** Shown as plain text. */
  readonly tooltip: MessageText;
  /** What a screen reader says. */
  readonly spoken: MessageText;
  readonly icon: vscode.ThemeIcon;
  readonly contextValue: string;
  readonly command?: vscode.Command;
}

export function treeItem({ label, spoken, icon, ...row }: Row): vscode.TreeItem {
  const accessibilityInformation = { label: spoken };
  return Object.assign(new vscode.TreeItem(label), { ...row, iconPath: icon, accessibilityInformation });
}

/** An entry of the status bar; shown from its first text on. */
export class StatusEntry {
  readonly #item: vscode.StatusBarItem;

  constructor(id: string, name: MessageText, command: string) {
    this.#item = vscode.window.createStatusBarItem(id, vscode.StatusBarAlignment.Left, 50);
    this.#item.name = name;
    this.#item.command = command;
  }

  show(text: MessageText, tooltip: MessageText): void {
    this.#item.text = text;
    this.#item.tooltip = tooltip;
    this.#item.show();
  }

  dispose(): void {
    this.#item.dispose();
  }
}
