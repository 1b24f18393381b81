import type { Names } from './names';

const LETTER = 0x78;
const ZERO = 0x30;
const CAPITAL = 0x41;
const EQUALS = 0x3d;

/**
 * A stretch of bytes that is written anew, in place: all of it is zeros until somebody allows something. So what nobody thought of is not
 * in the result. Every range is cut to what is there.
 */
export class Allowed {
  readonly source: Uint8Array;

  /** @param bytes is blanked. */
  constructor(
    readonly bytes: Uint8Array,
    readonly names: Names,
  ) {
    this.source = bytes.slice();
    bytes.fill(0);
  }

  get length(): number {
    return this.source.length;
  }

  /** What the protocol fixes stays; of a range that a damaged length gives, what there is of it. */
  keep(start: number, end: number): void {
    if (start >= this.source.length) return;
    this.bytes.set(this.source.subarray(start, Math.max(start, end)), start);
  }

  /** A text stays if it is one that the protocol knows; else it is a name. */
  known(start: number, end: number, words: ReadonlySet<string>): void {
    if (words.has(this.text(start, end))) this.keep(start, end);
    else this.name(start, end);
  }

  /** A text stays if it has a form in which nothing can be hidden, such as digits. */
  formed(start: number, end: number, form: RegExp): void {
    const text = this.text(start, end);
    if (!form.test(text)) {
      this.name(start, end);
      return;
    }
    this.names.allow(text);
    this.keep(start, end);
  }

  /** A name becomes its stand-in. */
  name(start: number, end: number): void {
    this.keep(start, end);
    this.names.mask(this.bytes, start, Math.min(end, this.length));
  }

  /** Of a sentence stay the words that the project knows. */
  sentence(start: number, end: number): void {
    this.keep(start, end);
    this.names.maskSentence(this.bytes, start, Math.min(end, this.length));
  }

  /** A secret becomes letters; NULs stay. */
  letters(start: number, end: number): void {
    this.#cover(start, end, LETTER);
  }

  /** A secret in hexadecimal digits becomes zeros that are digits. */
  digits(start: number, end: number): void {
    this.#cover(start, end, ZERO);
  }

  /** A secret in base64 becomes capital letters; what fills it up at the end stays. */
  base64(start: number, end: number): void {
    let stop = Math.min(end, this.length);
    while (stop > start && this.source[stop - 1] === EQUALS) stop--;
    this.#cover(start, stop, CAPITAL);
    this.keep(stop, end);
  }

  /** A secret that is no text stays zeros; it is looked for in the result. */
  zeros(start: number, end: number): void {
    this.names.note(this.text(start, end));
  }

  /** Bytes as characters of the same value. */
  text(start: number, end: number): string {
    return latin1(this.source, start, Math.min(end, this.length));
  }

  /** Where the string that begins at `start` ends: at its NUL, or where the bytes end. */
  stringEnd(start: number, limit = this.length): number {
    const nul = this.source.indexOf(0, start);
    return nul < 0 || nul > limit ? limit : nul;
  }

  #cover(start: number, end: number, letter: number): void {
    const stop = Math.min(end, this.length);
    this.names.note(this.text(start, stop));
    for (let at = start; at < stop; at++) if (this.source[at] !== 0) this.bytes[at] = letter;
  }
}

/** Bytes as characters of the same value: names are found and replaced without changing how long they are. */
export function latin1(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let at = start; at < end; at++) text += String.fromCharCode(bytes[at]);
  return text;
}
