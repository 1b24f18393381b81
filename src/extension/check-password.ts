import type * as vscode from 'vscode';
import { message } from '../base/shown/outlets';
import { type CheckableLogin, checkableLogin } from './recorded-login';
import { inform, warn } from './say/messages';
import { askText, type Pick, pickOne } from './say/questions';
import type { Services } from './services';
import { readingSettings } from './settings';

/** Handshakes that are offered; a capture may hold very many. */
const OFFERED = 500;

interface LoginPick extends Pick {
  readonly login: CheckableLogin;
}

type Language = Awaited<ReturnType<Services['language']>>;

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
  await service.request('handshake/open', { uri, ...readingSettings() });
  try {
    const open = chosen === undefined ? null : await loginOf(service, uri, chosen);
    const login = open ?? (await pickLogin(service, uri));
    if (!login) return;
    const password = await askText({
      title: message`Check Password: ${login.id}`,
      prompt: message`Password that user "${login.user}" may have used. It is compared here and not kept.`,
      password: true,
    });
    if (password === undefined) return;
    const { right, sentence } = await login.check(password);
    if (right) void inform(message(sentence));
    else void warn(message(sentence));
  } finally {
    await service.tell('handshake/close', uri);
  }
}

async function loginOf(service: Language, uri: string, id: string): Promise<CheckableLogin | null> {
  const { trace } = await service.request('handshake/trace', { uri, id, reveal: true });
  const readStep = (step: number) => service.request('handshake/bytes', { uri, id, step, reveal: true });
  return trace && checkableLogin(trace, readStep);
}

/** The logins of the capture that can be checked; the only one is taken. */
async function pickLogin(service: Language, uri: string): Promise<CheckableLogin | undefined> {
  const { rows } = await service.request('handshake/page', { uri, offset: 0, limit: OFFERED });
  const picks: LoginPick[] = [];
  for (const row of rows) {
    if (row.mechanism === null) continue;
    const login = await loginOf(service, uri, row.id);
    if (login)
      picks.push({ login, label: message`${row.id}  ${login.user}`, description: message(login.method) });
  }
  if (picks.length === 0) {
    void inform(
      message`No login with a password can be checked here: there is none, or it is inside TLS and no key log is set.`,
    );
    return undefined;
  }
  if (picks.length === 1) return picks[0].login;
  const chosen = await pickOne(picks, {
    title: message`Check Password`,
    placeHolder: message`Which login?`,
  });
  return chosen?.login;
}
