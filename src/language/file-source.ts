import { type Issue, issue } from '../base/issue';
import { CaptureFileError } from '../files/errors';
import { type CaptureResult, readCapture } from '../files/read-capture';
import { readKeyLog } from '../files/read-key-log';
import { TracePlaces } from '../files/trace-places';
import { type DecodeAs, parseDecodeAs } from '../inspect/known-servers';
import type { KeyLog } from '../tls/keylog';
import type { CaptureSource } from './session';

/** Handshakes of one capture that the editor keeps, at some ten kilobytes each; the text of more would be longer than a string can be. */
export const MAX_HANDSHAKES = 50_000;

/**
 * A capture's file as a session reads it. A key log that cannot be used does not stand in the way: before a client writes its first line
 * there is none, and what is not encrypted can be shown without.
 */
export class FileSource implements CaptureSource {
  readonly places = new TracePlaces();
  keyLogIssue: Issue | null = null;
  readonly #path: string;

  constructor(
    path: string,
    private readonly unpackedMegabytes?: number,
    private readonly decodeAs?: readonly string[],
  ) {
    this.#path = path;
  }

  readonly read: CaptureSource['read'] = async ({ keyLogFile, ...options }) => {
    const keyLog = keyLogFile ? await this.#keyLog(keyLogFile) : undefined;
    const { places, unpackedMegabytes } = this;
    const decodeAs = decodeAsOf(this.decodeAs);
    const how = { keyLog, places, unpackedMegabytes, decodeAs, mostKept: MAX_HANDSHAKES };
    const result = await readCapture(this.#path, { ...how, ...options });
    const issues = [this.keyLogIssue, decodeAsIssue(this.decodeAs)].filter((one) => one !== null);
    return issues.length > 0 ? withIssues(result, issues) : result;
  };

  async #keyLog(path: string): Promise<KeyLog | undefined> {
    try {
      return await readKeyLog(path);
    } catch (error) {
      if (!(error instanceof CaptureFileError)) throw error;
      const next = 'Check the setting handshakeInspector.keyLogFile, then choose "Read again".';
      this.keyLogIssue = issue(error.code, `${error.message} TLS stays closed. ${next}`);
      return undefined;
    }
  }
}

/** The ports that make sense; none where the user's words make none, see {@link decodeAsIssue}. */
export function decodeAsOf(rows: readonly string[] = []): DecodeAs | undefined {
  const ports = parseDecodeAs(rows);
  return typeof ports === 'string' ? undefined : ports;
}

/** What is wrong with the user's word on ports: the capture is read without it. */
export function decodeAsIssue(rows: readonly string[] = []): Issue | null {
  const ports = parseDecodeAs(rows);
  if (typeof ports !== 'string') return null;
  const next = 'Check the setting handshakeInspector.decodeAs; the capture was read without it.';
  return issue('SETTING_DECODE_AS', `${ports} ${next}`);
}

/** The same with these before the capture's own issues. */
export function withIssues(result: CaptureResult, issues: readonly Issue[]): CaptureResult {
  const { capture } = result.document;
  const all = [...issues, ...capture.issues];
  return { ...result, document: { ...result.document, capture: { ...capture, issues: all } } };
}
