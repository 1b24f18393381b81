import * as vscode from 'vscode';
import { message } from '../base/shown/outlets';
import { confirm } from './say/messages';

/** Why each needs a trusted workspace. */
const REASONS = {
  // A test sends what the workspace's settings say to where they say.
  test: 'A Connect Test opens network connections to hosts that the workspace may have chosen, so it needs a trusted workspace. Captures open without trust.',
  record:
    "Recording listens to this machine's network connections, so it needs a trusted workspace. Captures open without trust.",
} as const;

/** Asks for trust where it is missing. */
export async function trusted(what: keyof typeof REASONS): Promise<boolean> {
  if (vscode.workspace.isTrusted) return true;
  const manage = 'Manage Workspace Trust';
  const chosen = await confirm(message(REASONS[what]), undefined, manage);
  if (chosen === manage) await vscode.commands.executeCommand('workbench.trust.manage');
  return vscode.workspace.isTrusted;
}
