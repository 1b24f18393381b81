import * as vscode from 'vscode';
import type { Peer } from '../contract/rpc';
import {
  type StateToHost,
  type StateToWebview,
  type StateViewState,
  stateToHost,
  stateToWebview,
} from '../contract/state-panel';
import type { Problem, StepBytes } from '../contract/values';
import { stateGraphOf } from '../inspect/graphs';
import type { Protocol, Step, Trace } from '../trace/model';
import { redactStep } from '../trace/redact';
import { confirmReveal } from './confirm-reveal';
import { COMMANDS } from './ids';
import type { Services } from './services';
import { panelStates, type ViewStates } from './view-states';
import { openPage } from './webview-page';

/** What the panel shows: the connections of a run, or a handshake of a capture with those it tries again. */
export interface StateSubject {
  /** Names it among the kept view states. */
  readonly key: string;
  readonly origin: string;
  readonly hostId: string | null;
  readonly protocol: Protocol;
  traces(reveal: boolean): Promise<readonly Trace[]>;
  bytes(id: string, step: number, reveal: boolean): Promise<StepBytes>;
  openText(): Promise<void>;
}

type StatePeer = Peer<StateToHost, StateToWebview>;

/** The state panel. It remembers what it shows, because its page comes and goes with the view. */
export class StatePanel {
  readonly #services: Services;
  readonly #states: ViewStates;
  #peer: StatePeer | undefined;
  #view: vscode.WebviewView | undefined;
  #subject: StateSubject | undefined;
  #running: { hostId: string; name: string; protocol: Protocol } | undefined;
  #steps: { attempt: number; step: Step }[] = [];
  #problem: Problem | undefined;
  #revealed = false;

  constructor(services: Services) {
    this.#services = services;
    this.#states = panelStates(services.workspaceState);
    services.hosts.onDidChange(() => this.#sendHosts());
  }

  resolve(view: vscode.WebviewView): void {
    const page = openPage(
      view.webview,
      this.#services.extensionUri,
      { name: 'states', title: 'States' },
      stateToHost,
      stateToWebview,
      this.#services.log,
    );
    this.#view = view;
    this.#peer = page.peer;
    this.#serve(page.peer);
    view.onDidDispose(() => {
      page.dispose();
      if (this.#peer === page.peer) {
        this.#peer = undefined;
        this.#view = undefined;
      }
    });
    page.load();
  }

  async show(subject: StateSubject): Promise<void> {
    this.#subject = subject;
    this.#running = undefined;
    this.#problem = undefined;
    this.#revealed = false;
    await this.#sendSubject();
  }

  /** Brings the view to the front. */
  async focus(): Promise<void> {
    if (this.#view) this.#view.show(true);
    else await vscode.commands.executeCommand('handshakeInspector.states.focus');
  }

  /** A run begins: its steps follow. */
  begin(hostId: string, name: string, protocol: Protocol): void {
    this.#running = { hostId, name, protocol };
    this.#steps = [];
    this.#problem = undefined;
    this.#peer?.notify('running', { ...this.#running, graph: stateGraphOf(protocol) });
  }

  step(attempt: number, step: Step): void {
    if (!this.#running) return;
    // What is secret in it can be revealed when the run is over.
    const shown = { attempt, step: redactStep(step) };
    this.#steps.push(shown);
    this.#peer?.notify('step', shown);
  }

  fail(problem: Problem): void {
    this.#running = undefined;
    this.#problem = problem;
    this.#peer?.notify('failed', problem);
  }

  #serve(peer: StatePeer): void {
    peer.onRequest('bytes', async ({ id, step, reveal }) => {
      if (!this.#subject) return { hex: '', total: 0, masked: [], note: 'Nothing is shown.' };
      return this.#subject.bytes(id, step, reveal && this.#revealed);
    });
    peer.onRequest('reveal', async () => {
      if (!this.#revealed && (await confirmReveal())) {
        this.#revealed = true;
        await this.#sendSubject();
      }
      return { revealed: this.#revealed };
    });
    peer.onNotification('ready', () => void this.#sendAll());
    peer.onNotification('runAgain', ({ hostId }) => void this.#services.runTest(hostId));
    peer.onNotification('cancelRun', () => this.#services.cancelRun());
    peer.onNotification('select', () => {});
    peer.onNotification('persist', (state) => {
      if (this.#subject) void this.#states.write(this.#subject.key, state);
    });
    peer.onNotification('configureHosts', () => void vscode.commands.executeCommand(COMMANDS.editHosts));
    peer.onNotification('copy', ({ text }) => void vscode.env.clipboard.writeText(text));
    peer.onNotification('openText', () => {
      void this.#subject?.openText().catch((error) => this.#services.report(error));
    });
  }

  async #sendAll(): Promise<void> {
    this.#sendHosts();
    await this.#sendSubject();
    if (this.#problem) this.#peer?.notify('failed', this.#problem);
    if (!this.#running) return;
    this.#peer?.notify('running', { ...this.#running, graph: stateGraphOf(this.#running.protocol) });
    for (const step of this.#steps) this.#peer?.notify('step', step);
  }

  #sendHosts(): void {
    this.#peer?.notify('hosts', { hosts: this.#services.hosts.summaries() });
  }

  async #sendSubject(): Promise<void> {
    const subject = this.#subject;
    const peer = this.#peer;
    if (!subject || !peer) return;
    try {
      const traces = await subject.traces(this.#revealed);
      if (traces.length === 0 || subject !== this.#subject) return;
      peer.notify('show', {
        origin: subject.origin,
        hostId: subject.hostId,
        traces: [...traces],
        graph: stateGraphOf(subject.protocol),
        state: this.#states.read(subject.key) as StateViewState | null,
        revealed: this.#revealed,
      });
    } catch (error) {
      this.#services.report(error);
    }
  }
}
