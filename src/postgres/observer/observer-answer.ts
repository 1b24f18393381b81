import { utf8 } from '../../base/bytes';
import type { Field } from '../../trace/model';
import { oneLine } from './summaries';

/** What a server said to SSLRequest or GSSENCRequest. */
export interface EncryptionAnswer {
  readonly kind: 'S' | 'G' | 'N' | 'E' | 'other';
  /** Bytes that belong to it: one, and the text behind an `E` or a foreign answer. */
  readonly length: number;
  readonly summary: string;
  readonly fields: readonly Field[];
}

/** Enough of a foreign answer to tell what it is. */
const HEAD = 16;

/** Longest text shown. */
const SHOWN = 512;

/** Our code for an error that has none. */
export const OLD_ERROR = 'OLD_ERROR_FORMAT';

/**
 * The text of an error as it was before protocol 3: `E`, printable text, and a NUL at the end. Undefined while it may still be one, null
 * when it is none.
 */
export function oldErrorText(bytes: Uint8Array): string | null | undefined {
  const ended = bytes.at(-1) === 0;
  const text = utf8(bytes.subarray(1, ended ? -1 : undefined)).trim();
  if (bytes[0] !== 0x45 || !/^[\t\n\x20-\x7e\u00a0-\ufffd]+$/.test(text)) return null;
  return ended ? text : bytes.length < SHOWN ? undefined : null;
}

/** Reads the answer; undefined while its text may still grow. */
export function readAnswer(
  name: 'SSLResponse' | 'GSSENCResponse',
  bytes: Uint8Array,
  ending: boolean,
): EncryptionAnswer | undefined {
  const what = name === 'SSLResponse' ? 'TLS' : 'GSSAPI encryption';
  const letter = String.fromCharCode(bytes[0]);
  const field: Field = { name: 'answer', value: oneLine(letter), offset: 0, length: 1 };
  if (letter === 'N') return { kind: 'N', length: 1, summary: `refuses ${what}`, fields: [field] };
  if (letter === (name === 'SSLResponse' ? 'S' : 'G')) {
    return { kind: letter as 'S' | 'G', length: 1, summary: `accepts ${what}`, fields: [field] };
  }
  if (!ending && !complete(bytes, letter)) return undefined;
  const text = oneLine(utf8(bytes.subarray(1, SHOWN)));
  const fields = [field];
  if (text !== '')
    fields.push({ name: 'text (not authenticated)', value: text, offset: 1, length: bytes.length - 1 });
  const error = letter === 'E';
  const summary = error
    ? 'reports an error; its text came before TLS and is not to be trusted'
    : 'is not an answer of PostgreSQL';
  return { kind: error ? 'E' : 'other', length: bytes.length, summary, fields };
}

/** An error text ends with a NUL; of anything else a few bytes will do. */
function complete(bytes: Uint8Array, letter: string): boolean {
  return letter === 'E' ? bytes.at(-1) === 0 || bytes.length >= SHOWN : bytes.length >= HEAD;
}
