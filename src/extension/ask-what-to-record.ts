import * as vscode from 'vscode';
import { type MessageText, message } from '../base/shown/outlets';
import { DEFAULT_PORTS, MAX_PORTS_LENGTH, parsePorts } from '../contract/ports';
import type { NetworkInterface } from '../contract/values';
import { askText, pickOne } from './say/questions';

const LAST_INTERFACE = 'record.interface';
const LAST_PORTS = 'record.ports';

/** Asks for the interface and the ports; what was chosen last is offered first. @returns undefined when the user changed their mind. */
export async function askWhatToRecord(
  interfaces: readonly NetworkInterface[],
  memento: vscode.Memento,
): Promise<{ readonly interface: string; readonly ports: string } | undefined> {
  const last = memento.get<unknown>(LAST_INTERFACE);
  const sorted = [...interfaces].sort((a, b) => Number(b.name === last) - Number(a.name === last));
  const remote = vscode.env.remoteName;
  const chosen = await pickOne(
    sorted.map((one) => ({
      name: one.name,
      label: message(labelOf(one)),
      description: describe(one),
      detail: explain(one),
    })),
    {
      title: remote
        ? message`Record on Interface of the Remote Machine (${remote})`
        : message`Record on Interface`,
      placeHolder: remote
        ? message`Interface of the machine where VS Code runs the extension, not of the one you sit at`
        : message`Interface of this machine`,
      matchOnDescription: true,
    },
  );
  if (!chosen) return undefined;
  const known = memento.get<unknown>(LAST_PORTS);
  const ports = await askText({
    title: message`Record on ${chosen.label}`,
    prompt: message`TCP ports to record, of either side: numbers and ranges, such as 5432, 6000-6010`,
    value: typeof known === 'string' && known.length <= MAX_PORTS_LENGTH ? known : DEFAULT_PORTS,
    check: (text) => {
      const { error } = parsePorts(text);
      return error === null ? undefined : message(error);
    },
  });
  if (ports === undefined) return undefined;
  await memento.update(LAST_INTERFACE, chosen.name);
  await memento.update(LAST_PORTS, ports);
  return { interface: chosen.name, ports };
}

/** Windows names its devices by numbers that nobody knows. */
function labelOf({ name, title }: NetworkInterface): string {
  return name.startsWith('\\') && title ? title : name;
}

function describe(one: NetworkInterface): MessageText {
  const title = one.title === labelOf(one) ? null : one.title;
  return message([title, one.addresses.slice(0, 3).join(', ')].filter((part) => part).join(' · '));
}

function explain({ all, loopback }: NetworkInterface): MessageText | undefined {
  if (all) return message`Every interface, loopback included`;
  if (loopback) return message`Connections of this machine with itself`;
  return undefined;
}
