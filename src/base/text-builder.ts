import { utf8Bytes } from './bytes';

/** Bytes at the beginning; it grows as needed. */
const ROOM = 1 << 12;

const SPACE = 0x20;
const DELETE = 0x7f;
const ZERO = 0x30;
const COLON = 0x3a;
const SLASH = 0x2f;
const DOT = 0x2e;
const W = 0x77;

/** A longer text may be too long to be shown whole. */
const LONG = 1_000;

/**
 * Puts a text together as UTF-8, in memory that is used again and again: for many lines of many small parts, where strings would be made
 * of strings only to be thrown away.
 */
export class TextBuilder {
  #bytes = new Uint8Array(ROOM);
  #length = 0;
  /** Bytes that continue a character. */
  #continuing = 0;

  /** @param shown gives what stands for a text that is long, or not plain ASCII, or has something like an address of a page in it. */
  constructor(private readonly shown: (text: string) => string) {}

  /** In bytes. */
  get length(): number {
    return this.#length;
  }

  /** In characters. */
  get width(): number {
    return this.#length - this.#continuing;
  }

  put(text: string): this {
    const { length } = text;
    if (length > LONG) return this.putBytes(utf8Bytes(this.shown(text)));
    this.#reserve(length);
    const bytes = this.#bytes;
    const start = this.#length;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code < SPACE || code >= DELETE || isAddress(text, code, i)) {
        return this.putBytes(utf8Bytes(this.shown(text)));
      }
      bytes[start + i] = code;
    }
    this.#length = start + length;
    return this;
  }

  /** @param utf8 a text as it is. */
  putBytes(utf8: Uint8Array): this {
    this.#reserve(utf8.length);
    for (let i = 0; i < utf8.length; i++) {
      this.#bytes[this.#length++] = utf8[i];
      if ((utf8[i] & 0xc0) === 0x80) this.#continuing++;
    }
    return this;
  }

  /** @param value a whole number from 0 on. */
  putNumber(value: number): this {
    let digits = 1;
    for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) digits++;
    this.#reserve(digits);
    let rest = value;
    for (let at = this.#length + digits - 1; at >= this.#length; at--) {
      this.#bytes[at] = ZERO + (rest % 10);
      rest = Math.floor(rest / 10);
    }
    this.#length += digits;
    return this;
  }

  /** Spaces until the text is `width` characters wide. */
  padTo(width: number): this {
    const missing = width - this.width;
    if (missing <= 0) return this;
    this.#reserve(missing);
    for (let i = 0; i < missing; i++) this.#bytes[this.#length++] = SPACE;
    return this;
  }

  /** The text as UTF-8, until more is put. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Begins anew. */
  clear(): void {
    this.#length = 0;
    this.#continuing = 0;
  }

  #reserve(extra: number): void {
    if (this.#length + extra <= this.#bytes.length) return;
    const grown = new Uint8Array(2 * (this.#length + extra));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}

/** Whether this is the colon of `https://` or the dot of `www.`. */
function isAddress(text: string, code: number, at: number): boolean {
  if (code === COLON) return text.charCodeAt(at + 1) === SLASH;
  return code === DOT && (text.charCodeAt(at - 1) | 0x20) === W;
}
