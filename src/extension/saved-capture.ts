import * as vscode from 'vscode';
import { message } from '../base/shown/outlets';
import type { SaveForm } from '../contract/values';
import { CAPTURE_EDITOR } from './ids';
import { inform } from './say/messages';
import { fileName } from './services';

/** The language server writes the file. @throws Error when it could not. */
export function refuseNoDisk(target: vscode.Uri): void {
  if (target.scheme === 'file') return;
  throw new Error(
    `A capture is saved to a disk, and "${target.scheme}:" is none. Choose a folder of this machine.`,
  );
}

/** Says what was saved, with what is in it, and opens it on request. */
export async function offerToOpen(target: vscode.Uri, form: SaveForm): Promise<void> {
  const openIt = 'Open';
  const holds = form === 'redacted' ? '' : ' It holds what crossed the wire, password exchanges too.';
  const chosen = await inform(message`Saved ${fileName(target)}.${holds}`, openIt);
  if (chosen === openIt) await vscode.commands.executeCommand('vscode.openWith', target, CAPTURE_EDITOR);
}
