/**
 * Characters that do something else than to be seen: controls, bidi controls, zero-width and tag characters, variation selectors,
 * private and unassigned ones, halves of surrogate pairs, line and paragraph separators, and blanks that are no spaces (Unicode 16,
 * chapter 23; UTS 39). Shown as escapes they can neither move a cursor, nor turn a line round, nor hide.
 */
export const ODD = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/**
 * Whether there may be something to escape; most texts have nothing and this is what they pay. Beside ASCII, Latin letters, punctuation,
 * arrows and lines have nothing odd and no marks among them.
 */
export const UNUSUAL =
  /[^\x20-\x7e\u00a0-\u00ac\u00ae-\u02ff\u2010-\u2027\u2030-\u205e\u2190-\u22ff\u2500-\u257f]/;

/** Marks upon one letter: no script's writing needs more. */
const MARKS = 6;
const MARKS_IN_A_ROW = new RegExp(`(\\p{M}{${MARKS}})(\\p{M}+)`, 'gu');
/** A mark with nothing below it would stand upon our own words. */
const LEADING_MARK = /^\p{M}/u;

/** `\u{202e}`, as JavaScript, Rust and Swift write it. */
export function escapeOf(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\t': '\\t', '\r': '\\r' };

/** The text with everything visible; printable text of any language is as it was. Done twice it is the same as done once. */
export function visible(text: string): string {
  if (!UNUSUAL.test(text)) return text;
  return text
    .replace(ODD, (character) => SHORT[character] ?? escapeOf(character))
    .replace(MARKS_IN_A_ROW, (_, kept: string, rest: string) => `${kept}(… ${[...rest].length} more marks)`)
    .replace(LEADING_MARK, escapeOf);
}
