import { allocate, keptCopyOf } from '../base/arena';
import type { Mark } from '../base/mark';
import type { TlsRecord } from './record';

/** The longest handshake message kept. OpenSSL's own bound for a certificate chain is 100 KiB. */
export const MAX_HANDSHAKE = 1 << 18;

const HEADER = 4;

/** One handshake message, its four-byte header included in `bytes`. */
export interface HandshakeMessage {
  readonly type: number;
  /** A copy. */
  readonly bytes: Uint8Array;
  readonly frames: readonly number[];
  /** When it was complete. */
  readonly mark: Mark;
}

/** Joins the handshake messages of one direction: several may share a record, and one may span several. */
export class HandshakeReader {
  /** A length past {@link MAX_HANDSHAKE}; what follows in this direction cannot be told apart. */
  overflowed = false;
  #bytes = allocate(256);
  #length = 0;
  #frames: number[] = [];

  /** Bytes of an unfinished message. */
  get pending(): number {
    return this.#length;
  }

  /**
   * Takes a record's content and gives the messages it completes.
   * @param content the record's payload, decrypted if it was sealed.
   * @param sealed frames cannot be told apart inside a sealed record: it can be opened only as a whole.
   */
  read(content: Uint8Array, record: TlsRecord, sealed: boolean): HandshakeMessage[] {
    const messages: HandshakeMessage[] = [];
    let at = 0;
    while (at < content.length && !this.overflowed) {
      const wanted = this.#length < HEADER ? HEADER : this.#total();
      const part = Math.min(wanted - this.#length, content.length - at);
      this.#append(content.subarray(at, at + part));
      this.#addFrames(sealed ? record.frames() : record.frames(at, at + part));
      at += part;
      if (this.#length < HEADER) break;
      if (this.#total() > MAX_HANDSHAKE) this.overflowed = true;
      else if (this.#length === this.#total()) messages.push(this.#take(record.mark));
    }
    return messages;
  }

  /** Forgets an unfinished message, as after missing bytes. */
  reset(): void {
    this.#length = 0;
    this.#frames = [];
  }

  #total(): number {
    return HEADER + ((this.#bytes[1] << 16) | (this.#bytes[2] << 8) | this.#bytes[3]);
  }

  #append(part: Uint8Array): void {
    const length = this.#length + part.length;
    if (length > this.#bytes.length) {
      const grown = new Uint8Array(2 * length);
      grown.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = grown;
    }
    this.#bytes.set(part, this.#length);
    this.#length = length;
  }

  #addFrames(frames: readonly number[]): void {
    for (const frame of frames) {
      if (this.#frames[this.#frames.length - 1] !== frame) this.#frames.push(frame);
    }
  }

  #take(mark: Mark): HandshakeMessage {
    const message = {
      type: this.#bytes[0],
      bytes: keptCopyOf(this.#bytes.subarray(0, this.#length)),
      // Segments may have come out of order.
      frames: this.#frames.length < 2 ? this.#frames : [...new Set(this.#frames)].sort((a, b) => a - b),
      mark,
    };
    this.reset();
    return message;
  }
}
