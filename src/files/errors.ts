import { basename } from 'node:path';
import { shownPath } from './path-bytes';

/** A file that gives nothing to show. The message is one sentence with the next step. */
export class CaptureFileError extends Error {
  override readonly name = 'CaptureFileError';

  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist; check the path.',
  EACCES: 'may not be read by this user; check its permissions.',
  EPERM: 'may not be read by this user; check its permissions.',
  EISDIR: 'is a folder; name a .pcap or .pcapng file in it.',
  EMFILE: 'could not be opened: too many files are open.',
  ENAMETOOLONG: 'has a name that the file system does not allow.',
};

/** Words for an error of the file system. */
export function describeFileError(path: string, error: unknown): CaptureFileError {
  const code = (error as NodeJS.ErrnoException).code ?? 'UNREADABLE';
  const detail = error instanceof Error ? error.message : String(error);
  return new CaptureFileError(
    code,
    `${shownPath(basename(path))} ${REASONS[code] ?? `could not be read: ${detail}`}`,
  );
}

const WRITE_REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'cannot be written: its folder does not exist; choose another one.',
  ENOTDIR: 'cannot be written: a part of its path is a file and not a folder; choose another one.',
  EACCES: 'may not be written by this user; choose another folder.',
  EPERM: 'may not be written by this user; choose another folder.',
  EROFS: 'is on a disk that can only be read; choose another folder.',
  EISDIR: 'is a folder; name a file in it.',
  ENOSPC: 'does not fit on the disk; make room, or choose another one.',
  EDQUOT: "does not fit in this user's share of the disk; make room, or choose another one.",
  EFBIG: 'is larger than this user or this disk may hold; choose another one.',
  ELOOP: 'cannot be written: its links lead nowhere; choose another name.',
};

/** Words for an error of the file system while a file is written. */
export function describeWriteError(path: string, error: unknown): CaptureFileError {
  const code = (error as NodeJS.ErrnoException).code ?? 'UNWRITABLE';
  const detail = error instanceof Error ? error.message : String(error);
  const reason =
    WRITE_REASONS[code] ?? `could not be written: ${detail}; check the path, or choose another folder.`;
  return new CaptureFileError(code, `${shownPath(basename(path))} ${reason}`);
}
