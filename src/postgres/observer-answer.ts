import { utf8 } from '../base/bytes';
import type { Field } from '../trace/model';
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
