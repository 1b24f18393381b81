import { message } from '../base/shown/outlets';
import { confirm } from './say/messages';

/** Asks before secrets are shown: they stay on screen for whoever looks over a shoulder or at a shared screen. */
export async function confirmReveal(): Promise<boolean> {
  const show = 'Show Secrets';
  const chosen = await confirm(
    message`Show passwords, proofs, keys and nonces of this view?`,
    message`They are shown until the view is closed. Copied text and the annotated text stay masked.`,
    show,
  );
  return chosen === show;
}
