import * as vscode from 'vscode';
import { message } from '../base/shown/outlets';
import type { HostSummary } from '../contract/values';
import type { Protocol } from '../trace/model';
import { hostAddress, hostUri } from './host-settings';
import { LAB_PROTOCOLS, type LabController } from './lab-controller';
import type { Runs } from './runs';
import { warn } from './say/messages';
import { openSetting, pathContext, readHosts, SECTION } from './settings';

/** A host that a test can run against, and how to say so. */
export interface HostEntry {
  /** Stable: `host:NAME`, `lab:postgres`, `lab:mongodb`, or `uri:…` for a typed one. */
  readonly id: string;
  readonly name: string;
  readonly protocol: Protocol;
  readonly kind: HostSummary['kind'];
  /** `host:port` as it is shown; empty for a lab server that is not up. */
  readonly address: string;
  /** The connection URI, without a password; a lab server that is not up is started for it. */
  readonly uri: () => Promise<string>;
  /** A password that is no secret: that of a lab's own account. */
  readonly password?: () => Promise<string | undefined>;
}

const LAB_NAMES: Readonly<Record<Protocol, string>> = {
  postgres: 'Lab: PostgreSQL',
  mongodb: 'Lab: MongoDB',
};

function labHostId(protocol: Protocol): string {
  return `lab:${protocol}`;
}

/** Configured hosts and the lab servers, with the result of their last test. */
export class HostList {
  readonly #lab: LabController;
  readonly #runs: Runs;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #disposables: vscode.Disposable[];
  #typed: HostEntry | undefined;
  #complained = '';

  constructor(lab: LabController, runs: Runs) {
    this.#lab = lab;
    this.#runs = runs;
    this.#disposables = [
      this.#changed,
      lab.onDidChange(() => this.#changed.fire()),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration(`${SECTION}.hosts`)) this.#changed.fire();
      }),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.#changed.fire()),
    ];
  }

  entries(): HostEntry[] {
    const { hosts, problems } = readHosts();
    this.#complain(problems.map((problem) => problem.message));
    const configured = hosts.map(
      (host): HostEntry => ({
        id: `host:${host.name}`,
        name: host.name,
        protocol: host.protocol,
        kind: 'configured',
        address: hostAddress(host),
        uri: () => Promise.resolve(hostUri(host, pathContext())),
      }),
    );
    return [...configured, ...LAB_PROTOCOLS.map((protocol) => this.#labEntry(protocol))];
  }

  /** The entry of an id, a URI typed in this session included. */
  find(id: string): HostEntry | undefined {
    return id === this.#typed?.id ? this.#typed : this.entries().find((entry) => entry.id === id);
  }

  /** Remembers a typed URI, so that its run can be repeated. */
  typed(entry: HostEntry): HostEntry {
    this.#typed = entry;
    this.#changed.fire();
    return entry;
  }

  summaries(): HostSummary[] {
    const entries = this.#typed ? [...this.entries(), this.#typed] : this.entries();
    return entries.map(({ id, name, protocol, kind, address }) => {
      const run = this.#runs.lastOf(id);
      return {
        id,
        name,
        protocol,
        kind,
        address,
        last: run ? { outcome: run.outcome, verdict: run.verdict } : null,
      };
    });
  }

  refresh(): void {
    this.#changed.fire();
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
  }

  #labEntry(protocol: Protocol): HostEntry {
    const server = this.#lab.running(protocol);
    return {
      id: labHostId(protocol),
      name: LAB_NAMES[protocol],
      protocol,
      kind: 'lab',
      address: server ? `${server.host}:${server.port}` : '',
      uri: async () => (await this.#lab.start(protocol)).uri,
      password: async () => (await this.#lab.start(protocol)).accounts[0]?.password,
    };
  }

  /** Says once what is wrong with the setting; the hosts that are right still work. */
  #complain(messages: readonly string[]): void {
    const text = messages.join('\n');
    if (text === this.#complained) return;
    this.#complained = text;
    if (messages.length === 0) return;
    const more = messages.length > 1 ? ` (and ${messages.length - 1} more)` : '';
    const button = 'Open Setting';
    void warn(message`Setting ${SECTION}.hosts: ${messages[0]}${more}`, button).then((chosen) => {
      if (chosen === button) void openSetting('hosts');
    });
  }
}
