import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { recordingsToPcapng } from '../inspect/export';
import { redactRecordings } from '../inspect/redaction/redact-recordings';
import { CAPTURE_EDITOR } from './ids';
import type { Run } from './runs';
import { writeFileAt } from './write-file';

/** Saves what a run sent and received as a capture that any tool reads, after saying what is in it. */
export async function exportRun(run: Run): Promise<void> {
  const save = 'Save';
  const redacted = 'Save Redacted';
  const chosen = await vscode.window.showWarningMessage(
    'Save this run as a capture?',
    {
      modal: true,
      detail:
        'The file holds everything that crossed the wire and the TLS secrets to read it: password exchanges too. ' +
        'Redacted, it has the handshake with every length, without passwords, proofs and names.',
    },
    save,
    redacted,
  );
  if (chosen === undefined) return;
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const name = `${run.hostName.replace(/[^\w.-]+/g, '-')}-${run.number}.pcapng`;
  const uri = await vscode.window.showSaveDialog({
    defaultUri: folder ? vscode.Uri.joinPath(folder, name) : undefined,
    filters: { Capture: ['pcapng'] },
    title: 'Save Run as Capture',
  });
  if (!uri) return;
  const recordings =
    chosen === redacted
      ? redactRecordings(run.recordings, (length) => new Uint8Array(randomBytes(length)))
      : run.recordings;
  await writeFileAt(uri, recordingsToPcapng(recordings));
  await vscode.commands.executeCommand('vscode.openWith', uri, CAPTURE_EDITOR);
}
