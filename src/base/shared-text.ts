import { utf8Between } from './bytes';

/** Bytes of the longest text that is remembered; what is longer rarely comes again. */
const LONGEST = 32;

/** Texts remembered at once; a power of two. */
const PLACES = 1024;

/** By the hash of their bytes; another text of the same hash takes the place. */
const known: string[] = new Array(PLACES).fill('');

/**
 * {@link utf8Between} for what many messages say alike, such as names of commands, databases and mechanisms: the same bytes give the
 * string that was made for them before. Not for secrets: they would be remembered.
 */
export function sharedText(bytes: Uint8Array, start: number, end: number): string {
  const length = end - start;
  if (length > LONGEST) return utf8Between(bytes, start, end);
  let hash = length;
  for (let i = start; i < end; i++) hash = (Math.imul(hash, 31) + bytes[i]) | 0;
  const place = (hash ^ (hash >>> 10)) & (PLACES - 1);
  const text = known[place];
  if (text.length === length && isText(bytes, start, text)) return text;
  const made = utf8Between(bytes, start, end);
  known[place] = made;
  return made;
}

/** Whether the bytes are this text, in ASCII. */
function isText(bytes: Uint8Array, start: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    if (bytes[start + i] !== text.charCodeAt(i)) return false;
  }
  return true;
}
