import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { KeyLog } from '../tls/keylog';
import { CaptureFileError, describeFileError } from './errors';

/** A key log grows by a few lines per connection; past this it is something else. */
const MAX_KEY_LOG = 64 << 20;

/**
 * Reads an NSS key log file (as written through SSLKEYLOGFILE or libpq's `sslkeylogfile`).
 *
 * @throws {CaptureFileError} when it cannot be read or holds no secret at all.
 */
export async function readKeyLog(path: string): Promise<KeyLog> {
  let text: Uint8Array;
  try {
    const { size } = await stat(path);
    if (size > MAX_KEY_LOG) {
      throw new CaptureFileError('KEYLOG_TOO_LARGE', `${basename(path)} is too large to be a TLS key log.`);
    }
    text = await readFile(path);
  } catch (error) {
    throw error instanceof CaptureFileError ? error : describeFileError(path, error);
  }
  const keyLog = KeyLog.parse(text).value;
  if (keyLog.empty) {
    throw new CaptureFileError(
      'KEYLOG_EMPTY',
      `${basename(path)} holds no TLS secret; a key log has lines such as CLIENT_RANDOM followed by two hex values.`,
    );
  }
  return keyLog;
}
