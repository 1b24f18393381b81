import type { TraceDocument } from '../trace/model';
import { redactTrace } from '../trace/redact';
import { renderDocument } from '../trace/text';

export type Format = 'text' | 'json';

export interface OutputOptions {
  readonly format: Format;
  readonly reveal: boolean;
}

/** Writes and waits until the stream has taken it, so that a large document is not held twice. */
export function print(text: string): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write(text, () => resolve());
  });
}

/**
 * The document as text, or as JSON: indented when it stands alone, one line each when several are printed, so that a reader can take
 * them apart.
 */
export function format(document: TraceDocument, options: OutputOptions, several = false): string {
  const shown = options.reveal
    ? document
    : { ...document, traces: document.traces.map((t) => redactTrace(t)) };
  if (options.format === 'text') return renderDocument(shown).text;
  return `${JSON.stringify(shown, null, several ? undefined : 2)}\n`;
}
