import { allocate } from '../base/arena';
import type { Mark } from '../base/mark';
import type { TlsRecord } from './record';

/** The longest handshake message kept. OpenSSL's own bound for a certificate chain is 100 KiB. */
export const MAX_HANDSHAKE = 1 << 18;

const HEADER = 4;
const NOTHING = new Uint8Array(0);

/** One handshake message, its four-byte header included in `bytes`. */
export interface HandshakeMessage {
  readonly type: number;
  /** Valid until the reader's next call. */
  readonly bytes: Uint8Array;
  /** In order; or the only one. */
  readonly frames: number | readonly number[];
  /** When it was complete. */
  readonly mark: Mark;
}

/** Joins the handshake messages of one direction: several may share a record, and one may span several. */
export class HandshakeReader {
  /** A length past {@link MAX_HANDSHAKE}; what follows in this direction cannot be told apart. */
  overflowed = false;
  #bytes: Uint8Array = NOTHING;
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
    // Most records hold one message.
    const alone = this.#length === 0 && content.length > 0 && totalAt(content, 0) === content.length;
    if (alone && !this.overflowed) {
      return [
        this.#inPlace(content, sealed ? record.frames() : record.frames(0, content.length), record.mark),
      ];
    }
    const messages: HandshakeMessage[] = [];
    let at = 0;
    while (at < content.length && !this.overflowed) {
      const total = this.#length === 0 ? totalAt(content, at) : 0;
      if (total > 0 && total <= content.length - at && total <= MAX_HANDSHAKE) {
        const frames = sealed ? record.frames() : record.frames(at, at + total);
        messages.push(this.#inPlace(content.subarray(at, at + total), frames, record.mark));
        at += total;
        continue;
      }
      const wanted = this.#length < HEADER ? HEADER : totalAt(this.#bytes, 0);
      const part = Math.min(wanted - this.#length, content.length - at);
      this.#append(content.subarray(at, at + part));
      this.#addFrames(sealed ? record.frames() : record.frames(at, at + part));
      at += part;
      if (this.#length < HEADER) break;
      if (totalAt(this.#bytes, 0) > MAX_HANDSHAKE) this.overflowed = true;
      else if (this.#length === totalAt(this.#bytes, 0)) messages.push(this.#take(record.mark));
    }
    return messages;
  }

  /** Forgets an unfinished message, as after missing bytes. */
  reset(): void {
    this.#length = 0;
    if (this.#frames.length > 0) this.#frames = [];
  }

  #append(part: Uint8Array): void {
    const length = this.#length + part.length;
    if (length > this.#bytes.length) {
      const grown = allocate(Math.max(256, 2 * length));
      grown.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = grown;
    }
    this.#bytes.set(part, this.#length);
    this.#length = length;
  }

  #addFrames(frames: number | readonly number[]): void {
    for (const frame of typeof frames === 'number' ? [frames] : frames) {
      if (this.#frames[this.#frames.length - 1] !== frame) this.#frames.push(frame);
    }
  }

  /** A message that is in one record. Segments may have come out of order. */
  #inPlace(bytes: Uint8Array, frames: number | readonly number[], mark: Mark): HandshakeMessage {
    return { type: bytes[0], bytes, frames: typeof frames === 'number' ? frames : inOrder(frames), mark };
  }

  #take(mark: Mark): HandshakeMessage {
    // A copy: another message of the same record may follow.
    const bytes = this.#bytes.slice(0, this.#length);
    const message = { type: bytes[0], bytes, frames: inOrder(this.#frames), mark };
    this.reset();
    return message;
  }
}

/** Length of the message at `at`, its header included; 0 when the header is not all there. */
function totalAt(bytes: Uint8Array, at: number): number {
  if (bytes.length - at < HEADER) return 0;
  return HEADER + ((bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]);
}

function inOrder(frames: readonly number[]): readonly number[] {
  return frames.length < 2 ? frames : [...new Set(frames)].sort((a, b) => a - b);
}
