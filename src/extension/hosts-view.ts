import * as vscode from 'vscode';
import type { HostSummary } from '../contract/values';
import type { Outcome } from '../trace/model';
import type { HostList } from './host-list';
import { COMMANDS } from './ids';

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
    const item = new vscode.TreeItem(host.name);
    item.id = host.id;
    item.contextValue = `host.${host.kind}.${host.protocol}${host.last ? '.tested' : ''}`;
    const kind = PROTOCOL_NAMES[host.protocol];
    if (host.last) {
      const [icon, color] = RESULT_ICONS[host.last.outcome];
      item.iconPath = new vscode.ThemeIcon(icon, new vscode.ThemeColor(color));
      item.description = host.last.verdict;
      item.tooltip = `${kind}, ${host.address || 'not running'}\n${host.last.verdict}`;
      item.command = { command: COMMANDS.showStates, title: 'Show States', arguments: [host] };
    } else {
      item.iconPath = new vscode.ThemeIcon(host.kind === 'lab' ? 'beaker' : 'database');
      item.description = host.address || 'starts when tested';
      item.tooltip = `${kind}, ${host.address || 'not running; Connect Test starts it'}`;
    }
    item.accessibilityInformation = {
      label: `${host.name}, ${kind}, ${host.address || 'not running'}, ${host.last ? host.last.verdict : 'not tested'}`,
    };
    return item;
  }
}
