import * as vscode from 'vscode';
import { message } from '../base/shown/outlets';
import type { HostSummary } from '../contract/values';
import type { Outcome } from '../trace/model';
import type { HostList } from './host-list';
import { COMMANDS } from './ids';
import { treeItem } from './say/views';

/** Icon and colour of a result; a host that was not tested shows what it is instead. */
const RESULT_ICONS: Readonly<Record<Outcome, readonly [icon: string, color: string]>> = {
  ready: ['pass', 'testing.iconPassed'],
  failed: ['error', 'testing.iconFailed'],
  cancel: ['circle-slash', 'testing.iconSkipped'],
  encrypted: ['lock', 'testing.iconQueued'],
  incomplete: ['question', 'testing.iconQueued'],
};

const PROTOCOL_NAMES = { postgres: 'PostgreSQL', mongodb: 'MongoDB' } as const;

/** The Hosts view: configured hosts first, then the lab's. */
export class HostsView implements vscode.TreeDataProvider<HostSummary> {
  readonly onDidChangeTreeData: vscode.Event<void>;
  readonly #hosts: HostList;

  constructor(hosts: HostList) {
    this.#hosts = hosts;
    this.onDidChangeTreeData = hosts.onDidChange;
  }

  getChildren(parent?: HostSummary): HostSummary[] {
    return parent ? [] : this.#hosts.summaries();
  }

  getTreeItem(host: HostSummary): vscode.TreeItem {
    const { id, name, last } = host;
    const where = host.address || 'not running';
    const kind = PROTOCOL_NAMES[host.protocol];
    return treeItem({
      id,
      label: message(name),
      contextValue: `host.${host.kind}.${host.protocol}${last ? '.tested' : ''}`,
      spoken: message`${name}, ${kind}, ${where}, ${last ? last.verdict : 'not tested'}`,
      ...(last
        ? {
            icon: resultIcon(last.outcome),
            description: message(last.verdict),
            tooltip: message`${kind}, ${where}\n${last.verdict}`,
            command: { command: COMMANDS.showStates, title: 'Show States', arguments: [host] },
          }
        : {
            icon: new vscode.ThemeIcon(host.kind === 'lab' ? 'beaker' : 'database'),
            description: message(host.address || 'starts when tested'),
            tooltip: message`${kind}, ${host.address || 'not running; Connect Test starts it'}`,
          }),
    });
  }
}

function resultIcon(outcome: Outcome): vscode.ThemeIcon {
  const [icon, color] = RESULT_ICONS[outcome];
  return new vscode.ThemeIcon(icon, new vscode.ThemeColor(color));
}
