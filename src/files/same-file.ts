import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { CaptureFileError } from './errors';
import { fsPath, shownPath } from './path-bytes';

/** @throws {CaptureFileError} if both are one file, also by another path or a link: writing would destroy what is read. */
export async function refuseSameFile(capture: string, target: string): Promise<void> {
  const [a, b] = await Promise.all(
    [capture, target].map((file) => stat(fsPath(file), { bigint: true }).catch(() => null)),
  );
  if (a === null || b === null || a.ino !== b.ino || a.dev !== b.dev) return;
  throw new CaptureFileError(
    'SAME_FILE',
    `${shownPath(basename(target))} is the capture itself; save under another name.`,
  );
}
