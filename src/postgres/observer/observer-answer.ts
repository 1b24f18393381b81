import { utf8 } from '../../base/bytes';
import type { StepWords } from '../../trace/lazy-step';
import type { Field } from '../../trace/model';
import { oneLine } from './summaries';

/** What a server said to SSLRequest or GSSENCRequest. */
export interface EncryptionAnswer extends StepWords {
  /** The name of its step. */
  readonly message: string;
  readonly kind: 'S' | 'G' | 'N' | 'E' | 'other';
  /** Bytes that belong to it: one, and the text behind an `E` or a foreign answer. */
  readonly length: number;
}

/** Enough of a foreign answer to tell what it is. */
const HEAD = 16;

/** Fewer letters are no text. */
const SHORTEST_TEXT = 4;

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

/** The answers of one byte, made once. */
const USUAL: Readonly<Record<'SSLResponse' | 'GSSENCResponse', ReadonlyMap<number, EncryptionAnswer>>> = {
  SSLResponse: new Map([usual('SSLResponse', 'S', 'offers TLS'), usual('SSLResponse', 'N', 'declines TLS')]),
  GSSENCResponse: new Map([
    usual('GSSENCResponse', 'G', 'offers GSSAPI encryption'),
    usual('GSSENCResponse', 'N', 'declines GSSAPI encryption'),
  ]),
};

function usual(name: string, kind: 'S' | 'G' | 'N', summary: string): [number, EncryptionAnswer] {
  const fields = [{ name: 'answer', value: kind, offset: 0, length: 1 }];
  return [kind.charCodeAt(0), { kind, message: `${name} ${kind}`, length: 1, summary, fields }];
}

/** Reads the answer; undefined while its text may still grow. */
export function readAnswer(
  name: 'SSLResponse' | 'GSSENCResponse',
  bytes: Uint8Array,
  ending: boolean,
): EncryptionAnswer | undefined {
  const known = USUAL[name].get(bytes[0]);
  if (known && !isText(bytes)) return known;
  const letter = String.fromCharCode(bytes[0]);
  const field: Field = { name: 'answer', value: oneLine(letter), offset: 0, length: 1 };
  if (!ending && !complete(bytes, letter)) return undefined;
  const text = oneLine(utf8(bytes.subarray(1, SHOWN)));
  const fields = [field];
  if (text !== '')
    fields.push({ name: 'text (not authenticated)', value: text, offset: 1, length: bytes.length - 1 });
  const error = letter === 'E';
  const summary = error
    ? 'reports an error; its text came before TLS and cannot be trusted'
    : 'is not a PostgreSQL answer';
  const kind = error ? 'E' : 'other';
  return { kind, message: `${name} ${kind}`, length: bytes.length, summary, fields };
}

/** Neither TLS nor a message of PostgreSQL is all printable: it is a text that happens to begin with one of the letters. */
function isText(bytes: Uint8Array): boolean {
  return bytes.length >= SHORTEST_TEXT && bytes.subarray(0, SHOWN).every(isPrintable);
}

function isPrintable(byte: number): boolean {
  return (byte >= 0x20 && byte < 0x7f) || byte === 0x0d || byte === 0x0a || byte === 0x09;
}

/** An error text ends with a NUL; of anything else a few bytes will do. */
function complete(bytes: Uint8Array, letter: string): boolean {
  return letter === 'E' ? bytes.at(-1) === 0 || bytes.length >= SHOWN : bytes.length >= HEAD;
}
