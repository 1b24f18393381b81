/** SASLprep (RFC 4013) as the two databases apply it. They differ in what they do when it refuses. */
import saslprep from '@mongodb-js/saslprep';
import { utf8Bytes } from '../base/bytes';

/** Longest password prepared, in UTF-16 units. The library spreads its input over a call's arguments. */
export const MAX_PASSWORD_LENGTH = 10_000;

export type Prepared =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: string };

/** The profile itself: unassigned code points are refused, as for stored strings. */
export function prepare(text: string): Prepared {
  if (text.length > MAX_PASSWORD_LENGTH) return { ok: false, reason: 'the text is too long' };
  try {
    return { ok: true, text: saslprep(text) };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

/**
 * The password as PostgreSQL's SCRAM uses it (`pg_saslprep` and its callers): ASCII is left alone, control characters
 * included, and a password that SASLprep refuses or maps to nothing is used as it is.
 */
export function postgresPassword(password: string): Uint8Array {
  if (isAscii(password)) return utf8Bytes(password);
  const prepared = prepare(password);
  return utf8Bytes(prepared.ok && prepared.text !== '' ? prepared.text : password);
}

/** The password of MongoDB's SCRAM-SHA-256: refused when SASLprep refuses it (driver authentication specification). */
export function mongoSha256Password(password: string): Prepared {
  return prepare(password);
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}
