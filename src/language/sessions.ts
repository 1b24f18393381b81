import { unwatchFile, watchFile } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Problem, Progress, RecordingState } from '../contract/values';
import type { ActiveRecording, RecordOptions } from '../recorder/active-recording';
import { decodeAsOf } from './file-source';
import { RecordingSource } from './recording-source';
import { CaptureSession, type CaptureSource, notOnDisk, stampOf } from './session';

export interface SessionNews {
  onProgress(uri: string, progress: Progress): void;
  onFinished(uri: string, session: CaptureSession): void;
  onFailed(uri: string, problem: Problem): void;
  /** How far a recording is; the session tells how it ends. */
  onRecording(uri: string, state: RecordingState): void;
  /** The file is not what was read any more. */
  onStale(uri: string, problem: Problem): void;
  /** Nobody holds the session any more; what was published about it can go. */
  onClosed(uri: string): void;
}

export interface SessionsOptions {
  /** How long a session that nobody holds stays, in case somebody comes back; milliseconds. */
  readonly lingerMs?: number;
  /** How often the file of an open session is looked at, milliseconds. */
  readonly watchMs?: number;
}

export interface CaptureFiles {
  readonly path: string;
  /** The key log that the capture was read with. */
  readonly keyLogFile: string | null;
  readonly recorded: boolean;
  /** What it was read with. */
  readonly settings: ReadingSettings;
}

/** Settings that a capture is read with. */
interface ReadingSettings {
  /** Most that a compressed capture is unpacked to; undefined: as much as is right by default. */
  readonly unpackedMegabytes: number | undefined;
  /** What is spoken on ports of servers, as the user wrote it. */
  readonly decodeAs: readonly string[];
}

interface Held {
  session: CaptureSession;
  readonly path: string;
  keyLogFile: string | null;
  settings: ReadingSettings;
  holders: number;
  linger: NodeJS.Timeout | undefined;
  readonly watcher: () => void;
  told: boolean;
  /** Runs, or has ended. */
  readonly recording?: ActiveRecording;
}

/** The captures that are open, by URI. A capture is read once however many look at it. */
export class Sessions {
  readonly #held = new Map<string, Held>();
  readonly #news: SessionNews;
  readonly #lingerMs: number;
  readonly #watchMs: number;

  constructor(news: SessionNews, options: SessionsOptions = {}) {
    this.#news = news;
    this.#lingerMs = options.lingerMs ?? 10_000;
    this.#watchMs = options.watchMs ?? 2_000;
  }

  /** Most that a compressed capture is unpacked to, for captures that are read from now on. */
  unpackedMegabytes: number | undefined;

  /** What is spoken on ports of servers, as the user wrote it, for captures that are read from now on. */
  decodeAs: readonly string[] = [];

  get size(): number {
    return this.#held.size;
  }

  find(uri: string): CaptureSession | undefined {
    return this.#held.get(uri)?.session;
  }

  /**
   * Holds the session of a capture, reading the file if it is not open yet. Every `open` needs a {@link close}.
   *
   * @param keyLogFile undefined keeps what an open session has; a different file reads the capture again.
   * @throws {CaptureFileError} when `uri` is not a file on disk.
   */
  open(uri: string, keyLogFile?: string | null): CaptureSession {
    const known = this.#held.get(uri);
    if (known) {
      clearTimeout(known.linger);
      known.holders++;
      const recording = known.recording !== undefined && known.session.state === 'reading';
      // A recording cannot be read from its beginning again while it runs.
      if (keyLogFile !== undefined && this.#isOther(known, keyLogFile) && !recording) {
        known.keyLogFile = keyLogFile;
        this.#restart(uri, known);
      } else if (known.session.state !== 'reading') {
        // Whoever joins late missed the news: they are told again, after the answer to this.
        setImmediate(() => this.#announce(uri, known.session));
      }
      return known.session;
    }
    return this.#hold(uri, pathOf(uri), keyLogFile ?? null, this.#settings).session;
  }

  /** Whether the capture would be read otherwise than it was. */
  #isOther(known: Held, keyLogFile: string | null): boolean {
    const { unpackedMegabytes, decodeAs } = known.settings;
    return (
      keyLogFile !== known.keyLogFile ||
      this.unpackedMegabytes !== unpackedMegabytes ||
      this.decodeAs.join() !== decodeAs.join()
    );
  }

  get #settings(): ReadingSettings {
    const { unpackedMegabytes, decodeAs } = this;
    return { unpackedMegabytes, decodeAs };
  }

  /**
   * Begins to record into a file, and holds its session; needs a {@link close}.
   *
   * @param begin starts the recording into the file of this path, with these listeners and the user's word on ports.
   * @throws what `begin` throws; {@link CaptureFileError} when `uri` is not a file on disk.
   */
  async record(
    uri: string,
    keyLogFile: string | null,
    begin: (
      path: string,
      how: Pick<RecordOptions, 'onTrace' | 'onState' | 'places' | 'decodeAs'>,
    ) => Promise<ActiveRecording>,
  ): Promise<void> {
    const path = pathOf(uri);
    const source = new RecordingSource();
    const settings = this.#settings;
    let tell = () => {};
    const recording = await begin(path, {
      places: source.places,
      decodeAs: decodeAsOf(settings.decodeAs),
      onTrace: source.onTrace,
      onState: () => {
        source.onState();
        tell();
      },
    });
    tell = () => this.#news.onRecording(uri, recording.state);
    const whole = source.of(recording, path, settings.decodeAs);
    this.#hold(uri, path, keyLogFile, settings, recording, whole);
  }

  /** Ends a recording. */
  stop(uri: string): void {
    this.#held.get(uri)?.recording?.stop();
  }

  /** Where a session's capture and its key log are, and whether it was recorded here; undefined when it is not open. */
  filesOf(uri: string): CaptureFiles | undefined {
    const held = this.#held.get(uri);
    if (!held) return undefined;
    const { path, session, recording, settings } = held;
    return { path, keyLogFile: session.keyLogFile, recorded: recording !== undefined, settings };
  }

  #hold(
    uri: string,
    path: string,
    keyLogFile: string | null,
    settings: ReadingSettings,
    recording?: ActiveRecording,
    source?: CaptureSource,
  ): Held {
    const held: Held = {
      session: this.#start(uri, path, keyLogFile, settings, source),
      path,
      keyLogFile,
      settings,
      holders: 1,
      linger: undefined,
      watcher: () => void this.#look(uri),
      told: false,
      recording,
    };
    this.#held.set(uri, held);
    // Polling, because it survives renames, network drives and a file that comes back; one stat per interval.
    watchFile(path, { interval: this.#watchMs, persistent: false }, held.watcher);
    return held;
  }

  close(uri: string): void {
    const held = this.#held.get(uri);
    if (!held || held.holders === 0) return;
    held.holders--;
    if (held.holders > 0) return;
    clearTimeout(held.linger);
    held.linger = setTimeout(() => this.#drop(uri), this.#lingerMs);
    held.linger.unref();
  }

  /** Stops reading, or recording. */
  cancel(uri: string): void {
    const held = this.#held.get(uri);
    if (held?.recording && held.session.state === 'reading') held.recording.stop();
    else held?.session.cancel();
  }

  /** Reads the file again. */
  reload(uri: string): void {
    const held = this.#held.get(uri);
    if (!held || (held.recording && held.session.state === 'reading')) return;
    this.#restart(uri, held);
  }

  dispose(): void {
    for (const uri of [...this.#held.keys()]) this.#drop(uri);
  }

  #start(
    uri: string,
    path: string,
    keyLogFile: string | null,
    settings: ReadingSettings,
    source?: CaptureSource,
  ): CaptureSession {
    const current = (session: CaptureSession) => this.#held.get(uri)?.session === session;
    const session: CaptureSession = new CaptureSession(
      path,
      { keyLogFile, source, ...settings },
      {
        onProgress: (progress) => {
          if (current(session)) this.#news.onProgress(uri, progress);
        },
        onFinished: (finished) => {
          if (current(session)) this.#news.onFinished(uri, finished);
        },
        onFailed: (problem) => {
          if (current(session)) this.#news.onFailed(uri, problem);
        },
      },
    );
    return session;
  }

  #announce(uri: string, session: CaptureSession): void {
    if (this.#held.get(uri)?.session !== session) return;
    if (session.problem) this.#news.onFailed(uri, session.problem);
    else this.#news.onFinished(uri, session);
  }

  #restart(uri: string, held: Held): void {
    held.session.dispose();
    held.told = false;
    held.settings = this.#settings;
    held.session = this.#start(uri, held.path, held.keyLogFile, held.settings);
  }

  async #look(uri: string): Promise<void> {
    const held = this.#held.get(uri);
    if (!held || held.told || held.session.state === 'reading') return;
    const { session } = held;
    const changed = await session.changed();
    if (!changed || held.told || this.#held.get(uri)?.session !== session) return;
    held.told = true;
    this.#news.onStale(uri, await staleness(held.path));
  }

  #drop(uri: string): void {
    const held = this.#held.get(uri);
    if (!held) return;
    clearTimeout(held.linger);
    unwatchFile(held.path, held.watcher);
    held.session.dispose();
    this.#held.delete(uri);
    this.#news.onClosed(uri);
  }
}

async function staleness(path: string): Promise<Problem> {
  return (await stampOf(path)) === null
    ? {
        code: 'FILE_GONE',
        message: 'The file was deleted or moved. What is shown is what was read before.',
        next: 'Put the file back and choose "Read again", or close this editor.',
      }
    : {
        code: 'FILE_CHANGED',
        message: 'The file has changed on disk. What is shown is what was read before.',
        next: 'Choose "Read again" to see it as it is now.',
      };
}

function pathOf(uri: string): string {
  try {
    return fileURLToPath(uri);
  } catch {
    throw notOnDisk(uri);
  }
}
