import type { CaptureSummary, Trace } from '../trace/model';
import { redactTrace } from '../trace/redact';
import { renderDocument, renderTrace } from '../trace/text';
import type { DecodeFormat } from './output';

/** Where a writer's text goes. */
export interface TextSink {
  write(text: string): void;
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
  /** Position among the files that are printed, from 0. */
  readonly index: number;
  /** Whether other files are printed too. */
  readonly several: boolean;
}

/** The writer of a format; SARIF, one log for all files, is not written by file. */
export function documentWriter(sink: TextSink, options: DocumentOptions): DocumentWriter {
  const shown = options.reveal ? (trace: Trace) => trace : redactTrace;
  switch (options.format) {
    case 'text':
      return textWriter(sink, options, shown);
    case 'ndjson':
      return lineWriter(sink, options, shown);
    default:
      return jsonWriter(sink, options, shown);
  }
}

/** The heading tells how many handshakes there are, so the text of all is held until the end. */
function textWriter(
  sink: TextSink,
  options: DocumentOptions,
  shown: (trace: Trace) => Trace,
): DocumentWriter {
  const texts: string[] = [];
  return {
    trace: (trace) => texts.push(renderTrace(shown(trace)).text),
    end(capture) {
      if (options.index > 0) sink.write('\n');
      sink.write(renderDocument({ version: 1, capture, traces: [] }, texts.length).text);
      for (const text of texts) sink.write(`\n${text}`);
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
  const lineBreak = options.several ? '' : '\n';
  let count = 0;
  return {
    trace(trace) {
      sink.write(count++ === 0 ? `{"version":1,"traces":[${lineBreak}` : `,${lineBreak}`);
      sink.write(JSON.stringify(shown(trace)));
    },
    end(capture) {
      if (count === 0) sink.write('{"version":1,"traces":[');
      sink.write(`${lineBreak}],"capture":${JSON.stringify(capture)}}\n`);
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
    trace: (trace) => sink.write(`${JSON.stringify({ file: options.file, ...shown(trace) })}\n`),
    end: () => undefined,
  };
}
