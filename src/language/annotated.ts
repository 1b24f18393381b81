import type { LineReference, RenderedText } from '../trace/text';

/** A run of lines, both ends included, from 0. */
export interface LineRange {
  readonly first: number;
  readonly last: number;
}

/** Where things stand in an annotated text. */
export interface TextMap {
  /** The capture's own lines; absent without any. */
  readonly capture: LineRange | undefined;
  /** By position in the document's traces. */
  readonly traces: readonly TraceLines[];
}

export interface TraceLines extends LineRange {
  readonly trace: number;
  /** Line of each step, by its index. */
  readonly steps: readonly number[];
  /** First line of each finding. */
  readonly findings: readonly number[];
}

/** Reads the line table of a rendered text. Blank lines belong to what comes before them. */
export function mapText(rendered: RenderedText): TextMap {
  const traces: { trace: number; first: number; last: number; steps: number[]; findings: number[] }[] = [];
  let capture: { first: number; last: number } | undefined;
  rendered.lines.forEach((line, at) => {
    if (line.trace === undefined) {
      if (isCaptureLine(line)) capture = { first: capture?.first ?? at, last: at };
      return;
    }
    let current = traces[traces.length - 1];
    if (current?.trace !== line.trace) {
      current = { trace: line.trace, first: at, last: at, steps: [], findings: [] };
      traces.push(current);
    }
    current.last = at;
    if (line.step !== undefined) current.steps[line.step] ??= at;
    if (line.finding !== undefined) current.findings[line.finding] ??= at;
  });
  return { capture, traces };
}

function isCaptureLine(line: LineReference): boolean {
  return line.issue !== undefined || line.summary !== undefined || line.heading === true;
}
