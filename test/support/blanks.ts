/** Sentences for which a rule did not give all that their words name: a reader must never see one with a hole, however it is filled. */
import { CAUSES, type CauseCode } from '../../src/diagnosis/catalogue';
import { CAUSE_WORDS } from '../../src/diagnosis/words/en';
import type { Diagnosis } from '../../src/trace/diagnosis';

/** What is said of a cause and of its alternatives, without anything filled in, where a value is missing. */
export function blanksOf({ code, params, alternatives }: Diagnosis): string[] {
  if (!(code in CAUSES) || JSON.stringify(params).includes('undefined')) return [];
  const words = CAUSE_WORDS[code as CauseCode];
  const own = [words.what(params), words.why?.(params) ?? '', JSON.stringify(words.next(params))];
  const others = alternatives.map((other) => CAUSE_WORDS[other.code as CauseCode].what(params));
  return [...own, ...others]
    .filter((text) => /undefined|\(not known\)|NaN/.test(text))
    .map((text) => `${code}: ${text}`);
}
