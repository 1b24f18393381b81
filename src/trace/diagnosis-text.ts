/** A diagnosis and a summary as lines of plain text: what the annotated text and the terminal show of them. */
import {
  idsText,
  isKnownCause,
  isTrouble,
  MOST_ROWS,
  placeText,
  saidByVerdict,
  sideText,
  snippetLines,
  stepText,
  sureText,
  wrongRows,
} from './diagnosis-words';
import type { CauseSummary, Trace } from './model';
import { moreCauses } from './words/en';

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
  const wrong = wrongRows(summary);
  const lines = wrong.slice(0, MOST_ROWS).map(({ row, at }) => ({ text: rowText(row), row: at }));
  const left = wrong.length - lines.length;
  if (left > 0) lines.push({ text: moreCauses(left), row: wrong[MOST_ROWS].at });
  return lines;
}

function rowText(row: CauseSummary): string {
  const { severity, code, server, what } = row;
  return `${severity.padEnd(7)} ${code} at ${server}: ${what} (${idsText(row)})`;
}
