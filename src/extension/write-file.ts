import * as vscode from 'vscode';

/** Writes a file that a person named: on a disk whole or not at all. Elsewhere it is for the file system's provider to keep it whole. */
export async function writeFileAt(uri: vscode.Uri, content: Uint8Array): Promise<void> {
  if (uri.scheme !== 'file') return vscode.workspace.fs.writeFile(uri, content);
  const { writeWhole } = await import('../files/write-whole');
  await writeWhole(uri.fsPath, content);
}
