import { utf8Between } from './bytes';
import { sharedText } from './shared-text';

/**
 * Reads forward through a part of a byte array and never past its end.
 *
 * A read that does not fit returns zero, an empty array or an empty string, moves to the end and sets
 * {@link overran}, which stays set: a parser reads a whole structure and asks once, at the end.
 */
export class Cursor {
  /** Whether any read asked for more than was there. */
  overran = false;
  readonly #bytes: Uint8Array;
  #position: number;
  readonly #end: number;

  /** @param start first byte; @param end one past the last byte. Both are clamped to the array. */
  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#end = Math.max(0, Math.min(end, bytes.length));
    this.#position = Math.max(0, Math.min(start, this.#end));
  }

  /** Offset of the next byte in the underlying array. */
  get position(): number {
    return this.#position;
  }

  get end(): number {
    return this.#end;
  }

  get remaining(): number {
    return this.#end - this.#position;
  }

  u8(): number {
    return this.#need(1) ? this.#bytes[this.#position++] : 0;
  }

  u16be(): number {
    if (!this.#need(2)) return 0;
    const at = this.#advance(2);
    return (this.#bytes[at] << 8) | this.#bytes[at + 1];
  }

  u16le(): number {
    if (!this.#need(2)) return 0;
    const at = this.#advance(2);
    return this.#bytes[at] | (this.#bytes[at + 1] << 8);
  }

  u24be(): number {
    if (!this.#need(3)) return 0;
    const at = this.#advance(3);
    return (this.#bytes[at] << 16) | (this.#bytes[at + 1] << 8) | this.#bytes[at + 2];
  }

  i32be(): number {
    if (!this.#need(4)) return 0;
    const at = this.#advance(4);
    const b = this.#bytes;
    return (b[at] << 24) | (b[at + 1] << 16) | (b[at + 2] << 8) | b[at + 3];
  }

  u32be(): number {
    return this.i32be() >>> 0;
  }

  i32le(): number {
    if (!this.#need(4)) return 0;
    const at = this.#advance(4);
    const b = this.#bytes;
    return b[at] | (b[at + 1] << 8) | (b[at + 2] << 16) | (b[at + 3] << 24);
  }

  u32le(): number {
    return this.i32le() >>> 0;
  }

  /** The next `length` bytes as a view (not a copy). A negative length counts as an overrun. */
  take(length: number): Uint8Array {
    if (!this.#need(length)) return this.#bytes.subarray(0, 0);
    const at = this.#advance(length);
    return this.#bytes.subarray(at, at + length);
  }

  /** A cursor over `length` bytes at `start`, an offset in the underlying array, which are inside this one. */
  part(start: number, length: number): Cursor {
    return new Cursor(this.#bytes, start, Math.min(this.#end, start + length));
  }

  /** The next `length` bytes as UTF-8, for names that come again and again and are no secret. */
  text(length: number): string {
    if (!this.#need(length)) return '';
    const at = this.#advance(length);
    return sharedText(this.#bytes, at, at + length);
  }

  skip(length: number): void {
    if (this.#need(length)) this.#position += length;
  }

  /** Bytes up to a NUL, decoded as UTF-8; the NUL is consumed. No NUL before the end is an overrun. */
  cstring(): string {
    return this.#terminated(utf8Between);
  }

  /** {@link cstring} for names that come again and again and are no secret. */
  sharedCstring(): string {
    return this.#terminated(sharedText);
  }

  #terminated(read: (bytes: Uint8Array, start: number, end: number) => string): string {
    const nul = this.#bytes.indexOf(0, this.#position);
    if (nul < 0 || nul >= this.#end) {
      this.#overrun();
      return '';
    }
    const text = read(this.#bytes, this.#position, nul);
    this.#position = nul + 1;
    return text;
  }

  /** Passes over bytes up to a NUL and the NUL, as {@link cstring} does. */
  skipCstring(): void {
    const nul = this.#bytes.indexOf(0, this.#position);
    if (nul < 0 || nul >= this.#end) this.#overrun();
    else this.#position = nul + 1;
  }

  #need(length: number): boolean {
    if (length >= 0 && length <= this.#end - this.#position) return true;
    this.#overrun();
    return false;
  }

  #advance(length: number): number {
    const at = this.#position;
    this.#position += length;
    return at;
  }

  #overrun(): void {
    this.overran = true;
    this.#position = this.#end;
  }
}
