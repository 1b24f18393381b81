/** A diagnosis and a summary as Markdown: for reports, and for hovers. */
import { together } from '../base/shown/gate';
import { type MarkdownText, markdown, markdownCode } from '../base/shown/outlets';
import type { NextStep } from './diagnosis';
import {
  idsText,
  isKnownCause,
  isTrouble,
  MOST_ROWS,
  optionText,
  placeText,
  saidByVerdict,
  sideText,
  snippetLines,
  sureText,
  wrongRows,
} from './diagnosis-words';
import type { CauseSummary, Trace } from './model';
import { moreCauses } from './words/en';

const EMPTY = markdown``;

/** What follows the verdict, each part after an empty line. */
export function diagnosisMarkdown({ diagnosis, steps }: Trace): MarkdownText[] {
  const { why, evidence, next } = diagnosis;
  return [
    ...(why === null ? [] : [EMPTY, markdown`**Why**: ${why}`]),
    ...(saidByVerdict(diagnosis) ? [] : [EMPTY, markdown`**What to do**`, EMPTY]),
    ...(saidByVerdict(diagnosis) ? [] : next.flatMap((step, at) => nextMarkdown(step, at + 1))),
    ...(evidence.length > 0 ? [EMPTY, markdown`**What was seen**`, EMPTY] : []),
    ...evidence.map((seen) => {
      const place = placeText(seen, steps);
      return markdown`- ${seen.text}${place && ` (${place})`}`;
    }),
    ...sureMarkdown(diagnosis),
  ];
}

function sureMarkdown(diagnosis: Trace['diagnosis']): MarkdownText[] {
  if (!isTrouble(diagnosis)) return [];
  const { alternatives } = diagnosis;
  return [
    EMPTY,
    markdown`**How sure**: ${sureText(diagnosis)}`,
    ...(alternatives.length > 0 ? [EMPTY] : []),
    ...alternatives.map(({ code, what, tellApart }) =>
      together(
        [markdown`- or `, markdownCode(code), markdown`: ${what} To tell them apart: ${tellApart}`],
        '',
      ),
    ),
  ];
}

/** An item of a numbered list; what is to be pasted stands in code below it. */
function nextMarkdown(step: NextStep, number: number): MarkdownText[] {
  const option = optionText(step);
  const text = markdown`${number}. ${step.text}`;
  const lines = [option === '' ? text : together([text, markdownCode(option)], ' ')];
  for (const each of snippetLines(step)) lines.push(EMPTY, together([markdown`   `, markdownCode(each)], ''));
  return lines;
}

/** The code of the cause, on whose side it lies, and the error that was said; nothing where nothing is wrong. */
export function errorMarkdown({ diagnosis, error }: Trace): MarkdownText[] {
  const { code, side } = diagnosis;
  const said = error && markdown`**${error.code}** from the ${error.from}: ${error.message}`;
  if (!isKnownCause(diagnosis)) return said ? [EMPTY, said] : [];
  const cause = together([markdown`Cause `, markdownCode(code), markdown`, side: ${sideText(side)}`], '');
  return [EMPTY, said ? together([cause, said], '; ') : cause];
}

/** The causes of connections with something wrong, as a list. */
export function summaryMarkdown(summary: readonly CauseSummary[]): MarkdownText[] {
  const wrong = wrongRows(summary);
  if (wrong.length === 0) return [];
  const lines = wrong.slice(0, MOST_ROWS).map(({ row }) => {
    const { severity, code, server, what } = row;
    return together(
      [markdown`- ${severity} `, markdownCode(code), markdown` at ${server}: ${what} (${idsText(row)})`],
      '',
    );
  });
  const left = wrong.length - lines.length;
  return [EMPTY, ...lines, ...(left > 0 ? [markdown`- ${moreCauses(left)}`] : [])];
}
