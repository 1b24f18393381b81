import { issue } from '../base/issue';
import { readCapture } from '../files/read-capture';
import { readKeyLog } from '../files/read-key-log';
import { TracePlaces } from '../files/trace-places';
import type { ActiveRecording } from '../recorder/active-recording';
import type { Trace } from '../trace/model';
import { decodeAsIssue, decodeAsOf, withIssues } from './file-source';
import type { CaptureSource } from './session';

/** A recording on its way to a session: begun before there is one, and told to it from then on. */
export class RecordingSource {
  readonly places = new TracePlaces();
  /** Handshakes that ended before the session listened. */
  readonly #early: [Trace, number][] = [];
  #take: (trace: Trace, key: number) => void = (...early) => this.#early.push(early);
  #tell: () => void = () => {};

  /** For the recorder's options. */
  readonly onTrace = (trace: Trace, key: number): void => this.#take(trace, key);
  readonly onState = (): void => this.#tell();

  /**
   * The recording as a session reads it: its handshakes while it runs, and then the file as a whole, with the secrets that are known by
   * then. How it ended is one of the capture's issues.
   *
   * @param path file that is recorded into.
   * @param rows what is spoken on ports of servers, as the user wrote it when the recording began.
   */
  of(recording: ActiveRecording, path: string, rows: readonly string[]): CaptureSource {
    const read: CaptureSource['read'] = async ({ keyLogFile, signal, onTrace, onProgress }) => {
      const stop = () => recording.stop();
      signal.addEventListener('abort', stop);
      if (signal.aborted) stop();
      this.#take = onTrace;
      for (const early of this.#early.splice(0)) onTrace(...early);
      this.#tell = () => {
        const { bytes, packets, maxBytes } = recording.state;
        onProgress({ bytesRead: bytes, bytesTotal: maxBytes, packets });
      };
      const end = await recording.done;
      signal.removeEventListener('abort', stop);
      signal.throwIfAborted();
      // Nobody may have written one: then what is encrypted stays so.
      const keyLog = keyLogFile ? await readKeyLog(keyLogFile).catch(() => undefined) : undefined;
      const decodeAs = decodeAsOf(rows);
      const result = await readCapture(path, { keyLog, signal, places: this.places, decodeAs });
      const said = [];
      const senseless = decodeAsIssue(rows);
      if (senseless) said.push(senseless);
      if (end.message !== null) said.push(issue('RECORDING_ENDED', end.message));
      if (end.keyLogProblem !== null) said.push(issue('KEYLOG_TOO_LARGE', end.keyLogProblem));
      if (end.dropped > 0)
        said.push(
          issue(
            'RECORDING_DROPPED',
            `${end.dropped} packets were dropped because the machine was too busy to record them.`,
          ),
        );
      return withIssues(result, said);
    };
    return { places: this.places, read };
  }
}
