import { together } from '../base/shown/gate';
import { type LineText, line } from '../base/shown/outlets';
import type { Problem } from '../contract/values';
import type { CaptureSummary, CauseSummary, Trace } from '../trace/model';
import { redactCapture, redactSummary, redactTrace } from '../trace/redact';
import { endedLines, grouped, type RenderedText, renderDocument } from '../trace/text';

/** Handshakes in an annotated text: some 10,000 lines, which an editor still takes at once and a person never reads to the end. */
export const MAX_TEXT_TRACES = 500;

/** The annotated text of a capture, without secrets; what is too much for a text is counted in its last line. */
export function renderCapture(
  capture: CaptureSummary | null,
  traces: readonly Trace[],
  summary: readonly CauseSummary[] = [],
): RenderedText {
  const shown = traces.slice(0, MAX_TEXT_TRACES).map(redactTrace);
  const rendered = renderDocument(
    {
      version: 2,
      capture: capture && redactCapture(capture),
      summary: redactSummary(summary),
      traces: shown,
    },
    traces.length,
  );
  const left = traces.length - shown.length;
  if (left === 0) return rendered;
  const note = line`… and ${grouped(left)} more handshakes: the capture's own editor lists them all.\n`;
  return { text: together([rendered.text, note], '\n'), lines: [...rendered.lines, {}, {}] };
}

/** The annotated text of a capture that could not be read: why, and what to do. */
export function problemText({ message, next }: Problem): LineText {
  return endedLines([line(message), line(next)]);
}
