import * as v from 'valibot';
import * as vscode from 'vscode';
import { LanguageClient, State, TransportKind } from 'vscode-languageclient/node';
import { line } from '../base/shown/outlets';
import {
  type LanguageCommand,
  type LanguageMethod,
  type LanguageNews,
  type LanguageParams,
  type LanguageResult,
  languageNews,
  languageRequests,
  type NewsParams,
} from '../contract/language';
import { TEXT_SCHEME } from '../contract/text-uri';
import type { Log } from './say/log';

/** News of one capture. */
export interface CaptureListener {
  onProgress(news: NewsParams<'handshake/progress'>): void;
  onFinished(news: NewsParams<'handshake/finished'>): void;
  onFailed(news: NewsParams<'handshake/failed'>): void;
  onStale(news: NewsParams<'handshake/stale'>): void;
  onRecording?(news: NewsParams<'handshake/recording'>): void;
  /** The server was started anew and knows nothing: open the capture again. */
  onRestarted(): void;
}

/** The language server as the extension sees it: started at the first question, its news sorted by capture. */
export class LanguageService {
  readonly #client: LanguageClient;
  readonly #started: Promise<void>;
  readonly #listeners = new Map<string, Set<CaptureListener>>();
  readonly #log: Log;

  constructor(extensionUri: vscode.Uri, log: Log) {
    this.#log = log;
    const module = vscode.Uri.joinPath(extensionUri, 'dist', 'server.js').fsPath;
    const run = { module, transport: TransportKind.ipc };
    this.#client = new LanguageClient(
      'handshakeInspector',
      'Handshake Inspector',
      { run, debug: { ...run, options: { execArgv: ['--nolazy', '--inspect=6019'] } } },
      {
        documentSelector: [{ scheme: TEXT_SCHEME, language: TEXT_SCHEME }],
        outputChannel: log.gated,
        // A capture that brings the server down four times in a row is not opened a fifth time.
        connectionOptions: { maxRestartCount: 4 },
      },
    );
    for (const name of Object.keys(languageNews) as LanguageNews[]) {
      this.#client.onNotification(name, (params: unknown) => this.#news(name, params));
    }
    let runs = 0;
    this.#client.onDidChangeState(({ newState }) => {
      if (newState !== State.Running || ++runs === 1) return;
      for (const set of [...this.#listeners.values()]) for (const one of [...set]) one.onRestarted();
    });
    this.#started = this.#client.start();
    // The first question reports it.
    this.#started.catch(() => {});
  }

  /** @throws with the server's own words. */
  async request<M extends LanguageMethod>(method: M, params: LanguageParams<M>): Promise<LanguageResult<M>> {
    await this.#started;
    const answer: unknown = await this.#client.sendRequest(method, params);
    return v.parse(languageRequests[method].result as v.GenericSchema<LanguageResult<M>>, answer);
  }

  async tell(command: LanguageCommand, uri: string): Promise<void> {
    try {
      await this.#started;
      await this.#client.sendNotification(command, { uri });
    } catch (error) {
      this.#log.warn(line`${command}: ${String(error)}`);
    }
  }

  listen(uri: string, listener: CaptureListener): vscode.Disposable {
    const set = this.#listeners.get(uri) ?? new Set();
    set.add(listener);
    this.#listeners.set(uri, set);
    return new vscode.Disposable(() => {
      set.delete(listener);
      if (set.size === 0) this.#listeners.delete(uri);
    });
  }

  async dispose(): Promise<void> {
    this.#listeners.clear();
    try {
      await this.#started;
      await this.#client.dispose();
    } catch {
      // It never started, or is gone already.
    }
  }

  #news(name: LanguageNews, params: unknown): void {
    const parsed = v.safeParse(languageNews[name], params);
    if (!parsed.success) {
      this.#log.warn(line`${name}: ${parsed.issues[0].message}`);
      return;
    }
    for (const listener of [...(this.#listeners.get(parsed.output.uri) ?? [])]) {
      switch (name) {
        case 'handshake/progress':
          listener.onProgress(parsed.output as NewsParams<'handshake/progress'>);
          break;
        case 'handshake/finished':
          listener.onFinished(parsed.output as NewsParams<'handshake/finished'>);
          break;
        case 'handshake/failed':
          listener.onFailed(parsed.output as NewsParams<'handshake/failed'>);
          break;
        case 'handshake/stale':
          listener.onStale(parsed.output as NewsParams<'handshake/stale'>);
          break;
        case 'handshake/recording':
          listener.onRecording?.(parsed.output as NewsParams<'handshake/recording'>);
          break;
        default:
          name satisfies never;
      }
    }
  }
}
