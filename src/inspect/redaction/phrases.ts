/**
 * What servers, poolers and gateways are known to say. A phrase is public and the same for everyone, so it may stay wherever it stands;
 * whatever is between phrases is a name, a number or a language that is not known here.
 */
import { MONGODB_PHRASES } from './phrases-mongodb';
import { POSTGRES_PHRASES } from './phrases-postgres';

export const PHRASES: readonly string[] = [...POSTGRES_PHRASES, ...MONGODB_PHRASES];

/** A stretch of a text that stays, and what it then is. */
interface Kept {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

const FIRST = /[A-Za-z\d_$]+/g;
const WORD_CHARACTER = /[A-Za-z\d_\x80-\xff-]/;
/** Words looked up in one text. */
const MOST = 10_000;

/** Phrases by their first word, in small letters, the longest first. */
const BY_FIRST = new Map<string, string[]>();
for (const phrase of PHRASES) {
  const [first] = phrase.toLowerCase().match(FIRST) ?? [''];
  BY_FIRST.set(first, [...(BY_FIRST.get(first) ?? []), phrase.toLowerCase()]);
}
for (const list of BY_FIRST.values()) list.sort((a, b) => b.length - a.length);

/** The phrases in a text, in order and not over each other. */
export function knownPhrases(text: string): Kept[] {
  const found: Kept[] = [];
  const lower = text.toLowerCase();
  let end = 0;
  let words = 0;
  for (const { 0: word, index } of lower.matchAll(FIRST)) {
    if (++words > MOST) break;
    if (index < end || (index > 0 && WORD_CHARACTER.test(text[index - 1]))) continue;
    const phrase = BY_FIRST.get(word)?.find((candidate) => {
      const next = text[index + candidate.length];
      return lower.startsWith(candidate, index) && !(next !== undefined && WORD_CHARACTER.test(next));
    });
    if (phrase === undefined) continue;
    end = index + phrase.length;
    found.push({ start: index, end, text: text.slice(index, end) });
  }
  return found;
}
