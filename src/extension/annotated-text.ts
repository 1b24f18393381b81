import * as vscode from 'vscode';
import { fileNameOf, type LineText, line } from '../base/shown/outlets';
import { captureUriOf, TEXT_ENDING, TEXT_SCHEME, textUriOf } from '../contract/text-uri';
import type { LanguageService } from './language-service';
import type { Run, Runs } from './runs';
import type { TextMaker } from './say/documents';
import { readingSettings } from './settings';

/** How a text that was made here is addressed. */
const MADE = /^text:(\d+)$/;

/** Texts that are kept; older ones say that they are gone. */
const KEPT = 20;

/** How the text of a live run is addressed: its number instead of a capture's URI. */
const RUN = /^run:(\d+)$/;

/** The read-only documents of the scheme `handshake-trace`: a capture's text from the language server, a run's from its traces. */
export class AnnotatedText implements TextMaker {
  readonly #service: () => Promise<LanguageService>;
  readonly #runs: Runs;
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#changed.event;
  readonly #made = new Map<number, LineText>();
  #count = 0;
  readonly #followed = new Map<string, vscode.Disposable>();
  readonly #closed: vscode.Disposable;

  constructor(service: () => Promise<LanguageService>, runs: Runs) {
    this.#service = service;
    this.#runs = runs;
    this.#closed = vscode.workspace.onDidCloseTextDocument(({ uri }) => this.#unfollow(uri.toString()));
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<LineText> {
    const source = captureUriOf(uri.toString());
    if (source === null) return line`This address names no capture.\n`;
    const run = RUN.exec(source);
    if (run) return this.#runText(Number(run[1]));
    const made = MADE.exec(source);
    if (made) return this.#made.get(Number(made[1])) ?? line`This text is no longer kept.\n`;
    return (await this.#captureText(uri, source)).text;
  }

  /** Opens the text of a capture, at a trace and step when they are given. */
  async show(captureUri: vscode.Uri, id: string | null, step: number | null): Promise<void> {
    const source = captureUri.toString();
    const uri = vscode.Uri.parse(textUriOf(source));
    const document = await vscode.workspace.openTextDocument(uri);
    const editor = await vscode.window.showTextDocument(document, { viewColumn: column() });
    if (id === null) return;
    const { lines, renamed } = await this.#captureText(uri, source);
    const ofTrace = lines.filter((entry) => entry.id === (renamed[id] ?? id));
    const line = ofTrace.find((entry) => entry.step === step) ?? ofTrace[0];
    if (line) reveal(editor, line.line);
  }

  /** Opens a text of its own as a read-only document. */
  async showText(title: string, text: LineText): Promise<void> {
    const number = ++this.#count;
    this.#made.set(number, text);
    this.#made.delete(number - KEPT);
    await open(title, number, `text:${number}`);
  }

  async showRun(run: Run): Promise<void> {
    await open(run.hostName, run.number, `run:${run.number}`);
  }

  dispose(): void {
    this.#closed.dispose();
    for (const followed of this.#followed.values()) followed.dispose();
    this.#changed.dispose();
  }

  async #captureText(uri: vscode.Uri, source: string) {
    const service = await this.#service();
    await service.request('handshake/open', { uri: source, ...readingSettings() });
    try {
      this.#follow(service, uri, source);
      return await service.request('handshake/text', { uri: source });
    } finally {
      await service.tell('handshake/close', source);
    }
  }

  async #runText(number: number): Promise<LineText> {
    const run = this.#runs.find(number);
    if (!run) return line`This run is no longer kept. Run the test again to see its text.\n`;
    const [{ renderDocument }, { redactTrace }] = await Promise.all([
      import('../trace/text'),
      import('../trace/redact'),
    ]);
    return renderDocument({ version: 2, capture: null, traces: run.traces.map(redactTrace) }).text;
  }

  /** Shows a capture that is read again anew. */
  #follow(service: LanguageService, uri: vscode.Uri, source: string): void {
    const key = uri.toString();
    if (this.#followed.has(key)) return;
    let reading = false;
    const changed = () => {
      if (reading) this.#changed.fire(uri);
      reading = false;
    };
    const listener = service.listen(source, {
      onProgress: () => {
        reading = true;
      },
      onFinished: changed,
      onFailed: changed,
      onStale: () => {
        reading = true;
      },
      onRestarted: () => this.#changed.fire(uri),
    });
    this.#followed.set(key, listener);
  }

  #unfollow(key: string): void {
    this.#followed.get(key)?.dispose();
    this.#followed.delete(key);
  }
}

async function open(title: string, number: number, source: string): Promise<void> {
  const name = fileNameOf(title.replace(/[^\w.-]+/g, '-'));
  const uri = vscode.Uri.parse(
    `${TEXT_SCHEME}:/${name}-${number}${TEXT_ENDING}?${encodeURIComponent(source)}`,
  );
  const document = await vscode.workspace.openTextDocument(uri);
  await vscode.window.showTextDocument(document, { viewColumn: column() });
}

function reveal(editor: vscode.TextEditor, line: number): void {
  const position = new vscode.Position(line, 0);
  editor.selection = new vscode.Selection(position, position);
  editor.revealRange(new vscode.Range(position, position), vscode.TextEditorRevealType.InCenter);
}

/** Beside what is open; in its place when nothing is, for an empty column helps nobody. */
function column(): vscode.ViewColumn {
  const open = vscode.window.tabGroups.activeTabGroup.activeTab;
  return open ? vscode.ViewColumn.Beside : vscode.ViewColumn.Active;
}
