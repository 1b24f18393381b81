import { json, jsonPiece } from '../base/shown/json';
import type { TraceDocument } from '../trace/model';
import { redactDocument } from '../trace/redact';
import { renderDocument } from '../trace/text';
import { documentV1 } from '../trace/version-1';
import type { JsonVersion } from './formats';
import type { Printable } from './terminal';

/** What `connect` and `lab` print. */
export type Format = 'text' | 'json';

export interface OutputOptions {
  readonly format: Format;
  readonly reveal: boolean;
  readonly jsonVersion?: JsonVersion;
}

/** The document of a live run as text or as indented JSON. */
export function format(document: TraceDocument, options: OutputOptions): Printable {
  const shown = options.reveal ? document : redactDocument(document);
  if (options.format === 'text') return renderDocument(shown).text;
  return jsonPiece`${json(options.jsonVersion === '1' ? documentV1(shown) : shown, 2)}\n`;
}

/** Bytes held before they are written: enough that a write costs nothing beside what it carries. */
const ENOUGH = 1 << 16;

/** A piece of text, or one that is already in UTF-8: lines of a `TextBuilder` that has the gate in it. */
export type Text = Printable | Uint8Array;

/**
 * Where text goes, piece by piece, in UTF-8; the promise, if any, slows down whoever gives it. The memory of a piece is used again when it
 * is taken: after the promise, or at once where there is none.
 */
export type TakeText = (text: Uint8Array) => Promise<void> | undefined;

/** Bytes that one UTF-16 unit takes at most. */
const WIDEST = 3;

/** Pieces of text one behind the other as UTF-8, in memory that is used again and again: strings that were joined would be copied for it. */
class TextBlock {
  #buffer = Buffer.allocUnsafeSlow(2 * ENOUGH);
  #length = 0;

  /** In bytes. */
  get length(): number {
    return this.#length;
  }

  write(text: Text): void {
    if (typeof text === 'string') {
      const room = WIDEST * text.length;
      this.#reserve(room <= ENOUGH ? room : Buffer.byteLength(text));
      this.#length += this.#buffer.write(text, this.#length);
    } else {
      this.#reserve(text.length);
      this.#buffer.set(text, this.#length);
      this.#length += text.length;
    }
  }

  /** All there is, until the next piece is written. */
  view(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  clear(): void {
    this.#length = 0;
  }

  #reserve(extra: number): void {
    if (this.#length + extra <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(2 * (this.#length + extra));
    grown.set(this.view());
    this.#buffer = grown;
  }
}

/** Text on its way to somebody, in large pieces. */
export class Output {
  #block = new TextBlock();
  /** One that was taken. */
  #spare: TextBlock | undefined;

  constructor(private readonly take: TakeText) {}

  /** @param text an array may be used again afterwards. */
  write(text: Text): void {
    this.#block.write(text);
  }

  /** Writes if there is much; the promise, if any, ends when the stream has taken it. */
  drain(): Promise<void> | undefined {
    return this.#block.length >= ENOUGH ? this.flush() : undefined;
  }

  /** Writes all there is. */
  async flush(): Promise<void> {
    const block = this.#block;
    if (block.length === 0) return;
    this.#block = this.#spare ?? new TextBlock();
    this.#spare = undefined;
    await this.take(block.view());
    block.clear();
    this.#spare = block;
  }
}
