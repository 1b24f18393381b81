import type { Writable } from 'node:stream';
import type { TraceDocument } from '../trace/model';
import { redactTrace } from '../trace/redact';
import { renderDocument } from '../trace/text';

/** What `connect` and `lab` print. */
export type Format = 'text' | 'json';

export interface OutputOptions {
  readonly format: Format;
  readonly reveal: boolean;
}

/** Writes and waits until the stream has taken it. */
export function print(text: string): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write(text, () => resolve());
  });
}

/** The document of a live run as text or as indented JSON. */
export function format(document: TraceDocument, options: OutputOptions): string {
  const shown = options.reveal
    ? document
    : { ...document, traces: document.traces.map((t) => redactTrace(t)) };
  if (options.format === 'text') return renderDocument(shown).text;
  return `${JSON.stringify(shown, null, 2)}\n`;
}

/** Characters held before they are written: enough that a write costs nothing beside what it carries. */
const ENOUGH = 1 << 16;

/** A piece of text, or one that is already in UTF-8. */
export type Text = string | Uint8Array;

/** Where text goes, piece by piece; the promise, if any, slows down whoever gives it. */
export type TakeText = (text: Text) => Promise<void> | undefined;

/** Into a stream. */
export function toStream(stream: Writable): TakeText {
  return (text) =>
    new Promise((resolve) => {
      stream.write(text, () => resolve());
    });
}

/** Several pieces as one. */
export function joinText(pieces: readonly Text[]): Text {
  if (pieces.length === 1) return pieces[0];
  const strings = pieces.filter((piece) => typeof piece === 'string');
  if (strings.length === pieces.length) return strings.join('');
  return Buffer.concat(pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece)));
}

/** Text on its way to a stream, in large pieces. */
export class Output {
  #held: Text[] = [];
  #length = 0;

  constructor(private readonly take: TakeText) {}

  write(text: Text): void {
    if (text.length === 0) return;
    this.#held.push(text);
    this.#length += text.length;
  }

  /** Writes if there is much; the promise, if any, ends when the stream has taken it. */
  drain(): Promise<void> | undefined {
    return this.#length >= ENOUGH ? this.flush() : undefined;
  }

  /** Writes all there is. */
  flush(): Promise<void> {
    if (this.#length === 0) return Promise.resolve();
    const text = joinText(this.#held);
    this.#held = [];
    this.#length = 0;
    return this.take(text) ?? Promise.resolve();
  }
}
