import type * as vscode from 'vscode';
import { logEntry, message } from '../base/shown/outlets';
import { AnnotatedText } from './annotated-text';
import { HostList } from './host-list';
import { LabController } from './lab-controller';
import type { LanguageService } from './language-service';
import { Passwords } from './passwords';
import { RecordingFiles } from './recording-files';
import type { Recordings } from './recordings';
import { type Run, Runs } from './runs';
import { Log } from './say/log';
import { complain, warn } from './say/messages';
import type { StatePanel } from './state-panel';

/** What the parts of the extension share. Whatever is heavy is loaded when it is first asked for. */
export class Services {
  readonly extensionUri: vscode.Uri;
  readonly workspaceState: vscode.Memento;
  readonly log: Log;
  readonly runs = new Runs();
  readonly lab = new LabController((entry) => this.log.info(logEntry(`lab ${entry}`)));
  readonly hosts = new HostList(this.lab, this.runs);
  readonly passwords: Passwords;
  readonly annotatedText: AnnotatedText;
  readonly recordingFiles: RecordingFiles;
  #language: Promise<LanguageService> | undefined;
  #statePanel: Promise<StatePanel> | undefined;
  #recordings: Promise<Recordings> | undefined;
  #cancelRun: (() => void) | undefined;

  constructor(context: vscode.ExtensionContext) {
    this.extensionUri = context.extensionUri;
    this.workspaceState = context.workspaceState;
    this.log = new Log('Handshake Inspector');
    this.passwords = new Passwords(context.secrets, context.globalState);
    this.recordingFiles = new RecordingFiles(context.storageUri, context.globalStorageUri);
    this.annotatedText = new AnnotatedText(() => this.language(), this.runs);
  }

  /** The language server, started at the first call. */
  language(): Promise<LanguageService> {
    this.#language ??= this.#startLanguage();
    return this.#language;
  }

  /** In turns of their own: the protocol, its client and the start of a process together keep the thread for tens of milliseconds. */
  async #startLanguage(): Promise<LanguageService> {
    await import('vscode-languageserver-protocol/node');
    await nextTurn();
    const { LanguageService } = await import('./language-service');
    await nextTurn();
    return new LanguageService(this.extensionUri, this.log);
  }

  statePanel(): Promise<StatePanel> {
    this.#statePanel ??= import('./state-panel').then(({ StatePanel }) => new StatePanel(this));
    return this.#statePanel;
  }

  recordings(): Promise<Recordings> {
    this.#recordings ??= import('./recordings').then(({ Recordings }) => new Recordings(this));
    return this.#recordings;
  }

  async showRunStates(run: Run): Promise<void> {
    const [panel, { runSubject }] = await Promise.all([this.statePanel(), import('./state-subjects')]);
    await panel.focus();
    await panel.show(runSubject(run, this));
  }

  async showCaptureStates(uri: vscode.Uri, id: string): Promise<void> {
    const [panel, { captureSubject }] = await Promise.all([this.statePanel(), import('./state-subjects')]);
    const subject = await captureSubject(uri, id, this);
    await panel.focus();
    await panel.show(subject);
  }

  /** Tests the host of an id; says so when there is none any more. Never rejects. */
  async runTest(hostId: string): Promise<void> {
    const host = this.hosts.find(hostId);
    if (!host) {
      void warn(message`This host is not configured any more. Choose another one.`);
      return;
    }
    const { connectTest } = await import('./connect-test');
    await connectTest(this, host);
  }

  /** One test at a time: whoever starts one leaves the way to stop it. */
  set cancelling(cancel: (() => void) | undefined) {
    this.#cancelRun = cancel;
  }

  get running(): boolean {
    return this.#cancelRun !== undefined;
  }

  cancelRun(): void {
    this.#cancelRun?.();
  }

  /** Shows an error that nobody else handles. */
  report(error: unknown): void {
    this.log.error(error);
    void complain(message(error instanceof Error ? error.message : String(error)));
  }

  async dispose(): Promise<void> {
    this.cancelRun();
    this.hosts.dispose();
    this.annotatedText.dispose();
    await this.#recordings?.then((recordings) => recordings.dispose());
    const language = this.#language?.then((service) => service.dispose()).catch(() => {});
    await Promise.all([language, this.lab.dispose()]);
    this.log.dispose();
  }
}

/** Lets whoever waits for this thread have it. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The last part of a URI's path. */
export function fileName(uri: vscode.Uri): string {
  return uri.path.slice(uri.path.lastIndexOf('/') + 1);
}
