/** What is said where an unescaped character of a password ended the password too early: which characters, and how each is written. */

const ESCAPES: readonly (readonly [string, string])[] = [
  ['@', '%40'],
  ['/', '%2F'],
  ['?', '%3F'],
  ['#', '%23'],
  [':', '%3A'],
  ['%', '%25'],
];

/**
 * Advice that names the characters of `text` that need it, and nothing else of it.
 *
 * @param text what may be a user and a password, as it was typed
 */
export function percentAdvice(text: string): string {
  const plain = text.replaceAll(/%[0-9a-f]{2}/gi, '');
  const found = ESCAPES.filter(([sign]) => plain.includes(sign));
  const list = found.map(([sign, written]) => `"${sign}" as ${written}`);
  const last = list.pop();
  const here = `${list.length > 0 ? `${list.join(', ')} and ` : ''}${last ?? '"@" as %40'}`;
  return `Percent-encode the user and the password: write ${here}. All of "@", ":", "/", "?", "#" and "%" need it`;
}
