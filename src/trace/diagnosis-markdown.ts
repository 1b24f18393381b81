/** A diagnosis and a summary as Markdown: for reports, and for hovers. */
import { together } from '../base/shown/gate';
import { type MarkdownText, markdown, markdownCode } from '../base/shown/outlets';
import type { NextStep } from './diagnosis';
import { optionText, placeText, saidByVerdict, sideText, sureText } from './diagnosis-words';
import type { CauseSummary, Trace } from './model';

const EMPTY = markdown``;
const MOST_ROWS = 20;

/** What follows the verdict, each part after an empty line. */
export function diagnosisMarkdown({ diagnosis, steps }: Trace): MarkdownText[] {
  const { why, evidence, severity, alternatives } = diagnosis;
  const lines: MarkdownText[] = [];
  if (why !== null) lines.push(EMPTY, markdown`**Why**: ${why}`);
  if (!saidByVerdict(diagnosis)) {
    lines.push(EMPTY, markdown`**What to do**`, EMPTY);
    diagnosis.next.forEach((step, at) => {
      lines.push(...nextMarkdown(step, at + 1));
    });
  }
  if (evidence.length > 0) lines.push(EMPTY, markdown`**What was seen**`, EMPTY);
  for (const seen of evidence) {
    const place = placeText(seen, steps);
    lines.push(markdown`- ${seen.text}${place && ` (${place})`}`);
  }
  if (severity !== 'error' && severity !== 'warning') return lines;
  lines.push(EMPTY, markdown`**How sure**: ${sureText(diagnosis)}`);
  if (alternatives.length > 0) lines.push(EMPTY);
  for (const { code, what, tellApart } of alternatives)
    lines.push(
      together(
        [markdown`- or `, markdownCode(code), markdown`: ${what} To tell them apart: ${tellApart}`],
        '',
      ),
    );
  return lines;
}

/** An item of a numbered list; what is to be pasted stands in code below it. */
function nextMarkdown(step: NextStep, number: number): MarkdownText[] {
  const option = optionText(step);
  const text = markdown`${number}. ${step.text}`;
  const lines = [option === '' ? text : together([text, markdownCode(option)], ' ')];
  for (const each of step.snippet?.split('\n') ?? [])
    lines.push(EMPTY, together([markdown`   `, markdownCode(each)], ''));
  return lines;
}

/** The code of the cause, on whose side it lies, and the error that was said; nothing where nothing is wrong. */
export function errorMarkdown({ diagnosis, error, outcome }: Trace): MarkdownText[] {
  const { code, side, severity } = diagnosis;
  const said = error && markdown`**${error.code}** from the ${error.from}: ${error.message}`;
  if (outcome === 'ready' || (severity === 'ok' && !error)) return said ? [EMPTY, said] : [];
  const cause = together([markdown`Cause `, markdownCode(code), markdown`, side: ${sideText(side)}`], '');
  return [EMPTY, said ? together([cause, said], '; ') : cause];
}

/** The causes of connections with something wrong, as a list. */
export function summaryMarkdown(summary: readonly CauseSummary[]): MarkdownText[] {
  const wrong = summary.filter(({ severity }) => severity !== 'ok');
  if (wrong.length === 0) return [];
  const lines = wrong.slice(0, MOST_ROWS).map(({ severity, code, server, what, traces }) => {
    const ids = `${traces.slice(0, 3).join(', ')}${traces.length > 3 ? ', …' : ''}`;
    return together(
      [markdown`- ${severity} `, markdownCode(code), markdown` at ${server}: ${what} (${ids})`],
      '',
    );
  });
  const left = wrong.length - lines.length;
  return [EMPTY, ...lines, ...(left > 0 ? [markdown`- … and ${left} more causes`] : [])];
}
