import { Duplex } from 'node:stream';
import { joined } from '../base/bytes';

/**
 * Stands between `node:tls` and the socket so that every ciphertext byte passes through our hands: what TLS writes goes to
 * `send`, what the socket read comes in by {@link feed}.
 */
export class WireShim extends Duplex {
  readonly #send: (bytes: Uint8Array, done: (error?: Error | null) => void) => void;
  readonly #end: () => void;
  #mute = false;
  #held: Uint8Array[] | undefined;

  constructor(send: (bytes: Uint8Array, done: (error?: Error | null) => void) => void, end: () => void) {
    super({ allowHalfOpen: true });
    this.#send = send;
    this.#end = end;
  }

  /** From now on what TLS writes is kept until {@link release}. */
  hold(): void {
    this.#held ??= [];
  }

  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const bytes of held) this.#send(bytes, () => {});
  }

  /** From now on what TLS writes is dropped. */
  mute(): void {
    this.#mute = true;
  }

  /** Ciphertext from the peer. */
  feed(bytes: Uint8Array): void {
    if (!this.destroyed) this.push(bytes);
  }

  /** The peer ended its direction. */
  feedEnd(): void {
    if (!this.destroyed) this.push(null);
  }

  override _read(): void {
    // Bytes come when the socket has them; a handshake is too small to need back pressure.
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#held) this.#held.push(chunk);
    else if (!this.#mute) {
      this.#send(chunk, done);
      return;
    }
    done();
  }

  /** What TLS has to say in several pieces leaves as one. */
  override _writev(
    pieces: readonly { readonly chunk: Uint8Array }[],
    done: (error?: Error | null) => void,
  ): void {
    this._write(joined(pieces.map(({ chunk }) => chunk)), 'buffer' as BufferEncoding, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#end();
    done();
  }
}
