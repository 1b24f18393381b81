/** A diagnosis and a summary as lines of plain text: what the annotated text and the terminal show of them. */
import {
  isKnownCause,
  isTrouble,
  placeText,
  saidByVerdict,
  sideText,
  snippetLines,
  stepText,
  sureText,
} from './diagnosis-words';
import type { CauseSummary, Trace } from './model';

/** Rows of a summary that a text shows. */
const MOST_ROWS = 20;
/** Ids that a row names. */
const MOST_IDS = 3;

/**
 * What follows the verdict: why, what was seen, what to do, how sure it is and what else it may be. Of a connection that did not fail only
 * why, and what is worth doing nevertheless.
 */
export function diagnosisLines({ diagnosis, steps }: Trace): string[] {
  const { why, evidence } = diagnosis;
  return [
    ...(why === null ? [] : [`why: ${why}`]),
    ...evidence.map((seen) => {
      const place = placeText(seen, steps);
      return `seen: ${seen.text}${place && ` (${place})`}`;
    }),
    ...nextLines(diagnosis),
    ...sureLines(diagnosis),
  ];
}

function sureLines(diagnosis: Trace['diagnosis']): string[] {
  if (!isTrouble(diagnosis)) return [];
  return [
    `how sure: ${sureText(diagnosis)}`,
    ...diagnosis.alternatives.flatMap(({ code, what, tellApart }) => [
      `or ${code}: ${what}`,
      `   to tell them apart: ${tellApart}`,
    ]),
  ];
}

/** Nothing where the verdict has said it. */
function nextLines(diagnosis: Trace['diagnosis']): string[] {
  if (saidByVerdict(diagnosis)) return [];
  return diagnosis.next.flatMap((step, at) => {
    return [`next ${at + 1}. ${stepText(step)}`, ...snippetLines(step).map((text) => `        ${text}`)];
  });
}

/** The cause by its code, on whose side it lies, and the error that was said; empty where nothing is wrong. */
export function errorLine({ diagnosis, error }: Trace): string {
  const said = error ? `error ${error.code} from the ${error.from}: ${error.message}` : '';
  if (!isKnownCause(diagnosis)) return said;
  const cause = `cause ${diagnosis.code}, side: ${sideText(diagnosis.side)}`;
  return said === '' ? cause : `${cause}; ${said}`;
}

/** Rows of a summary about connections with something wrong, and the position of each. */
export function summaryLines(
  summary: readonly CauseSummary[],
): { readonly text: string; readonly row: number }[] {
  const wrong = summary.flatMap((row, at) => (row.severity === 'ok' ? [] : [{ row, at }]));
  const lines = wrong.slice(0, MOST_ROWS).map(({ row, at }) => ({ text: rowText(row), row: at }));
  const left = wrong.length - lines.length;
  if (left > 0) lines.push({ text: `… and ${left} more causes`, row: wrong[MOST_ROWS].at });
  return lines;
}

function rowText({ severity, code, server, what, traces, count }: CauseSummary): string {
  const more = count > MOST_IDS ? ` and ${count - MOST_IDS} more` : '';
  return `${severity.padEnd(7)} ${code} at ${server}: ${what} (${traces.slice(0, MOST_IDS).join(', ')}${more})`;
}
