import { together } from '../base/shown/gate';
import { json, jsonPiece } from '../base/shown/json';
import { type LineText, line, type MarkdownText, markdown } from '../base/shown/outlets';
import { lineBuilder, listEnd, putTraceLine } from '../trace/list';
import { captureMarkdown, traceMarkdown } from '../trace/markdown';
import type { CaptureSummary, Trace } from '../trace/model';
import { redactTrace } from '../trace/redact';
import { renderDocument, renderTrace } from '../trace/text';
import type { DecodeFormat } from './formats';
import type { Text } from './output';
import { type Rules, sarifResult } from './sarif';
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
  const shown = options.reveal ? (trace: Trace) => trace : redactTrace;
  switch (options.format) {
    case 'text':
      return textWriter(sink, shown);
    case 'list':
      return listWriter(sink);
    case 'ndjson':
      return lineWriter(sink, options, shown);
    case 'markdown':
      return markdownWriter(sink, shown);
    case 'sarif':
      return sarifWriter(sink, options, rules);
    default:
      return jsonWriter(sink, options, shown);
  }
}

/** The heading tells how many handshakes there are, so the text of all is held until the end. */
function textWriter(sink: TextSink, shown: (trace: Trace) => Trace): DocumentWriter {
  const texts: LineText[] = [];
  return {
    trace: (trace) => texts.push(renderTrace(shown(trace)).text),
    end(capture) {
      sink.write(renderDocument({ version: 1, capture, traces: [] }, texts.length).text);
      for (const text of texts) sink.write(together([EMPTY, text], '\n'));
    },
  };
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
  let count = 0;
  return {
    trace(trace) {
      sink.write(count++ === 0 ? jsonPiece`{"version":1,"traces":[${lineBreak}` : jsonPiece`,${lineBreak}`);
      sink.write(json(shown(trace)));
    },
    end(capture) {
      if (count === 0) sink.write(jsonPiece`{"version":1,"traces":[`);
      sink.write(jsonPiece`${lineBreak}],"capture":${json(capture)}}\n`);
    },
  };
}

/** One trace a line, with the file it is from: what DuckDB, ClickHouse and Elastic load. */
function lineWriter(
  sink: TextSink,
  options: DocumentOptions,
  shown: (trace: Trace) => Trace,
): DocumentWriter {
  return {
    trace: (trace) => sink.write(jsonPiece`${json({ file: options.file, ...shown(trace) })}\n`),
    end: () => undefined,
  };
}

/** A few lines are worth a write. */
const LINES = 1 << 13;

/** A line for each connection as it comes; what is known of the file last. There is nothing to mask: no message is shown. */
function listWriter(sink: TextSink): DocumentWriter {
  const lines = lineBuilder();
  const flush = () => {
    sink.write(lines.view());
    lines.clear();
  };
  let count = 0;
  return {
    trace(trace) {
      count++;
      putTraceLine(lines, trace);
      if (lines.length >= LINES) flush();
    },
    end(capture) {
      flush();
      sink.write(listEnd(capture, count));
    },
  };
}

/** The heading tells how many handshakes there are: as {@link textWriter}. */
function markdownWriter(sink: TextSink, shown: (trace: Trace) => Trace): DocumentWriter {
  const texts: MarkdownText[] = [];
  return {
    trace: (trace) => texts.push(traceMarkdown(shown(trace))),
    end(capture) {
      sink.write(captureMarkdown(capture, texts.length));
      for (const text of texts) sink.write(together([markdown``, text], '\n'));
    },
  };
}

function sarifWriter(sink: TextSink, options: DocumentOptions, rules: Rules): DocumentWriter {
  let count = 0;
  return {
    trace(trace) {
      for (const finding of trace.findings) {
        sink.write(count++ === 0 ? jsonPiece`` : jsonPiece`,\n`);
        sink.write(sarifResult(options.file, trace, finding, rules));
      }
    },
    end: () => undefined,
  };
}

/** What stands between the texts of two files. */
export function separator(format: DecodeFormat): Printable {
  if (format === 'sarif') return jsonPiece`,\n`;
  return format === 'text' || format === 'markdown' ? line`\n` : EMPTY;
}
