import * as vscode from 'vscode';
import { TargetError, targetFromUri } from '../live/target';
import { accountOf } from './account';
import type { HostEntry, HostList } from './host-list';

interface HostPick extends vscode.QuickPickItem {
  readonly host?: HostEntry;
}

/** Asks which host to test: one of the settings, one of the lab, or a URI typed now. */
export async function pickHost(hosts: HostList): Promise<HostEntry | undefined> {
  const summaries = new Map(hosts.summaries().map((host) => [host.id, host]));
  const picks = hosts.entries().map(
    (host): HostPick => ({
      label: `$(${host.kind === 'lab' ? 'beaker' : 'database'}) ${host.name}`,
      description: host.address || 'starts now',
      detail: summaries.get(host.id)?.last?.verdict,
      host,
    }),
  );
  const typed: HostPick = {
    label: '$(edit) Type a URI…',
    description: 'postgresql://… or mongodb://…',
    alwaysShow: true,
  };
  const chosen = await vscode.window.showQuickPick<HostPick>([...picks, typed], {
    title: 'Connect Test',
    placeHolder: 'Choose a host to test',
    matchOnDescription: true,
  });
  if (!chosen) return undefined;
  return chosen.host ?? typeUri(hosts);
}

async function typeUri(hosts: HostList): Promise<HostEntry | undefined> {
  const uri = await vscode.window.showInputBox({
    title: 'Connect Test',
    prompt: 'Connection URI. Leave the password out: it is asked for when the server wants one.',
    placeHolder: 'postgresql://app_user@db.example.com:5432/app?sslmode=verify-full',
    ignoreFocusOut: true,
    validateInput: (value) => (value.trim() === '' ? undefined : uriProblem(value.trim())),
  });
  if (!uri?.trim()) return undefined;
  const text = uri.trim();
  const target = targetFromUri(text);
  const { key, name, address } = accountOf(target);
  return hosts.typed({
    id: `uri:${key}`,
    name,
    protocol: target.protocol,
    kind: 'typed',
    address,
    uri: () => Promise.resolve(text),
  });
}

/** What the test itself would say about the URI. */
function uriProblem(uri: string): string | undefined {
  try {
    targetFromUri(uri);
    return undefined;
  } catch (error) {
    if (error instanceof TargetError) return error.message;
    throw error;
  }
}
