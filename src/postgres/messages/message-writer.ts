import { utf8Bytes } from '../../base/bytes';

/** Most messages of a handshake fit; a longer one makes it grow once. */
const INITIAL = 1024;

/**
 * Writes one message after another into memory that is used again and gives each as an array of its own. A session's greeting is
 * some seventeen messages of a few words each: with an array for every word, most of the backend's time would go into memory.
 */
export class MessageWriter {
  #bytes = new Uint8Array(INITIAL);
  #at = 0;
  /** Where the length word is. */
  #length = 0;

  /** Begins a message: its type byte, absent in the startup packets, and room for its length. */
  begin(type = ''): this {
    this.#at = 0;
    this.#length = type.length;
    if (type !== '') this.u8(type.charCodeAt(0));
    return this.int32(0);
  }

  u8(value: number): this {
    this.#need(1);
    this.#bytes[this.#at++] = value;
    return this;
  }

  int16(value: number): this {
    return this.u8(value >>> 8).u8(value);
  }

  int32(value: number): this {
    return this.int16(value >>> 16).int16(value);
  }

  bytes(bytes: Uint8Array): this {
    this.#need(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
    return this;
  }

  /** UTF-8 and a NUL. A NUL inside would end it early, so it is cut there, as C does. */
  cstring(text: string): this {
    this.#need(text.length + 1);
    const start = this.#at;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code === 0) break;
      if (code > 0x7f) {
        this.#at = start;
        return this.bytes(utf8Bytes(text.split('\0', 1)[0])).u8(0);
      }
      this.#bytes[this.#at++] = code;
    }
    return this.u8(0);
  }

  /** The message, its length word filled in, which counts itself and not the type byte. */
  finish(): Uint8Array {
    const end = this.#at;
    this.#at = this.#length;
    this.int32(end - this.#length);
    return this.#bytes.slice(0, end);
  }

  #need(more: number): void {
    if (this.#at + more <= this.#bytes.length) return;
    const longer = new Uint8Array(2 * (this.#at + more));
    longer.set(this.#bytes);
    this.#bytes = longer;
  }
}
