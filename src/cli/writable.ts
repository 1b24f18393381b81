import { constants } from 'node:fs';
import { access, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CaptureFileError, describeWriteError } from '../files/errors';

/**
 * Says before any work is done that its result could not be written to a file.
 *
 * @throws {CaptureFileError} its folder is missing or may not be written, or it is a folder itself.
 */
export async function checkWritable(file: string): Promise<void> {
  const known = await stat(file).catch(() => undefined);
  if (known?.isDirectory()) throw describeWriteError(file, { code: 'EISDIR' });
  try {
    // With a separator at its end a path is that of a folder or of nothing.
    await access(known ? file : path.dirname(path.resolve(file)) + path.sep, constants.W_OK);
  } catch (error) {
    throw describeWriteError(file, error);
  }
}

/** @throws {CaptureFileError} in words, if it cannot be written. */
export async function writeResult(file: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeFile(file, bytes);
  } catch (error) {
    throw describeWriteError(file, error);
  }
}

/** Whether an error was put into words for the person at the terminal. */
export function isWorded(error: unknown): error is CaptureFileError {
  return error instanceof CaptureFileError;
}
