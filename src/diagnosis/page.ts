/** What holds for a cause wherever it is found: for rules of other tools' formats, and for the page of all causes. */
import { sideText } from '../trace/diagnosis-words';
import { CAUSES, type CauseCode } from './catalogue';
import { CAUSE_WORDS } from './words/en';

/** Whether a code is one of the catalogue: a document of another version may hold one that is not. */
export function isCauseCode(code: string): code is CauseCode {
  return Object.hasOwn(CAUSES, code);
}

/** What proves a cause, and where to read more about it; for a code that is not known only that. */
export function rulePage(code: string): { readonly short?: string; readonly help: string } {
  if (!isCauseCode(code)) return { help: `The cause ${code} is not known to this version.` };
  const { side, alike = [] } = CAUSES[code];
  const { proof, tellApart } = CAUSE_WORDS[code];
  const parts = [`Side: ${sideText(side)}.`];
  if (alike.length > 0) parts.push(`These look alike: ${alike.join(', ')}.`);
  if (tellApart !== undefined) parts.push(`How to tell it apart: ${tellApart}`);
  return { short: proof, help: parts.join(' ') };
}
