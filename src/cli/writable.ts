import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import path from 'node:path';
import { CaptureFileError, describeWriteError } from '../files/errors';
import { fsPath } from '../files/path-bytes';
import { placeFor } from '../files/write-place';

/**
 * Says before any work is done that its result could not be written to a file.
 *
 * @throws {CaptureFileError} its folder is missing or may not be written, or it is a folder or read-only itself.
 */
export async function checkWritable(file: string): Promise<void> {
  try {
    const { target, temporary } = placeFor(file);
    // It is written beside the file that it replaces.
    if (temporary !== null) await access(fsPath(path.dirname(target)), constants.W_OK);
  } catch (error) {
    throw describeWriteError(file, error);
  }
}

/** Whether an error was put into words for the person at the terminal. */
export function isWorded(error: unknown): error is CaptureFileError {
  return error instanceof CaptureFileError;
}
