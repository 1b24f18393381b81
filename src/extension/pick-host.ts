import * as vscode from 'vscode';
import { TargetError, targetFromUri } from '../live/target';
import type { Protocol } from '../trace/model';
import { accountOf } from './account';
import type { HostEntry, HostList } from './host-list';

interface HostPick extends vscode.QuickPickItem {
  readonly host?: HostEntry;
}

/** What the host is picked for. */
export interface PickFor {
  readonly title: string;
  /** Only hosts of this protocol. */
  readonly protocol?: Protocol;
}

/** Asks which host to test: one of the settings, one of the lab, or a URI typed now. */
export async function pickHost(
  hosts: HostList,
  { title, protocol }: PickFor = { title: 'Connect Test' },
): Promise<HostEntry | undefined> {
  const summaries = new Map(hosts.summaries().map((host) => [host.id, host]));
  const entries = hosts.entries().filter((host) => protocol === undefined || host.protocol === protocol);
  const picks = entries.map(
    (host): HostPick => ({
      label: `$(${host.kind === 'lab' ? 'beaker' : 'database'}) ${host.name}`,
      description: host.address || 'starts now',
      detail: summaries.get(host.id)?.last?.verdict,
      host,
    }),
  );
  const typed: HostPick = {
    label: '$(edit) Type a URI…',
    description: protocol === 'postgres' ? 'postgresql://…' : 'postgresql://… or mongodb://…',
    alwaysShow: true,
  };
  const chosen = await vscode.window.showQuickPick<HostPick>([...picks, typed], {
    title,
    placeHolder: 'Choose a host to test',
    matchOnDescription: true,
    // A webview that takes the focus late must not close the question.
    ignoreFocusOut: true,
  });
  if (!chosen) return undefined;
  return chosen.host ?? typeUri(hosts, title);
}

async function typeUri(hosts: HostList, title: string): Promise<HostEntry | undefined> {
  const uri = await vscode.window.showInputBox({
    title,
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
