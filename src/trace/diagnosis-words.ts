/** The parts of a diagnosis in words that every outlet shares: whose side, how sure, and where it was seen. */
import { type Gate, type Gated, together } from '../base/shown/gate';
import { type CauseSide, type Diagnosis, type EvidenceText, type NextStep, UNDECIDED } from './diagnosis';
import type { CauseSummary, Step } from './model';
import { framesText } from './places';
import { more, SIDES, SURE } from './words/en';

/** On whose side the cause lies, such as `client`. */
export const sideText = (side: CauseSide): string => SIDES[side];

/** How sure the cause is, a sentence. */
export function sureText({ certainty, alternatives }: Diagnosis): string {
  return SURE[certainty === 'possible' && alternatives.length > 0 ? 'among-others' : certainty];
}

/** Whether something is wrong, so that it matters how sure that is. */
export function isTrouble({ severity }: Diagnosis): boolean {
  return severity === 'error' || severity === 'warning';
}

/** Whether there is a cause worth its code: something came of it, and not only what should. */
export function isKnownCause({ code, severity }: Diagnosis): boolean {
  return severity !== 'ok' && code !== UNDECIDED.code;
}

/** Rows of a summary that a text shows. */
export const MOST_ROWS = 20;
/** Ids that a row names. */
const MOST_IDS = 3;

/** Rows of a summary about connections with something wrong, each with its position. */
export function wrongRows(
  summary: readonly CauseSummary[],
): { readonly row: CauseSummary; readonly at: number }[] {
  return summary.map((row, at) => ({ row, at })).filter(({ row }) => row.severity !== 'ok');
}

/** Which handshakes a row is about: `t1, t2, t3 and 34 more`. */
export function idsText({ traces, count }: CauseSummary): string {
  return traces.slice(0, MOST_IDS).join(', ') + (count > MOST_IDS ? more(count - MOST_IDS) : '');
}

/** Names of steps that an evidence refers to; more are counted by their frames. */
const MOST_NAMES = 3;

/** The messages and frames that show an evidence, such as `StartupMessage, #4`; empty where it has no place. */
export function placeText({ steps, frames }: EvidenceText, all: readonly Step[]): string {
  const shown = steps.map((index) => all[index]).filter((step) => step !== undefined);
  const names = [...new Set(shown.slice(0, MOST_NAMES).map(({ message }) => message))];
  const seen = frames.length > 0 ? frames : shown.flatMap((step) => step.frames);
  return [...names, framesText([...new Set(seen)])].filter((part) => part !== '').join(', ');
}

/** Stands where a reader puts a value of their own. */
const OWN_VALUE = '…';

/** `sslmode=require`; empty where the step is no option, or one whose value only the reader knows. */
export function optionText({ option }: NextStep): string {
  return option && option.value !== OWN_VALUE ? `${option.name}=${option.value}` : '';
}

/** What to do, with the option that does it: `Ask for TLS. [sslmode=require]`. */
export function stepText(step: NextStep): string {
  const option = optionText(step);
  return option === '' ? step.text : `${step.text} [${option}]`;
}

/** What is to be pasted, line by line. */
export const snippetLines = ({ snippet }: NextStep): readonly string[] => snippet?.split('\n') ?? [];

/**
 * What happened, why, and from the next line on what to do. Each part goes through the gate by itself: one that is cut pushes no other
 * out. A line to paste stands behind its sentence, several stand below it.
 *
 * @param separator between what happened and why
 */
export function toldThrough<Outlet extends string>(
  gate: Gate<Outlet>,
  { what, why, next }: Pick<Diagnosis, 'what' | 'why' | 'next'>,
  separator: ' ' | '\n',
): Gated<Outlet> {
  const said = [what, why ?? ''].filter((text) => text !== '').map((text) => gate(text));
  const steps = next.map((step) => {
    const lines = snippetLines(step);
    return together(
      [stepText(step), ...lines].map((text) => gate(text)),
      lines.length > 1 ? '\n' : ' ',
    );
  });
  return together([...(said.length > 0 ? [together(said, separator)] : []), ...steps], '\n');
}

/** Whether the verdict, which ends in the first thing to do, says all that there is to do. */
export function saidByVerdict({ next }: Diagnosis): boolean {
  return (
    next.length === 0 || (next.length === 1 && optionText(next[0]) === '' && next[0].snippet === undefined)
  );
}
