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

/**
 * @param words may name parameters that are not there.
 * @returns what they say, without gaps.
 */
export function complete<Said>(words: (params: CauseParams) => Said, params: CauseParams): Said {
  const said = words(params);
  // A peer may say this word itself.
  if (!holds(said, MISSING) || holds(params, MISSING)) return said;
  return words(filled(params));
}

/** Whether a text is in a value: in a sentence, or in any of the texts of steps and parameters. */
function holds(value: unknown, text: string): boolean {
  if (typeof value === 'string') return value.includes(text);
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some((inner) => holds(inner, text));
}

/** The same parameters, with a neutral word for each that is not there. */
function filled(params: CauseParams): CauseParams {
  return new Proxy(params, {
    get: (known, name) => {
      if (typeof name !== 'string') return undefined;
      return Object.hasOwn(known, name) ? known[name] : (NEUTRAL[name] ?? UNKNOWN);
    },
  });
}
