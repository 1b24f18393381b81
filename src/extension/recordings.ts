import * as vscode from 'vscode';
import { type MessageText, message } from '../base/shown/outlets';
import type { NewsParams } from '../contract/language';
import { namedPorts, parsePorts, portsText } from '../contract/ports';
import type { RecordingState, RecordProblem, SaveForm } from '../contract/values';
import { askWhatToRecord } from './ask-what-to-record';
import { CAPTURE_EDITOR, COMMANDS } from './ids';
import { offerToOpen, refuseNoDisk } from './saved-capture';
import { recordingName } from './saved-name';
import { complainAtLength, inform, warn } from './say/messages';
import { askWhereToSave, type Pick, pickOne } from './say/questions';
import { StatusEntry } from './say/views';
import { fileName, type Services } from './services';
import { readingSettings, readRecordingLimits } from './settings';
import { trusted } from './trust';

/** When an editor is moved rather than closed, its next panel is there after this. */
const MOVED_MS = 1_000;

interface Current {
  readonly uri: vscode.Uri;
  readonly interface: string;
  readonly status: StatusEntry;
  readonly listener: vscode.Disposable;
  /** Resolves when it is over. */
  readonly over: Promise<void>;
}

/** Recording on an interface as a person sees it: what to record, the status bar while it runs, saving, and what goes with the editor. */
export class Recordings {
  readonly #services: Services;
  #current: Current | undefined;
  #starting = false;

  constructor(services: Services) {
    this.#services = services;
  }

  /** Asks what to record, begins, and opens it. One recording at a time. */
  async start(): Promise<void> {
    if (this.#current) return this.#tellRunning(this.#current);
    if (this.#starting || !(await trusted('record'))) return;
    this.#starting = true;
    try {
      await this.#begin();
    } finally {
      this.#starting = false;
    }
  }

  async stop(): Promise<void> {
    const current = this.#current;
    if (!current) {
      void inform(message`Nothing is being recorded.`);
      return;
    }
    const service = await this.#services.language();
    await service.tell('handshake/stop', current.uri.toString());
    await current.over;
  }

  /**
   * Copies a recording to where the user says.
   *
   * @param wanted null asks.
   * @returns the file's name; undefined when the user changed their mind.
   */
  async save(uri: vscode.Uri, wanted: SaveForm | null = null): Promise<string | undefined> {
    const form = wanted ?? (await askForm());
    if (form === undefined) return undefined;
    const ending = form === 'everything' ? 'pcap' : 'pcapng';
    const target = await askWhereToSave({
      title: SAVE_TITLES[form],
      folder: vscode.workspace.workspaceFolders?.[0]?.uri,
      name: recordingName(fileName(uri), form),
      endings: [ending],
    });
    if (!target) return undefined;
    refuseNoDisk(target);
    const service = await this.#services.language();
    const key = uri.toString();
    // Held while it is read: its editor may be closed already.
    await service.request('handshake/open', { uri: key, ...readingSettings() });
    try {
      await service.request('handshake/save', { uri: key, target: target.fsPath, form, id: null });
    } finally {
      await service.tell('handshake/close', key);
    }
    // What comes after is not in the file.
    if (this.#current?.uri.toString() !== key) this.#services.recordingFiles.saved(uri);
    void offerToOpen(target, form);
    return fileName(target);
  }

  /** The last editor of a recording was closed. @param isOpen whether there is one again. */
  async closed(uri: vscode.Uri, isOpen: () => boolean): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, MOVED_MS));
    if (isOpen()) return;
    if (this.#current?.uri.toString() === uri.toString()) await this.stop();
    const files = this.#services.recordingFiles;
    const { size } = await vscode.workspace.fs.stat(uri).then(undefined, () => ({ size: 0 }));
    if (files.isUnsaved(uri) && size > EMPTY_CAPTURE && !(await this.#offerToKeep(uri))) return;
    if (!isOpen()) await files.remove(uri);
  }

  dispose(): void {
    this.#current?.status.dispose();
    this.#current?.listener.dispose();
    this.#current = undefined;
  }

  async #begin(): Promise<void> {
    const service = await this.#services.language();
    const { interfaces, problem } = await service.request('handshake/interfaces', {});
    if (problem) return showProblem(problem);
    const asked = await askWhatToRecord(interfaces, this.#services.workspaceState);
    if (!asked) return;
    const uri = await this.#services.recordingFiles.next(asked.interface);
    const current = await this.#watch(uri, asked.interface);
    const answer = await service
      .request('handshake/record', {
        uri: uri.toString(),
        interface: asked.interface,
        ports: asked.ports,
        ...readingSettings(),
        ...readRecordingLimits(),
      })
      .catch((error: unknown) => {
        this.#end(current);
        throw error;
      });
    if (answer.problem) {
      this.#end(current);
      return showProblem(answer.problem);
    }
    this.#show(current, `${asked.interface}, ${portsText(parsePorts(asked.ports).ranges)}`);
    await open(uri);
  }

  /** Follows a recording from its beginning to its end. */
  async #watch(uri: vscode.Uri, interfaceName: string): Promise<Current> {
    const service = await this.#services.language();
    const key = uri.toString();
    const status = new StatusEntry(
      'handshakeInspector.recording',
      message`Handshake Recording`,
      COMMANDS.stopRecording,
    );
    let over = () => {};
    const done = new Promise<void>((resolve) => {
      over = resolve;
    });
    const finish = (message: string | null, held = true) => {
      this.#end(current);
      over();
      if (held) void service.tell('handshake/close', key);
      if (message !== null) void tellEnd(uri, message);
    };
    const listener = service.listen(key, {
      onProgress: () => {},
      onRecording: (state) => showState(status, state),
      onFinished: (news) => finish(endOf(news)),
      onFailed: ({ message }) => finish(message),
      onStale: () => {},
      onRestarted: () => finish('The language server ended, and the recording with it.', false),
    });
    const current: Current = { uri, interface: interfaceName, status, listener, over: done };
    this.#current = current;
    return current;
  }

  #show({ status }: Current, what: string): void {
    status.show(message`$(record) Recording`, message`Recording ${what}. Click to stop.`);
    void vscode.commands.executeCommand('setContext', 'handshakeInspector.recording', true);
  }

  #end(current: Current): void {
    current.status.dispose();
    current.listener.dispose();
    if (this.#current !== current) return;
    this.#current = undefined;
    void vscode.commands.executeCommand('setContext', 'handshakeInspector.recording', false);
  }

  async #tellRunning(current: Current): Promise<void> {
    const [show, stop] = ['Show', 'Stop'];
    const chosen = await inform(
      message`${current.interface} is being recorded. Stop that before you record something else.`,
      show,
      stop,
    );
    if (chosen === show) await open(current.uri);
    if (chosen === stop) await this.stop();
  }

  /** @returns whether the file can go. */
  async #offerToKeep(uri: vscode.Uri): Promise<boolean> {
    const [save, reopen] = ['Save…', 'Reopen'];
    const chosen = await inform(
      message`The recording ${fileName(uri)} was closed unsaved: it is deleted unless you keep it now.`,
      save,
      reopen,
    );
    if (chosen === save) {
      const saved = await this.save(uri).catch((error: unknown) => this.#services.report(error));
      // Not lost because a dialog was closed.
      if (saved === undefined) await open(uri);
      return saved !== undefined;
    }
    if (chosen === reopen) await open(uri);
    return chosen !== reopen;
  }
}

/** A classic capture without a packet, bytes. */
const EMPTY_CAPTURE = 24;

async function open(uri: vscode.Uri): Promise<void> {
  await vscode.commands.executeCommand('vscode.openWith', uri, CAPTURE_EDITOR);
}

function showState(status: StatusEntry, state: RecordingState): void {
  const seconds = Math.floor(state.elapsedMs / 1000);
  const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  const counted = (count: number, what: string) =>
    `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`;
  const text = message`$(record) ${time} · ${counted(state.packets, 'packet')} · ${counted(state.traces, 'handshake')}`;
  const limit = `${Math.round(state.maxBytes / 1_000_000)} MB or ${Math.round(state.maxMs / 60_000)} minutes`;
  const tooltip = message`Recording ${state.interface}, ${namedPorts(state.ports)}, with ${state.program}. Click to stop; ends by itself at ${limit}.`;
  status.show(text, tooltip);
}

/** How a recording ended that nobody stopped; null when somebody did. */
function endOf({ capture }: NewsParams<'handshake/finished'>): string | null {
  return capture?.issues.find(({ code }) => code === 'RECORDING_ENDED')?.message ?? null;
}

async function tellEnd(uri: vscode.Uri, reason: string): Promise<void> {
  const show = 'Show';
  const chosen = await warn(message`${reason} What was recorded until then is kept.`, show);
  if (chosen === show) await open(uri);
}

/** With the command that would help, which only the user may run. */
async function showProblem({ message: what, next, command }: RecordProblem): Promise<void> {
  const copy = 'Copy Command';
  const detail = command === null ? message(next) : message`${next}\n\n${command}`;
  const chosen = await complainAtLength(message(what), detail, ...(command === null ? [] : [copy]));
  if (chosen === copy && command !== null) await vscode.env.clipboard.writeText(command);
}

const SAVE_TITLES: Readonly<Record<SaveForm, MessageText>> = {
  handshakes: message`Save the Recorded Handshakes`,
  redacted: message`Save the Recorded Handshakes, Redacted`,
  everything: message`Save All That Was Recorded`,
};

async function askForm(): Promise<SaveForm | undefined> {
  const forms: readonly (Pick & { form: SaveForm })[] = [
    {
      form: 'handshakes',
      label: message`Handshakes`,
      detail: message`Their packets with the TLS secrets that are known, as pcapng`,
    },
    {
      form: 'redacted',
      label: message`Handshakes, Redacted`,
      detail: message`The same without passwords, proofs and names, every length kept: to share`,
    },
    { form: 'everything', label: message`Everything`, detail: message`All that was recorded, as pcap` },
  ];
  return (await pickOne(forms, { title: message`Save Recording` }))?.form;
}
