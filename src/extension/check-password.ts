import { pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';
import * as vscode from 'vscode';
import {
  checkPassword,
  type DerivePassword,
  type RecordedLogin,
  recordedLogin,
} from '../postgres/check-password';
import type { Trace } from '../trace/model';
import type { Services } from './services';
import { readKeyLogFile } from './settings';

/** Handshakes that are offered; a capture may hold very many. */
const OFFERED = 500;

const derive: DerivePassword = async ({ password, salt, iterations, length, hash }) =>
  new Uint8Array(await promisify(pbkdf2)(password, salt, iterations, length, hash));

interface LoginPick extends vscode.QuickPickItem {
  readonly id: string;
}

/**
 * Asks for a password and tells whether a login of the capture used it. Nothing goes over the network, and neither the password nor the
 * answer is kept.
 *
 * @param chosen id of the handshake that is open in the editor
 */
export async function checkRecordedPassword(
  services: Services,
  capture: vscode.Uri,
  chosen: string | undefined,
): Promise<void> {
  const uri = capture.toString();
  const service = await services.language();
  await service.request('handshake/open', { uri, keyLogFile: readKeyLogFile() });
  try {
    const trace = async (id: string): Promise<Trace | null> =>
      (await service.request('handshake/trace', { uri, id, reveal: true })).trace;
    const id = (await checkable(chosen, trace)) ?? (await pickLogin(service, uri, trace));
    if (id === undefined) return;
    const login = await loginOf(id, trace);
    if (!login) return;
    const password = await vscode.window.showInputBox({
      title: `Check Password: ${id}`,
      prompt: `Password that user "${login.user}" may have used. It is compared here and not kept.`,
      password: true,
      ignoreFocusOut: true,
    });
    if (password === undefined) return;
    const { right, sentence } = await checkPassword(login, password, derive);
    if (right) void vscode.window.showInformationMessage(sentence);
    else void vscode.window.showWarningMessage(sentence);
  } finally {
    await service.tell('handshake/close', uri);
  }
}

type ReadTrace = (id: string) => Promise<Trace | null>;

async function loginOf(id: string, read: ReadTrace): Promise<RecordedLogin | null> {
  const trace = await read(id);
  return trace && recordedLogin(trace);
}

async function checkable(id: string | undefined, read: ReadTrace): Promise<string | undefined> {
  return id !== undefined && (await loginOf(id, read)) ? id : undefined;
}

/** The logins of the capture that can be checked; the only one is taken. */
async function pickLogin(
  service: Awaited<ReturnType<Services['language']>>,
  uri: string,
  read: ReadTrace,
): Promise<string | undefined> {
  const { rows } = await service.request('handshake/page', { uri, offset: 0, limit: OFFERED });
  const picks: LoginPick[] = [];
  for (const row of rows) {
    if (row.protocol !== 'postgres' || row.mechanism === null) continue;
    const login = await loginOf(row.id, read);
    if (login) picks.push({ id: row.id, label: `${row.id}  ${login.user}`, description: login.method });
  }
  if (picks.length === 0) {
    void vscode.window.showInformationMessage(
      'No PostgreSQL login can be checked here: there is none, or it is inside TLS and no key log is set.',
    );
    return undefined;
  }
  if (picks.length === 1) return picks[0].id;
  const chosen = await vscode.window.showQuickPick(picks, {
    title: 'Check Password',
    placeHolder: 'Which login?',
  });
  return chosen?.id;
}
