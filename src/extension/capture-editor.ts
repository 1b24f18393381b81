import * as vscode from 'vscode';
import { message } from '../base/shown/outlets';
import {
  type CaptureToHost,
  type CaptureToWebview,
  type CaptureViewState,
  captureToHost,
  captureToWebview,
} from '../contract/capture-editor';
import type { Peer } from '../contract/rpc';
import type { SaveForm } from '../contract/values';
import { confirmReveal } from './confirm-reveal';
import { inform } from './say/messages';
import { fileName, type Services } from './services';
import { affectsReading, readingSettings } from './settings';
import type { ViewStates } from './view-states';
import { openPage } from './webview-page';

/** One open editor of a capture: passes questions to the language server and news to the page. It knows nothing itself. */
export class CaptureEditor {
  readonly #services: Services;
  readonly #uri: vscode.Uri;
  readonly #key: string;
  readonly #states: ViewStates;
  readonly #peer: Peer<CaptureToHost, CaptureToWebview>;
  readonly #disposables: { dispose(): unknown }[] = [];
  #revealed = false;
  #opened = false;
  #traces = -1;
  #reading = false;
  #chosen: { id: string; step: number | null } | undefined;

  constructor(services: Services, states: ViewStates, uri: vscode.Uri, panel: vscode.WebviewPanel) {
    this.#services = services;
    this.#states = states;
    this.#uri = uri;
    this.#key = uri.toString();
    const page = openPage(
      panel.webview,
      services.extensionUri,
      { name: 'capture', title: fileName(uri) },
      captureToHost,
      captureToWebview,
      services.log,
    );
    this.#peer = page.peer;
    this.#disposables.push(
      page,
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (affectsReading(event)) void this.#ready();
      }),
    );
    this.#serve();
    page.load();
  }

  get uri(): vscode.Uri {
    return this.#uri;
  }

  /** The handshake that is open; undefined while the list is. */
  get chosenId(): string | undefined {
    return this.#chosen?.id;
  }

  dispose(): void {
    for (const disposable of this.#disposables.splice(0)) disposable.dispose();
    if (!this.#opened) return;
    this.#opened = false;
    void this.#services.language().then((service) => service.tell('handshake/close', this.#key));
  }

  /** Saves what is shown, if it is a recording; asks in which form, unless that is said. */
  async saveRecording(form: SaveForm | null = null): Promise<void> {
    if (!this.#services.recordingFiles.has(this.#uri)) {
      void inform(message`This capture is a file already: only a recording is saved.`);
      return;
    }
    try {
      const file = await (await this.#services.recordings()).save(this.#uri, form);
      if (file !== undefined) this.#peer.notify('saved', { file });
    } catch (error) {
      this.#services.report(error);
    }
  }

  #serve(): void {
    const peer = this.#peer;
    const uri = this.#key;
    const language = () => this.#services.language();
    const shown = (reveal: boolean) => reveal && this.#revealed;

    peer.onRequest('page', async (page) => (await language()).request('handshake/page', { uri, ...page }));
    peer.onRequest('trace', async ({ id, reveal }) =>
      (await language()).request('handshake/trace', { uri, id, reveal: shown(reveal) }),
    );
    peer.onRequest('bytes', async ({ id, step, reveal }) =>
      (await language()).request('handshake/bytes', { uri, id, step, reveal: shown(reveal) }),
    );
    peer.onRequest('reveal', async () => {
      this.#revealed ||= await confirmReveal();
      return { revealed: this.#revealed };
    });
    peer.onNotification('ready', () => void this.#ready());
    peer.onNotification(
      'cancel',
      () => void language().then((service) => service.tell('handshake/cancel', uri)),
    );
    peer.onNotification('reload', () => void this.#reload());
    peer.onNotification('select', ({ id, step }) => {
      this.#chosen = id === null ? undefined : { id, step };
    });
    peer.onNotification('persist', (state) => void this.#states.write(uri, state));
    peer.onNotification('openText', ({ id, step }) => {
      void this.#services.annotatedText
        .show(this.#uri, id, step)
        .then(undefined, (error) => this.#services.report(error));
    });
    peer.onNotification('showStates', ({ id }) => {
      void this.#services.showCaptureStates(this.#uri, id).catch((error) => this.#services.report(error));
    });
    peer.onNotification('stop', () => void language().then((service) => service.tell('handshake/stop', uri)));
    peer.onNotification('save', ({ form }) => void this.saveRecording(form));
    peer.onNotification('copy', ({ text }) => void vscode.env.clipboard.writeText(text));
  }

  /** The page is there, for the first time or after it was hidden or reloaded. */
  async #ready(): Promise<void> {
    // A page that starts anew knows of no handshake.
    this.#traces = -1;
    this.#init();
    try {
      if (this.#uri.scheme !== 'file') {
        this.#peer.notify('failed', {
          code: 'NOT_A_FILE',
          message: `A capture is read from disk, and "${this.#uri.scheme}:" is not on disk.`,
          next: 'Save the file to a folder of this machine and open it from there.',
        });
        return;
      }
      await this.#open();
    } catch (error) {
      this.#fail(error);
    }
  }

  #init(): void {
    const state = this.#states.read(this.#key) as CaptureViewState | null;
    const unsaved = this.#services.recordingFiles.isUnsaved(this.#uri);
    this.#peer.notify('init', { file: fileName(this.#uri), state, revealed: this.#revealed, unsaved });
  }

  async #open(): Promise<void> {
    const service = await this.#services.language();
    if (!this.#opened) {
      this.#disposables.push(
        service.listen(this.#key, {
          onProgress: ({ uri: _uri, ...progress }) => {
            this.#reading = true;
            this.#peer.notify('progress', progress);
            if (progress.traces !== this.#traces) this.#peer.notify('traces', { total: progress.traces });
            this.#traces = progress.traces;
          },
          onFinished: ({ capture, summary, total, cancelled, revised, renamed }) => {
            const reading = this.#traces >= 0 && this.#reading;
            this.#reading = false;
            this.#traces = total;
            // The page starts anew where the rows that it has are out of date, and stays at the handshake that was chosen.
            if (reading && revised) this.#init();
            this.#peer.notify('finished', { capture, summary, total, cancelled });
            // What was chosen while reading is asked for again: its bytes can be had now, and its id may be another.
            const chosen = this.#chosen;
            if (reading && chosen)
              this.#peer.notify('focus', { ...chosen, id: renamed[chosen.id] ?? chosen.id });
          },
          onFailed: ({ code, message, next }) => this.#peer.notify('failed', { code, message, next }),
          onRecording: ({ uri: _uri, ...state }) => this.#peer.notify('recording', state),
          onStale: ({ code, message, next }) => this.#peer.notify('stale', { code, message, next }),
          onRestarted: () => void this.#reopen(),
        }),
      );
    }
    const held = this.#opened;
    this.#opened = true;
    await service.request('handshake/open', { uri: this.#key, ...readingSettings() });
    // One hold for this editor, however often its page starts anew.
    if (held) await service.tell('handshake/close', this.#key);
  }

  async #reload(): Promise<void> {
    this.#traces = -1;
    this.#chosen = undefined;
    const service = await this.#services.language();
    await service.tell('handshake/reload', this.#key);
  }

  /** The server lost everything: what it held for this editor is held again. */
  async #reopen(): Promise<void> {
    try {
      const service = await this.#services.language();
      await service.request('handshake/open', { uri: this.#key, ...readingSettings() });
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#peer.notify('failed', {
      code: 'NOT_STARTED',
      message: `The language server does not answer: ${error instanceof Error ? error.message : String(error)}`,
      next: 'Choose "Read again"; the output channel "Handshake Inspector" has the details.',
    });
  }
}
