/** Where a value ends that follows its name: quoted as SQL, conninfo, JSON or a shell quote it, or bare. */

/** Longest bare value looked at. */
const MAX_BARE = 8192;

/** The end of a value behind `name=`. */
export function valueEnd(text: string, at: number, match?: { readonly index: number }): number {
  const first = text[at] ?? '';
  if (/['"`]/.test(first) || /^(?:[ENBX]|U&)'/i.test(text.slice(at, at + 3))) return literalEnd(text, at);
  if (first === '$' && /^\$\w{0,32}\$/.test(text.slice(at, at + 34))) return literalEnd(text, at);
  if (first === '\\' && /["']/.test(text[at + 1] ?? '')) {
    const end = text.indexOf(text.slice(at, at + 2), at + 2);
    return end < 0 ? text.length : end;
  }
  // Where names stand in a list with ";" (and values may have spaces) or "&", a value ends there; elsewhere it may hold both.
  const before = match === undefined ? '' : text.slice(Math.max(0, match.index - 40), match.index);
  const rest = text.slice(at, at + MAX_BARE);
  const bare = /=[^;]*;\s*[\w .-]*$/.test(before)
    ? /^[^;\r\n]*/
    : /[?&][\w.-]*$/.test(before)
      ? /^[^&\s]*/
      : /^(?:\\[\s\S]|[^\s\\])*/;
  return at + (bare.exec(rest)?.[0].length ?? 0);
}

/**
 * The end of a quoted value. Whether `\` takes the next character as it is depends on who reads it, so the later of the two ends counts;
 * a value that does not end was cut.
 */
export function literalEnd(text: string, at: number): number {
  const tag = /^\$\w{0,32}\$/.exec(text.slice(at, at + 34))?.[0];
  if (tag) return endOrAll(text, text.indexOf(tag, at + tag.length), tag.length);
  const open = at + (/^(?:[ENBX]|U&)?/i.exec(text.slice(at, at + 2))?.[0].length ?? 0);
  const quoteAt = /['"`]/.test(text[open] ?? '') ? open : at;
  const quote = text[quoteAt] ?? "'";
  if (quote === "'" && /^''[^'\s,;)]/.test(text.slice(quoteAt, quoteAt + 3)))
    return nestedEnd(text, quoteAt + 2);
  return Math.max(closing(text, quoteAt + 1, quote, false), closing(text, quoteAt + 1, quote, true));
}

/** A quoted value inside a quoted text: its quotes are doubled, and one inside it is written four times. */
function nestedEnd(text: string, from: number): number {
  for (let at = text.indexOf("''", from); at >= 0; at = text.indexOf("''", at + 4))
    if (!text.startsWith("''", at + 2)) return at + 2;
  return text.length;
}

function closing(text: string, from: number, quote: string, escapes: boolean): number {
  for (let at = from; at < text.length; at++) {
    if (escapes && text[at] === '\\') at++;
    else if (text[at] === quote) {
      if (text[at + 1] !== quote) return at + 1;
      at++;
    }
  }
  return text.length;
}

function endOrAll(text: string, end: number, length: number): number {
  return end < 0 ? text.length : end + length;
}
