/**
 * Sentences about what nobody saw: a rule gives the parameters that its words need, and where one is missing all the same, a reader is
 * told so in a neutral word instead of `undefined`.
 */
import type { CauseParams } from '../../trace/diagnosis';

const NEUTRAL: Readonly<Record<string, string>> = {
  server: 'the server',
  client: 'the client',
  product: 'the expected service',
  from: 'peer',
  whose: 'peer',
  side: 'peer',
  by: 'peer',
  heard: 'peer',
  user: 'the user',
  database: 'the database',
  setName: 'the replica set',
  how: 'closed',
};
const UNKNOWN = '(not known)';

/** What stands in a sentence for a value that is not there. */
const MISSING = 'undefined';

/** A text that no peer sends: of the private use area. */
const MARK = '\uE000\uE001';

/**
 * @param words may name parameters that are not there.
 * @returns what they say, without gaps.
 */
export function complete<Said>(words: (params: CauseParams) => Said, params: CauseParams): Said {
  const said = words(params);
  // A peer may say this word itself.
  if (!holds(said, MISSING) || holds(params, MISSING)) return said;
  const named = words({ ...params, ...neutral(words, params) });
  if (!holds(named, MISSING)) return named;
  // Words that put two of them together: whatever they look at is filled.
  const all = [...askedFor(words, params)].map((name) => [name, NEUTRAL[name] ?? UNKNOWN]);
  return words({ ...params, ...Object.fromEntries(all) });
}

/** Neutral words for the parameters that are only named. One that words ask for before they name it stays absent: filled, it would be a claim. */
function neutral<Said>(words: (params: CauseParams) => Said, params: CauseParams): CauseParams {
  const plain = JSON.stringify(words(params));
  const found: Record<string, string> = {};
  for (const name of askedFor(words, params)) {
    const marked = JSON.stringify(words({ ...params, [name]: MARK }));
    if (marked.includes(MARK) && marked.replaceAll(MARK, MISSING) === plain)
      found[name] = NEUTRAL[name] ?? UNKNOWN;
  }
  return found;
}

/** Names of parameters that are not there and that words look at. */
function askedFor(words: (params: CauseParams) => unknown, params: CauseParams): Set<string> {
  const names = new Set<string>();
  const watched = new Proxy(params, {
    get: (known, name) => {
      if (typeof name === 'string' && !Object.hasOwn(known, name)) names.add(name);
      return typeof name === 'string' && Object.hasOwn(known, name) ? known[name] : undefined;
    },
  });
  words(watched);
  return names;
}

/** Whether a text is in a value: in a sentence, or in any of the texts of steps and parameters. */
function holds(value: unknown, text: string): boolean {
  if (typeof value === 'string') return value.includes(text);
  if (typeof value !== 'object' || value === null) return false;
  // Every trace asks this: a list of the values would be one more for each.
  for (const name in value) if (holds((value as Readonly<Record<string, unknown>>)[name], text)) return true;
  return false;
}
