import { REMARK_WORDS, type RemarkCode } from '../diagnosis/words/en/remarks';
import { stepWords } from '../diagnosis/words/en/steps';
import type { Recording } from '../inspect/recording';
import type { CauseParams } from '../trace/diagnosis';
import type { LocalEvent } from '../trace/local';
import type { Protocol, TraceError } from '../trace/model';
import type { RunContext } from './attempt';
import type { ErrorPlace } from './errors';
import type { ConnectionRecorder } from './recorder';

/** What a run tells while it goes on. */
export interface Progress {
  /** Name of the client's state, or `resolve` before there is one. */
  readonly state: string;
  readonly message: string;
  /** Connections made so far, counted from 0. */
  readonly attempt: number;
}

/** Shared by runs, it keeps one wrong password from becoming several failed logins: servers may lock an account for them. */
export interface PasswordGuard {
  /** A server refused the password: it is not given again. */
  refused: boolean;
}

export interface RunSettings {
  readonly signal?: AbortSignal;
  readonly timeoutMs: number;
  onProgress?(progress: Progress): void;
  onState?(state: string): void;
  /** `prompt` names the user and the server. */
  askPassword?(prompt: string, signal: AbortSignal): Promise<string | undefined>;
  readonly passwordGuard?: PasswordGuard;
}

/** One Connect Test in progress: its recordings, the password once it was given, and what to tell whom. */
export class Run {
  readonly #recorders: ConnectionRecorder[] = [];
  readonly #settings: RunSettings;
  #notes: LocalEvent[] = [];
  #asked: Promise<string | undefined> | undefined;
  /** Set once a password was given. */
  password: string | undefined;
  /** Hosts that there are to try: those of the connection string, or of the SRV record that it names. */
  hosts = 1;
  readonly #remarks: { readonly code: RemarkCode; readonly params: CauseParams }[] = [];
  #unfit: TraceError | null = null;
  readonly #targets: string[] = [];
  #cancelled = false;
  #promptMs = 0;
  /** The server tried last. */
  #target = '';

  /** @param prompt what to ask for, such as `Password of app_user`; where it is wanted is added. */
  constructor(
    settings: RunSettings,
    private readonly prompt: string,
    /** Called after every change, so that steps can be shown while they happen. */
    private readonly onChange: () => void,
  ) {
    this.#settings = settings;
  }

  get signal(): AbortSignal | undefined {
    return this.#settings.signal;
  }

  get passwordGuard(): PasswordGuard | undefined {
    return this.#settings.passwordGuard;
  }

  get timeoutMs(): number {
    return this.#settings.timeoutMs;
  }

  /** Milliseconds that count: a clock that stands still while a person is asked. */
  get clock(): number {
    return performance.now() - this.#promptMs;
  }

  get cancelled(): boolean {
    return this.#cancelled || (this.signal?.aborted ?? false);
  }

  set cancelled(value: boolean) {
    this.#cancelled = value;
  }

  get recordings(): Recording[] {
    return this.#recorders.map((recorder) => recorder.recording());
  }

  /** What the user calls the server of each recording: `host:port`. */
  get targets(): readonly string[] {
    return this.#targets;
  }

  /** What is added to the verdict: it does not end the run. */
  remark(code: RemarkCode, params: CauseParams): void {
    this.#remarks.push({ code, params });
  }

  /** What no application gets past, though this connection was opened: the run has failed. Whatever comes besides is added. */
  fail(code: RemarkCode, params: CauseParams): void {
    if (this.#unfit) this.remark(code, params);
    else this.#unfit = { from: 'server', code, message: REMARK_WORDS[code](params) };
  }

  /** Why an application cannot work with what was opened; null where nothing says so. */
  get unfit(): TraceError | null {
    return this.#unfit;
  }

  /** The remarks as sentences, each behind a space. */
  get remarks(): string {
    return this.#remarks.map(({ code, params }) => ` ${REMARK_WORDS[code](params)}`).join('');
  }

  /** The next attempt's recording begins with what led to it. */
  addRecorder(recorder: ConnectionRecorder): void {
    this.#targets.push(this.#target);
    this.#recorders.push(recorder);
    for (const note of this.#notes) recorder.local(note);
    this.#notes = [];
    this.onChange();
  }

  /** Something to tell at the start of the next recording. */
  note(message: string, summary: string, source?: string, kind: LocalEvent['kind'] = 'note'): void {
    const fields = source === undefined ? {} : { fields: [{ name: 'as in', value: source }] };
    this.#notes.push({ kind, message, summary, ...fields });
  }

  progress(state: string, message: string): void {
    this.#settings.onProgress?.({ state, message, attempt: Math.max(0, this.#recorders.length - 1) });
    this.onChange();
  }

  /** Names a server; it is the one that a password is asked for from now on. */
  place(host: string, port: number, product: ErrorPlace['product']): ErrorPlace {
    this.#target = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
    return { host, port, product, target: this.#target };
  }

  context(protocol: Protocol): Omit<RunContext, 'onRecorder'> {
    return {
      signal: this.signal,
      timeoutMs: this.timeoutMs,
      askPassword: (signal) => this.#askPassword(signal),
      onState: (state) => {
        this.#settings.onState?.(state);
        this.progress(state, stepWords(protocol, state));
      },
    };
  }

  /** A person is asked at most once in a run. */
  #askPassword(signal: AbortSignal): Promise<string | undefined> {
    if (this.passwordGuard?.refused) return Promise.resolve(undefined);
    const since = performance.now();
    const prompt = this.#target === '' ? this.prompt : `${this.prompt} on ${this.#target}`;
    if (!this.#asked) this.progress('password', 'the server wants a password');
    this.#asked ??= Promise.resolve(this.#settings.askPassword?.(prompt, signal)).then((given) => {
      this.#promptMs += performance.now() - since;
      this.password = given;
      return given;
    });
    return this.#asked;
  }
}
