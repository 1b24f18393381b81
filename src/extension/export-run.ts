import * as vscode from 'vscode';
import { recordingsToPcapng } from '../inspect/export';
import { CAPTURE_EDITOR } from './ids';
import type { Run } from './runs';

/** Saves what a run sent and received as a capture that any tool reads, after saying what is in it. */
export async function exportRun(run: Run): Promise<void> {
  const save = 'Save';
  const chosen = await vscode.window.showWarningMessage(
    'Save this run as a capture?',
    {
      modal: true,
      detail:
        'The file holds everything that crossed the wire and the TLS secrets to read it: password exchanges too.',
    },
    save,
  );
  if (chosen !== save) return;
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const name = `${run.hostName.replace(/[^\w.-]+/g, '-')}-${run.number}.pcapng`;
  const uri = await vscode.window.showSaveDialog({
    defaultUri: folder ? vscode.Uri.joinPath(folder, name) : undefined,
    filters: { Capture: ['pcapng'] },
    title: 'Save Run as Capture',
  });
  if (!uri) return;
  await vscode.workspace.fs.writeFile(uri, recordingsToPcapng(run.recordings));
  await vscode.commands.executeCommand('vscode.openWith', uri, CAPTURE_EDITOR);
}
