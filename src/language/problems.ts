import { maskShapes } from '../base/secret-shapes';
import type { Problem } from '../contract/values';
import { CaptureFileError } from '../files/errors';

/** What to do next, by the error's code; the message itself says what is wrong. */
const NEXT: Readonly<Record<string, string>> = {
  ENOENT: 'Put the file back and choose "Read again", or close this editor.',
  EACCES: 'Change the permissions of the file, or open VS Code as a user who may read it.',
  EPERM: 'Change the permissions of the file, or open VS Code as a user who may read it.',
  CAPTURE_EMPTY: 'Stop the recorder, then choose "Read again".',
};
const OTHERWISE = 'Choose "Reopen Editor With…" to see the file as it is, or open another capture.';

/** Words for whatever ended the reading of a capture, without secrets: a file's name may hold one. */
export function problemOf(error: unknown): Problem {
  if (error instanceof CaptureFileError) {
    return { code: error.code, message: maskShapes(error.message), next: NEXT[error.code] ?? OTHERWISE };
  }
  const message = maskShapes(error instanceof Error ? error.message : String(error));
  return {
    code: 'INTERNAL',
    message: `Reading stopped because of an error of Handshake Inspector itself: ${message}`,
    next: 'Choose "Read again"; if it happens again, report it together with the capture.',
  };
}
