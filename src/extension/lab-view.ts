import * as vscode from 'vscode';
import { together } from '../base/shown/gate';
import { type MessageText, message } from '../base/shown/outlets';
import type { Protocol } from '../trace/model';
import { LAB_PROTOCOLS, type LabController } from './lab-controller';
import { treeItem } from './say/views';

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
    const server = this.#lab.running(lab);
    const description = server
      ? message`${server.host}:${server.port}${faultPart(server.fault)}`
      : message`stopped`;
    return treeItem({
      id: `lab.${lab}`,
      label: message(NAMES[lab]),
      contextValue: `lab.${server ? 'running' : 'stopped'}${lab === 'postgres' ? '.faults' : ''}`,
      icon: server
        ? new vscode.ThemeIcon('vm-running', new vscode.ThemeColor('testing.iconPassed'))
        : new vscode.ThemeIcon('vm-outline'),
      description,
      tooltip: server
        ? together(
            [
              ...faultLines(server.fault),
              message`Accounts, for trying things out only:`,
              ...server.accounts.map(accountLine),
            ],
            '\n',
          )
        : message`Answers on loopback as a real server would; nothing to install.`,
      spoken: message`${NAMES[lab]} lab server, ${description}`,
    });
  }
}

function faultPart(fault: { readonly title: string } | undefined): string {
  return fault ? ` · fault: ${fault.title}` : '';
}

function faultLines(fault: { readonly title: string } | undefined): MessageText[] {
  return fault ? [message`Misbehaves on purpose: ${fault.title}.`, message``] : [];
}

function accountLine({
  user,
  password,
  note,
}: {
  user: string;
  password: string;
  note: string;
}): MessageText {
  return message`${user} / ${password}${note ? `: ${note}` : ''}`;
}
