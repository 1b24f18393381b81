/** Notifications, dialogs and progress. VS Code makes links of `[text](command:…)` in them: only what went through the gate is shown. */
import * as vscode from 'vscode';
import type { MessageText } from '../../base/shown/outlets';

/** A button's words are ours; whoever asks compares with them. */
type Answer<Buttons extends readonly string[]> = Promise<Buttons[number] | undefined>;

export async function inform<const Buttons extends readonly string[]>(
  text: MessageText,
  ...buttons: Buttons
): Answer<Buttons> {
  return vscode.window.showInformationMessage(text, ...buttons);
}

export async function warn<const Buttons extends readonly string[]>(
  text: MessageText,
  ...buttons: Buttons
): Answer<Buttons> {
  return vscode.window.showWarningMessage(text, ...buttons);
}

export async function complain<const Buttons extends readonly string[]>(
  text: MessageText,
  ...buttons: Buttons
): Answer<Buttons> {
  return vscode.window.showErrorMessage(text, ...buttons);
}

/** A question that has to be answered first. */
export async function confirm<const Buttons extends readonly string[]>(
  text: MessageText,
  detail: MessageText | undefined,
  ...buttons: Buttons
): Answer<Buttons> {
  return vscode.window.showWarningMessage(text, { modal: true, detail }, ...buttons);
}

/** What could not be done, with all there is to say about it. */
export async function complainAtLength<const Buttons extends readonly string[]>(
  text: MessageText,
  detail: MessageText,
  ...buttons: Buttons
): Answer<Buttons> {
  return vscode.window.showErrorMessage(text, { modal: true, detail }, ...buttons);
}

/** @param increment percent of the whole. */
export type ReportProgress = (text: MessageText, increment?: number) => void;

/** A notification while something goes on. @param abort absent where nothing can be cancelled. */
export async function withProgress<Result>(
  title: MessageText,
  task: (report: ReportProgress) => Promise<Result>,
  abort?: () => void,
): Promise<Result> {
  const options = {
    location: vscode.ProgressLocation.Notification,
    title,
    cancellable: abort !== undefined,
  };
  return vscode.window.withProgress(options, (progress, token) => {
    if (abort) token.onCancellationRequested(abort);
    return task((text, increment) => progress.report({ message: text, increment }));
  });
}
