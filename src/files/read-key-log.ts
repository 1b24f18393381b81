import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { KeyLog } from '../tls/keylog';
import { CaptureFileError } from './errors';
import { fsPath, shownPath } from './path-bytes';

/** A key log grows by a few lines per connection; past this it is something else. */
const MAX_KEY_LOG = 64 << 20;

/** What may not be read is said in words; of the rest the system's own are given. */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'may not be read by this user; check its permissions.',
  EPERM: 'may not be read by this user; check its permissions.',
  EISDIR: 'is a folder; name the file in it.',
};

/**
 * Reads an NSS key log file (as written through SSLKEYLOGFILE or libpq's `sslkeylogfile`).
 *
 * @throws {CaptureFileError} when it cannot be read or holds no secret at all. Its message names the file as the key log, by its whole
 * path: it is seldom beside the capture, and must not be taken for it.
 */
export async function readKeyLog(path: string): Promise<KeyLog> {
  const refuse = (code: string, reason: string) =>
    new CaptureFileError(code, `The TLS key log ${shownPath(resolve(path))} ${reason}`);
  let text: Uint8Array;
  try {
    const { size } = await stat(fsPath(path));
    if (size > MAX_KEY_LOG) throw refuse('KEYLOG_TOO_LARGE', 'is too large to be one; name another file.');
    text = await readFile(fsPath(path));
  } catch (error) {
    if (error instanceof CaptureFileError) throw error;
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') {
      throw refuse('KEYLOG_MISSING', 'does not exist; check the path, or let the client write it first.');
    }
    throw refuse('KEYLOG_UNREADABLE', REASONS[code] ?? `could not be read: ${message}`);
  }
  const keyLog = KeyLog.parse(text).value;
  if (keyLog.empty) {
    throw refuse(
      'KEYLOG_EMPTY',
      'holds no TLS secret; a key log has lines such as CLIENT_RANDOM followed by two hex values.',
    );
  }
  return keyLog;
}
