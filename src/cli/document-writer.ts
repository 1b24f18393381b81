import { together } from '../base/shown/gate';
import { type JsonText, json, jsonPiece } from '../base/shown/json';
import { type LineText, line, type MarkdownText } from '../base/shown/outlets';
import { SummaryBuilder } from '../diagnosis/summary';
import { shownPath } from '../files/path-bytes';
import { lineBuilder, listEnd, putTraceLine } from '../trace/list';
import { captureMarkdown, traceMarkdown } from '../trace/markdown';
import type { CaptureSummary, CauseSummary, Trace } from '../trace/model';
import { redactCapture, redactLine, redactOutline, redactTrace } from '../trace/redact';
import { renderDocument, renderTrace } from '../trace/text';
import { traceV1 } from '../trace/version-1';
import type { DecodeFormat, JsonVersion } from './formats';
import type { Text } from './output';
import { type Rules, sarifCause, sarifResult } from './sarif';
import type { Printable } from './terminal';

const EMPTY = line``;

/** Where a writer's text goes. */
export interface TextSink {
  /** @param text an array is used again afterwards. */
  write(text: Text): void;
}

/** Prints one file's traces as they come. */
export interface DocumentWriter {
  trace(trace: Trace): void;
  /** All traces have come. Not called for a file that gave an error: then nothing was printed of it. */
  end(capture: CaptureSummary): void;
}

export interface DocumentOptions {
  readonly format: DecodeFormat;
  readonly jsonVersion?: JsonVersion;
  readonly reveal: boolean;
  /** The file's path as it was given. */
  readonly file: string;
  /** Whether other files are printed too. */
  readonly several: boolean;
}

/**
 * The writer of a format. What stands between two files' texts is the caller's business, see {@link separator}.
 *
 * @param rules of a SARIF log, which is one for all files: each file only adds its results.
 */
export function documentWriter(sink: TextSink, options: DocumentOptions, rules: Rules): DocumentWriter {
  const writer = formatWriter(sink, options, rules);
  if (options.reveal) return writer;
  return { ...writer, end: (capture) => writer.end(redactCapture(capture)) };
}

function formatWriter(sink: TextSink, options: DocumentOptions, rules: Rules): DocumentWriter {
  const whole = (trace: Trace) => trace;
  const shown = options.reveal ? whole : redactTrace;
  // For what shows no message.
  const outline = options.reveal ? whole : redactOutline;
  switch (options.format) {
    case 'text':
      return textWriter(sink, shown);
    case 'list':
      return listWriter(sink, options.reveal ? whole : redactLine);
    case 'ndjson':
      return lineWriter(sink, options, shown);
    case 'markdown':
      return markdownWriter(sink, shown);
    case 'sarif':
      return sarifWriter(sink, options, rules, outline);
    default:
      return jsonWriter(sink, options, shown);
  }
}

/** Text that is held back for its heading, in UTF-16 units; of more than that the heading comes last. */
const HELD = 4 << 20;

/**
 * A heading, which tells how many handshakes there are and is known last, and the text of each. What is little is held until then; of a
 * large capture the heading stands at the end, as in a list, because its text may be as large as the capture.
 */
function headedWriter<Page extends LineText | MarkdownText>(
  sink: TextSink,
  shown: (trace: Trace) => Trace,
  text: (trace: Trace) => Page,
  heading: (capture: CaptureSummary, handshakes: number, summary: readonly CauseSummary[]) => Page,
): DocumentWriter {
  const summary = new SummaryBuilder();
  const nothing = '' as Page;
  const held: Page[] = [];
  let units = 0;
  let count = 0;
  return {
    trace(whole) {
      count++;
      const trace = shown(whole);
      summary.add(trace);
      const each = text(trace);
      held.push(each);
      units += each.length;
      if (units <= HELD) return;
      for (const one of held.splice(0)) sink.write(together([one, nothing], '\n'));
    },
    end(capture) {
      sink.write(heading(capture, count, summary.finish()));
      for (const one of held.splice(0)) sink.write(together([nothing, one], '\n'));
    },
  };
}

function textWriter(sink: TextSink, shown: (trace: Trace) => Trace): DocumentWriter {
  return headedWriter(
    sink,
    shown,
    (trace) => renderTrace(trace).text,
    (capture, handshakes, summary) =>
      renderDocument({ version: 2, capture, summary, traces: [] }, handshakes).text,
  );
}

function markdownWriter(sink: TextSink, shown: (trace: Trace) => Trace): DocumentWriter {
  return headedWriter(sink, shown, traceMarkdown, captureMarkdown);
}

/**
 * One document: its traces first, because what is known of the file as a whole is known last. Each trace is a line of its own, unless
 * several documents are printed: then each document is one.
 */
function jsonWriter(
  sink: TextSink,
  options: DocumentOptions,
  shown: (trace: Trace) => Trace,
): DocumentWriter {
  const lineBreak = options.several ? jsonPiece`` : jsonPiece`\n`;
  const old = options.jsonVersion === '1';
  const start = old ? jsonPiece`{"version":1,"traces":[` : jsonPiece`{"version":2,"traces":[`;
  const summary = new SummaryBuilder();
  let count = 0;
  return {
    trace(whole) {
      const trace = shown(whole);
      sink.write(count++ === 0 ? jsonPiece`${start}${lineBreak}` : jsonPiece`,${lineBreak}`);
      sink.write(json(old ? traceV1(trace) : trace));
      if (!old) summary.add(trace);
    },
    end(capture) {
      if (count === 0) sink.write(start);
      const causes = old ? jsonPiece`` : jsonPiece`"summary":${json(summary.finish())},`;
      sink.write(jsonPiece`${lineBreak}],${causes}"capture":${json(capture)}}\n`);
    },
  };
}

/** One trace a line, with the file it is from: what DuckDB, ClickHouse and Elastic load. */
function lineWriter(
  sink: TextSink,
  options: DocumentOptions,
  shown: (trace: Trace) => Trace,
): DocumentWriter {
  const form = options.jsonVersion === '1' ? traceV1 : (trace: Trace) => trace;
  const file = shownPath(options.file);
  return {
    trace: (trace) => sink.write(jsonPiece`${json({ file, ...form(shown(trace)) })}\n`),
    end: () => undefined,
  };
}

/** A few lines are worth a write. */
const LINES = 1 << 13;

/** A line for each connection as it comes; what is known of the file last. No message is shown. */
function listWriter(sink: TextSink, outline: (trace: Trace) => Trace): DocumentWriter {
  const lines = lineBuilder();
  const flush = () => {
    sink.write(lines.view());
    lines.clear();
  };
  const summary = new SummaryBuilder();
  let count = 0;
  return {
    trace(whole) {
      count++;
      const trace = outline(whole);
      summary.add(trace);
      putTraceLine(lines, trace);
      if (lines.length >= LINES) flush();
    },
    end(capture) {
      flush();
      sink.write(listEnd(capture, count, summary.finish()));
    },
  };
}

function sarifWriter(
  sink: TextSink,
  options: DocumentOptions,
  rules: Rules,
  outline: (trace: Trace) => Trace,
): DocumentWriter {
  let count = 0;
  return {
    trace(whole) {
      const trace = outline(whole);
      const put = (result: JsonText) => {
        sink.write(count++ === 0 ? jsonPiece`` : jsonPiece`,\n`);
        sink.write(result);
      };
      if (trace.outcome === 'failed') put(sarifCause(options.file, trace, rules));
      for (const finding of trace.findings) put(sarifResult(options.file, trace, finding, rules));
    },
    end: () => undefined,
  };
}

/** What stands between the texts of two files. */
export function separator(format: DecodeFormat): Printable {
  if (format === 'sarif') return jsonPiece`,\n`;
  return format === 'text' || format === 'markdown' ? line`\n` : EMPTY;
}
