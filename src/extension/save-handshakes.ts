import * as vscode from 'vscode';
import { type MessageText, message } from '../base/shown/outlets';
import { offerToOpen, refuseNoDisk } from './saved-capture';
import { savedName } from './saved-name';
import { inform, withProgress } from './say/messages';
import { askWhereToSave, type Pick, pickOne } from './say/questions';
import { fileName, type Services } from './services';
import { readingSettings } from './settings';

type Form = 'handshakes' | 'redacted';

const TITLE = message`Save Handshakes`;

/**
 * Copies handshakes of a capture into a pcapng file of their own: which, in which form and where to is asked, the language server reads
 * and writes.
 *
 * @param chosen id of the handshake that is open in the editor
 */
export async function saveHandshakes(
  services: Services,
  capture: vscode.Uri,
  chosen: string | undefined,
): Promise<void> {
  const uri = capture.toString();
  const service = await services.language();
  // Held until it is saved: the editor may be closed meanwhile.
  const { state } = await service.request('handshake/open', { uri, ...readingSettings() });
  try {
    const { total, complete } = await service.request('handshake/page', { uri, offset: 0, limit: 1 });
    if (state === 'failed') {
      throw new Error('This capture could not be read. Do what its editor says, then save.');
    }
    const known = complete && state !== 'cancelled';
    if (known && total === 0) {
      void inform(message`This capture has no handshake to save.`);
      return;
    }
    const id = chosen === undefined ? null : await askWhich(chosen, known ? total : null);
    if (id === undefined) return;
    const form = await askForm(id);
    if (form === undefined) return;
    const target = await askWhereToSave({
      title: titleOf(id),
      folder: vscode.Uri.joinPath(capture, '..'),
      name: savedName(fileName(capture), form, id),
      endings: ['pcapng'],
    });
    if (!target) return;
    refuseNoDisk(target);
    await withProgress(message`Saving ${fileName(target)}`, () =>
      service.request('handshake/save', { uri, target: target.fsPath, form, id }),
    );
    void offerToOpen(target, form);
  } finally {
    await service.tell('handshake/close', uri);
  }
}

function titleOf(id: string | null): MessageText {
  return message`${TITLE}: ${id ?? 'All'}`;
}

/**
 * @param total handshakes of the capture; null while it has not been read to its end.
 * @returns null for all; undefined when the user changed their mind.
 */
async function askWhich(chosen: string, total: number | null): Promise<string | null | undefined> {
  const all = total === null ? message`` : message`${total.toLocaleString('en')} of this capture`;
  const picks: readonly (Pick & { id: string | null })[] = [
    { id: chosen, label: message`Selected Handshake`, description: message(chosen) },
    { id: null, label: message`All Handshakes`, description: all },
  ];
  return (await pickOne(picks, { title: TITLE }))?.id;
}

async function askForm(id: string | null): Promise<Form | undefined> {
  const forms: readonly (Pick & { form: Form })[] = [
    {
      form: 'handshakes',
      label: message`As They Are`,
      detail: message`Their packets with the TLS secrets that are known: holds passwords`,
    },
    {
      form: 'redacted',
      label: message`Redacted`,
      detail: message`The same without passwords, proofs and names, every length kept: to share`,
    },
  ];
  const placeHolder = id === null ? message`To save one alone, select it in the list first` : undefined;
  return (await pickOne(forms, { title: titleOf(id), placeHolder }))?.form;
}
