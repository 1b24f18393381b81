import { type FileHandle, open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { concat } from '../base/bytes';
import { KeyLog } from '../tls/keylog';
import { CaptureFileError } from './errors';
import { fsPath, shownPath } from './path-bytes';

/** A key log grows by a few lines per connection; past this it is something else. */
const MAX_KEY_LOG = 64 << 20;

/** Bytes of one read. */
const PIECE = 1 << 16;

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
  const keyLog = KeyLog.parse(await readKeyLogBytes(path)).value;
  if (keyLog.empty) {
    throw refusal(
      path,
      'KEYLOG_EMPTY',
      'holds no TLS secret; a key log has lines such as CLIENT_RANDOM followed by two hex values.',
    );
  }
  return keyLog;
}

/**
 * The bytes of a key log, also from a pipe or a device: no more than a key log can have.
 *
 * @throws {CaptureFileError} as {@link readKeyLog}.
 */
export async function readKeyLogBytes(path: string): Promise<Uint8Array> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(fsPath(path), 'r');
    const bytes = await readUpTo(handle, MAX_KEY_LOG);
    if (bytes === undefined)
      throw refusal(path, 'KEYLOG_TOO_LARGE', 'is too large to be one; name another file.');
    return bytes;
  } catch (error) {
    if (error instanceof CaptureFileError) throw error;
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') {
      throw refusal(
        path,
        'KEYLOG_MISSING',
        'does not exist; check the path, or let the client write it first.',
      );
    }
    throw refusal(path, 'KEYLOG_UNREADABLE', REASONS[code] ?? `could not be read: ${message}`);
  } finally {
    await handle?.close();
  }
}

/** Reads to the end, piece by piece: what a pipe or a device says of its size is nothing. @returns undefined past the limit. */
async function readUpTo(handle: FileHandle, most: number): Promise<Uint8Array | undefined> {
  const { size } = await handle.stat();
  if (size > most) return undefined;
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const piece = new Uint8Array(PIECE);
    const { bytesRead } = await handle.read(piece, 0, PIECE, null);
    if (bytesRead === 0) return concat(...pieces);
    length += bytesRead;
    if (length > most) return undefined;
    pieces.push(piece.slice(0, bytesRead));
  }
}

function refusal(path: string, code: string, reason: string): CaptureFileError {
  return new CaptureFileError(code, `The TLS key log ${shownPath(resolve(path))} ${reason}`);
}
