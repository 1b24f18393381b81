import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { KeyLog } from '../tls/keylog';

const NEWLINE = 0x0a;
/** Most that is read at a time; the rest comes with the next look. */
const MAX_PIECE = 8 << 20;

/**
 * Follows a TLS key log that grows while connections are made. A client writes a session's secrets before it uses them, so whoever looks
 * before each piece of a capture has them in time.
 */
export class KeyLogTail {
  #offset = 0;

  constructor(
    private readonly path: string,
    private readonly keyLog: KeyLog,
  ) {}

  /** Adds the lines that came since the last look. A file that is not there yet has none. */
  look(): void {
    let file: number;
    try {
      file = openSync(this.path, 'r');
    } catch {
      return;
    }
    try {
      const { size } = fstatSync(file);
      // Begun anew by another run of the client.
      if (size < this.#offset) this.#offset = 0;
      if (size === this.#offset) return;
      const piece = new Uint8Array(Math.min(MAX_PIECE, size - this.#offset));
      const length = readSync(file, piece, 0, piece.length, this.#offset);
      const end = piece.lastIndexOf(NEWLINE, length - 1) + 1;
      this.keyLog.add(piece.subarray(0, end));
      // Of a line that is being written the beginning is read again; what is no line at all is passed over.
      this.#offset += end > 0 || length < MAX_PIECE ? end : length;
    } catch {
      // The next look may go better.
    } finally {
      closeSync(file);
    }
  }
}
