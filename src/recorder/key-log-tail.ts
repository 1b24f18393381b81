import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { fsPath, shownPath } from '../files/path-bytes';
import type { KeyLog } from '../tls/keylog';

const NEWLINE = 0x0a;
/** Most that is read at a time; the rest comes with the next look. */
const MAX_PIECE = 8 << 20;
/** Most that is read at all, as of a key log that is read at once. */
const MAX_KEY_LOG = 64 << 20;

/**
 * Follows a TLS key log that grows while connections are made. A client writes a session's secrets before it uses them, so whoever looks
 * before each piece of a capture has them in time. It may be a pipe or a device: no look waits for one, and no look reads without end.
 */
export class KeyLogTail {
  /** Why the rest is not read; null while all is. */
  problem: string | null = null;
  #offset = 0;
  #read = 0;
  /** A pipe, which would be gone if it were closed, and the line that it is in the middle of. */
  #pipe: number | undefined;
  #rest: Uint8Array = new Uint8Array(0);

  /** @param most bytes that are read at all. */
  constructor(
    private readonly path: string,
    private readonly keyLog: KeyLog,
    private readonly most: number = MAX_KEY_LOG,
  ) {}

  /** Adds the lines that came since the last look. A file that is not there yet has none. */
  look(): void {
    if (this.problem !== null) return;
    let file = this.#pipe;
    try {
      // Who opened a pipe that nobody writes to would wait for a writer.
      file ??= openSync(fsPath(this.path), constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
      const stat = fstatSync(file);
      if (stat.isFile()) {
        this.#follow(file, stat.size);
      } else {
        this.#pipe = file;
        this.#take(file);
      }
    } catch {
      // Not there yet, or nothing in the pipe: the next look may go better.
    } finally {
      if (file !== undefined && file !== this.#pipe) closeSync(file);
      if (this.problem !== null) this.close();
    }
  }

  /** Lets go of a pipe. */
  close(): void {
    if (this.#pipe !== undefined) closeSync(this.#pipe);
    this.#pipe = undefined;
  }

  #follow(file: number, size: number): void {
    // Begun anew by another run of the client.
    if (size < this.#offset) this.#offset = 0;
    if (size === this.#offset) return;
    const piece = new Uint8Array(this.#room(Math.min(MAX_PIECE, size - this.#offset)));
    const length = readSync(file, piece, 0, piece.length, this.#offset);
    const end = this.#add(piece.subarray(0, length));
    // Of a line that is being written the beginning is read again; what is no line at all is passed over.
    const step = end > 0 || length < MAX_PIECE ? end : length;
    this.#offset += step;
    this.#count(step, length - step);
  }

  #take(pipe: number): void {
    const piece = new Uint8Array(this.#rest.length + this.#room(MAX_PIECE));
    piece.set(this.#rest);
    const length = readSync(pipe, piece, this.#rest.length, piece.length - this.#rest.length, null);
    const all = piece.subarray(0, this.#rest.length + length);
    const end = this.#add(all);
    this.#rest = all.length - end < MAX_PIECE ? all.slice(end) : new Uint8Array(0);
    this.#count(length, 0);
  }

  /** Adds the whole lines. @returns where the last one ends. */
  #add(bytes: Uint8Array): number {
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    this.keyLog.add(bytes.subarray(0, end));
    return end;
  }

  #room(wanted: number): number {
    // One more than may be: only then it is known that there is more.
    return Math.min(wanted, this.most + 1 - this.#read);
  }

  /** @param again bytes that were seen, and are read again with the next look. */
  #count(bytes: number, again: number): void {
    this.#read += bytes;
    if (this.#read + again <= this.most) return;
    this.problem = `Only the first ${this.most} bytes of the TLS key log ${shownPath(this.path)} were read: it is too large to be one.`;
  }
}
