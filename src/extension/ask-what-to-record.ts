import * as vscode from 'vscode';
import { DEFAULT_PORTS, MAX_PORTS_LENGTH, parsePorts } from '../contract/ports';
import type { NetworkInterface } from '../contract/values';

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
  const chosen = await vscode.window.showQuickPick(
    sorted.map((one) => ({
      name: one.name,
      label: labelOf(one),
      description: describe(one),
      detail: explain(one),
    })),
    {
      title: remote ? `Record on Interface of the Remote Machine (${remote})` : 'Record on Interface',
      placeHolder: remote
        ? 'Interface of the machine where VS Code runs the extension, not of the one you sit at'
        : 'Interface of this machine',
      matchOnDescription: true,
      ignoreFocusOut: true,
    },
  );
  if (!chosen) return undefined;
  const known = memento.get<unknown>(LAST_PORTS);
  const ports = await vscode.window.showInputBox({
    title: `Record on ${chosen.label}`,
    prompt: 'TCP ports to record, of either side: numbers and ranges, such as 5432, 6000-6010',
    value: typeof known === 'string' && known.length <= MAX_PORTS_LENGTH ? known : DEFAULT_PORTS,
    validateInput: (text) => parsePorts(text).error,
    ignoreFocusOut: true,
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

function describe(one: NetworkInterface): string {
  const title = one.title === labelOf(one) ? null : one.title;
  return [title, one.addresses.slice(0, 3).join(', ')].filter((part) => part).join(' · ');
}

function explain({ all, loopback }: NetworkInterface): string | undefined {
  if (all) return 'Every interface, loopback included';
  if (loopback) return 'Connections of this machine with itself';
  return undefined;
}
