/** The trace as Markdown, for an issue or a report. */
import { together } from '../base/shown/gate';
import { type MarkdownText, markdown } from '../base/shown/outlets';
import { diagnosisMarkdown, errorMarkdown, summaryMarkdown } from './diagnosis-markdown';
import type { CaptureSummary, CauseSummary, Finding, Step, Trace } from './model';
import { endpointText, framesText, protocolName } from './text';

const ARROWS = { client: '→', server: '←', local: '·' } as const;

const EMPTY = markdown``;

/** Heading and damage of a capture, and its causes by server. */
export function captureMarkdown(
  capture: CaptureSummary,
  handshakes: number,
  summary: readonly CauseSummary[] = [],
): MarkdownText {
  const { file, format, packets, bytes, issues, notes = [] } = capture;
  const lines = [
    markdown`# ${file}`,
    EMPTY,
    markdown`${format}, ${packets} packets, ${bytes} bytes, ${handshakes} handshakes`,
  ];
  if (issues.length > 0) lines.push(EMPTY);
  for (const { code, message } of issues) lines.push(markdown`- damage **${code}**: ${message}`);
  if (notes.length > 0) lines.push(EMPTY, ...notes.map((note) => markdown`- ${note}`));
  return ended(handshakes > 1 ? [...lines, ...summaryMarkdown(summary)] : lines);
}

/** One handshake: verdict, cause, table of steps, findings. */
export function traceMarkdown(trace: Trace): MarkdownText {
  const { id, outcome, verdict, startTime, durationMs, retryOf, steps, findings } = trace;
  const ends = `${endpointText(trace.client)} → ${endpointText(trace.server)}`;
  const again = retryOf ? ` Tries ${retryOf} again.` : '';
  const lines = [
    markdown`## ${id}: ${protocolName(trace.protocol)} ${ends}, ${outcome}`,
    EMPTY,
    markdown(verdict),
    ...diagnosisMarkdown(trace),
    EMPTY,
    markdown`Began ${startTime}, took ${durationMs.toFixed(1)} ms.${again}`,
    ...errorMarkdown(trace),
    EMPTY,
    markdown`| ms | frames | | message | client | server | what |`,
    markdown`|---:|---|---|---|---|---|---|`,
  ];
  for (const step of steps) lines.push(row(step));
  if (findings.length > 0) lines.push(EMPTY);
  for (const finding of findings) lines.push(item(finding));
  return ended(lines);
}

function row(step: Step): MarkdownText {
  const time = step.time.toFixed(3);
  const frames = framesText(step.frames);
  const tls = step.encrypted ? '(TLS) ' : '';
  const { message, clientState, serverState, summary } = step;
  return markdown`| ${time} | ${frames} | ${ARROWS[step.from]} | ${message} | ${clientState} | ${serverState} | ${tls}${summary} |`;
}

function item({ severity, code, message, frames, help }: Finding): MarkdownText {
  const where = framesText(frames);
  const line = markdown`- **${severity} ${code}**: ${message}${where && ` (${where})`}`;
  return help ? together([line, markdown(help)], ' ') : line;
}

function ended(lines: readonly MarkdownText[]): MarkdownText {
  return together([...lines, EMPTY], '\n');
}
