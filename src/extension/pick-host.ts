import { type MessageText, message } from '../base/shown/outlets';
import { TargetError, targetFromUri } from '../live/target';
import type { Protocol } from '../trace/model';
import { accountOf } from './account';
import type { HostEntry, HostList } from './host-list';
import { askText, type Pick, pickOne } from './say/questions';

interface HostPick extends Pick {
  readonly host?: HostEntry;
}

/** What the host is picked for. */
export interface PickFor {
  readonly title: MessageText;
  /** Only hosts of this protocol. */
  readonly protocol?: Protocol;
}

/** Asks which host to test: one of the settings, one of the lab, or a URI typed now. */
export async function pickHost(
  hosts: HostList,
  { title, protocol }: PickFor = { title: message`Connect Test` },
): Promise<HostEntry | undefined> {
  const summaries = new Map(hosts.summaries().map((host) => [host.id, host]));
  const entries = hosts.entries().filter((host) => protocol === undefined || host.protocol === protocol);
  const picks = entries.map((host): HostPick => {
    const last = summaries.get(host.id)?.last;
    return {
      label: host.kind === 'lab' ? message`$(beaker) ${host.name}` : message`$(database) ${host.name}`,
      description: message(host.address || 'starts now'),
      detail: last ? message(last.verdict) : undefined,
      host,
    };
  });
  const typed: HostPick = {
    label: message`$(edit) Type a URI…`,
    description: protocol === 'postgres' ? message`postgresql://…` : message`postgresql://… or mongodb://…`,
    alwaysShow: true,
  };
  const chosen = await pickOne<HostPick>([...picks, typed], {
    title,
    placeHolder: message`Choose a host to test`,
    matchOnDescription: true,
  });
  if (!chosen) return undefined;
  return chosen.host ?? typeUri(hosts, title);
}

async function typeUri(hosts: HostList, title: MessageText): Promise<HostEntry | undefined> {
  const uri = await askText({
    title,
    prompt: message`Connection URI. Leave the password out: it is asked for when the server wants one.`,
    placeHolder: message`postgresql://app_user@db.example.com:5432/app?sslmode=verify-full`,
    check: (value) => (value.trim() === '' ? undefined : uriProblem(value.trim())),
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
function uriProblem(uri: string): MessageText | undefined {
  try {
    targetFromUri(uri);
    return undefined;
  } catch (error) {
    if (error instanceof TargetError) return message(error.message);
    throw error;
  }
}
