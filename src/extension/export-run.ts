import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { fileNameOf, message } from '../base/shown/outlets';
import { recordingsToPcapng } from '../inspect/export';
import { redactRecordings } from '../inspect/redaction/redact-recordings';
import { CAPTURE_EDITOR } from './ids';
import type { Run } from './runs';
import { confirm } from './say/messages';
import { askWhereToSave } from './say/questions';
import { writeFileAt } from './write-file';

/** Saves what a run sent and received as a capture that any tool reads, after saying what is in it. */
export async function exportRun(run: Run): Promise<void> {
  const save = 'Save';
  const redacted = 'Save Redacted';
  const chosen = await confirm(
    message`Save this run as a capture?`,
    message(
      'The file holds everything that crossed the wire and the TLS secrets to read it: password exchanges too. ' +
        'Redacted, it has the handshake with every length, without passwords, proofs and names.',
    ),
    save,
    redacted,
  );
  if (chosen === undefined) return;
  const uri = await askWhereToSave({
    title: message`Save Run as Capture`,
    folder: vscode.workspace.workspaceFolders?.[0]?.uri,
    name: fileNameOf`${run.hostName}-${run.number}.pcapng`,
    endings: ['pcapng'],
  });
  if (!uri) return;
  const recordings =
    chosen === redacted
      ? redactRecordings(run.recordings, (length) => new Uint8Array(randomBytes(length)))
      : run.recordings;
  await writeFileAt(uri, recordingsToPcapng(recordings));
  await vscode.commands.executeCommand('vscode.openWith', uri, CAPTURE_EDITOR);
}
