import * as vscode from 'vscode';
import type { Protocol } from '../trace/model';
import { LAB_PROTOCOLS, type LabController } from './lab-controller';

/** One lab server, as commands get it from the view. */
export interface LabItem {
  readonly lab: Protocol;
}

const NAMES: Readonly<Record<Protocol, string>> = { postgres: 'PostgreSQL', mongodb: 'MongoDB (mongos)' };

/** The Lab view: the two servers, each with start or stop inline. */
export class LabView implements vscode.TreeDataProvider<LabItem> {
  readonly onDidChangeTreeData: vscode.Event<void>;
  readonly #lab: LabController;

  constructor(lab: LabController) {
    this.#lab = lab;
    this.onDidChangeTreeData = lab.onDidChange;
  }

  getChildren(parent?: LabItem): LabItem[] {
    return parent ? [] : LAB_PROTOCOLS.map((lab) => ({ lab }));
  }

  getTreeItem({ lab }: LabItem): vscode.TreeItem {
    const item = new vscode.TreeItem(NAMES[lab]);
    const server = this.#lab.running(lab);
    item.id = `lab.${lab}`;
    item.contextValue = server ? 'lab.running' : 'lab.stopped';
    item.iconPath = server
      ? new vscode.ThemeIcon('vm-running', new vscode.ThemeColor('testing.iconPassed'))
      : new vscode.ThemeIcon('vm-outline');
    item.description = server ? `${server.host}:${server.port}${faultPart(server.fault)}` : 'stopped';
    item.contextValue += lab === 'postgres' ? '.faults' : '';
    item.tooltip = server
      ? [
          ...faultLines(server.fault),
          'Accounts, for trying things out only:',
          ...server.accounts.map(accountLine),
        ].join('\n')
      : 'Answers on loopback as a real server would; nothing to install.';
    item.accessibilityInformation = { label: `${NAMES[lab]} lab server, ${item.description}` };
    return item;
  }
}

function faultPart(fault: { readonly title: string } | undefined): string {
  return fault ? ` · fault: ${fault.title}` : '';
}

function faultLines(fault: { readonly title: string } | undefined): string[] {
  return fault ? [`Misbehaves on purpose: ${fault.title}.`, ''] : [];
}

function accountLine({ user, password, note }: { user: string; password: string; note: string }): string {
  return `${user} / ${password}${note ? `: ${note}` : ''}`;
}
