import * as vscode from 'vscode';

/** Asks before secrets are shown: they stay on screen for whoever looks over a shoulder or at a shared screen. */
export async function confirmReveal(): Promise<boolean> {
  const show = 'Show Secrets';
  const chosen = await vscode.window.showWarningMessage(
    'Show passwords, proofs, keys and nonces of this view?',
    {
      modal: true,
      detail: 'They are shown until the view is closed. Copied text and the annotated text stay masked.',
    },
    show,
  );
  return chosen === show;
}
