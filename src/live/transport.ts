import type { Socket } from 'node:net';
import { type ConnectionOptions, TLSSocket, type TLSSocketOptions, connect as tlsConnect } from 'node:tls';
import { otherSide, type Side } from '../base/mark';
import type { CloseKind } from '../inspect/observer';
import type { ConnectionRecorder } from './recorder';
import { WireShim } from './wire-shim';

/** What a transport tells its driver. Plaintext only: through TLS once TLS is on. */
export interface TransportHandler {
  handleData(bytes: Uint8Array): void;
  /** The peer ended or reset the connection, or the socket failed. Called at most once. */
  handleClosed(how: CloseKind, error?: NodeJS.ErrnoException): void;
}

/** How long a polite close may take before the socket is destroyed, milliseconds. */
const LINGER_MS = 400;

/** Most that waits for a peer that does not read, and of one's bytes for our own turn; past it nothing more is read from the peer. */
const MAX_WAITING = 1 << 20;

/** How long TLS may take to read what came before the end of the stream, milliseconds. */
const TLS_DRAIN_MS = 20;

/**
 * The byte-moving seam (as libpq's `pqsecure_read`/`pqsecure_write`): a connected socket first, TLS on top of it later. Every
 * byte on the wire is told to the recorder in both directions, ciphertext included, and TLS secrets with them.
 */
export class Transport {
  /** The TLS layer, once `startTls` was called. */
  tls: TLSSocket | undefined;
  #shim: WireShim | undefined;
  #prepared: { readonly tls: TLSSocket; readonly shim: WireShim } | undefined;
  #handler: TransportHandler | undefined;
  #early: Uint8Array[] = [];
  #earlyBytes = 0;
  /** Why nothing is read from the peer: it does not take what we write, or it says more than there is time for. */
  readonly #halts = new Set<'unread' | 'early'>();
  #closed: { how: CloseKind; error?: NodeJS.ErrnoException } | undefined;
  #tlsFailed: ((error: NodeJS.ErrnoException) => void) | undefined;
  #tlsError: NodeJS.ErrnoException | undefined;
  #ended = false;
  #delivered = false;
  #holding = false;

  /** @param side which end of the connection we are. */
  constructor(
    readonly socket: Socket,
    readonly side: Side,
    readonly recorder: ConnectionRecorder,
  ) {
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#received(plain(chunk)));
    socket.on('end', () => this.#peerClosed('fin'));
    // Our FIN leaves now, whether we asked for it or the socket answers the peer's.
    socket.on('finish', () => this.recorder.close(this.side, 'fin'));
    socket.on('error', (error: NodeJS.ErrnoException) => this.#peerClosed('rst', error));
    socket.on('close', () => this.#peerClosed('fin'));
  }

  /** What broke TLS, in or after the handshake. */
  get tlsError(): NodeJS.ErrnoException | undefined {
    return this.#tlsError;
  }

  /** Bytes that arrived before there was a handler are given to it now, in order. */
  attach(handler: TransportHandler): void {
    this.#handler = handler;
    this.#flushEarly();
    if (this.#closed) this.#deliverClosed(this.#closed.how, this.#closed.error);
  }

  /**
   * Lets plaintext through after a TLS handshake. It is held from `startTls…` on, because a peer may send its first message
   * together with its Finished, before the driver has told its machine that TLS is up.
   */
  resume(): void {
    this.#holding = false;
    this.#flushEarly();
    if (this.#closed && !this.tls?.readable) this.#deliverClosed(this.#closed.how, this.#closed.error);
  }

  write(bytes: Uint8Array): void {
    if (this.#ended) return;
    if (this.tls) this.tls.write(bytes);
    else this.#send(bytes, () => {});
    const stream = this.tls ?? this.socket;
    if (stream.writableLength <= MAX_WAITING || this.#halts.has('unread')) return;
    this.#halt('unread');
    stream.once('drain', () => this.#goOn('unread'));
  }

  #halt(why: 'unread' | 'early'): void {
    this.#halts.add(why);
    this.#incoming.pause();
  }

  #goOn(why: 'unread' | 'early'): void {
    if (this.#halts.delete(why) && this.#halts.size === 0) this.#incoming.resume();
  }

  /** Where the peer's bytes come from: TLS that has the socket to itself, or the socket. */
  get #incoming(): Socket {
    return this.tls && !this.#shim ? this.tls : this.socket;
  }

  /**
   * Makes a TLS client up to its ClientHello, which is kept until {@link startTlsClient}: the time in which a server thinks about whether
   * it has TLS need not be lost. Nothing of it reaches the wire, and without TLS nothing comes of it.
   *
   * @throws what OpenSSL says of options that it refuses
   */
  prepareTlsClient(options: ConnectionOptions): void {
    if (this.tls || this.#prepared || this.#ended || this.#closed) return;
    const shim = this.#newShim();
    shim.hold();
    const tls = tlsConnect({ ...options, socket: shim as unknown as Socket });
    tls.on('error', () => {});
    this.#prepared = { tls, shim };
  }

  /**
   * Starts the TLS client handshake. Resolves when it is done, whatever the certificate; rejects with what broke it.
   *
   * @param options not asked for when TLS was prepared.
   * @param refuse looks at the server's certificate at the earliest moment and may give an alert, a whole record. In TLS 1.3 our
   *   Finished has not left yet: the alert goes out in its place, as a client's that refuses inside the handshake. In TLS 1.2 it is
   *   too late for that, and nothing is sent.
   */
  async startTlsClient(
    options: () => Promise<ConnectionOptions>,
    refuse: (tls: TLSSocket) => Uint8Array | undefined,
  ): Promise<TLSSocket> {
    const prepared = this.#prepared;
    this.#prepared = undefined;
    const given = prepared ? {} : await options();
    const shim = prepared?.shim ?? this.#newShim();
    const make = () => {
      const tls = prepared?.tls ?? tlsConnect({ ...given, socket: shim as unknown as Socket });
      tls.once('secureConnect', () => {
        const alert = tls.getProtocol() === 'TLSv1.3' ? refuse(tls) : undefined;
        if (!alert) return;
        shim.mute();
        this.#send(alert, () => {});
      });
      return tls;
    };
    const secured = this.#startTls(shim, make, 'secureConnect');
    shim.release();
    return secured;
  }

  /** Starts the TLS server handshake; `pending` is what the peer already sent of it. */
  startTlsServer(options: TLSSocketOptions, pending?: Uint8Array): Promise<TLSSocket> {
    if (!this.recorder.keeps && !pending) {
      // Nobody will read the ciphertext: TLS takes the socket itself, which costs a fifth less than through our hands.
      return this.#followTls(() => new TLSSocket(this.socket, { ...options, isServer: true }), 'secure');
    }
    const shim = this.#newShim();
    const make = () => new TLSSocket(shim as unknown as Socket, { ...options, isServer: true });
    return this.#startTls(shim, make, 'secure', pending);
  }

  /** Flushes what was written, closes politely, and destroys the socket when the peer takes too long. */
  async end(): Promise<void> {
    if (!this.#ended) {
      this.#ended = true;
      if (!this.socket.destroyed) {
        // The TLS layer's end sends close_notify and then ends the socket through the shim.
        if (this.tls && !this.tls.destroyed && !this.#tlsError) this.tls.end();
        else this.#finish();
      }
    }
    if (!this.socket.destroyed && !this.socket.closed) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, LINGER_MS);
        this.socket.once('close', () => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
    this.destroy();
  }

  /** Drops the connection at once. */
  destroy(): void {
    this.#ended = true;
    if (!this.socket.destroyed) {
      this.recorder.close(this.side, 'fin');
      this.socket.destroy();
    }
    this.tls?.destroy();
    this.#shim?.destroy();
    this.#prepared?.tls.destroy();
    this.#prepared?.shim.destroy();
    this.#prepared = undefined;
  }

  #newShim(): WireShim {
    return new WireShim(
      (bytes, sent) => this.#send(bytes, sent),
      () => this.#finish(),
    );
  }

  /** TLS through the shim: every byte of it passes through {@link #send} and {@link #received}. */
  #startTls(
    shim: WireShim,
    make: () => TLSSocket,
    done: 'secureConnect' | 'secure',
    pending?: Uint8Array,
  ): Promise<TLSSocket> {
    this.#shim = shim;
    const secured = this.#followTls(make, done);
    this.tls?.on('keylog', (line: Buffer) => this.recorder.secret(line));
    if (pending && pending.length > 0) shim.feed(pending);
    if (this.#closed) shim.feedEnd();
    return secured;
  }

  #followTls(make: () => TLSSocket, done: 'secureConnect' | 'secure'): Promise<TLSSocket> {
    this.#holding = true;
    return new Promise<TLSSocket>((resolve, reject) => {
      this.#tlsFailed = reject;
      let tls: TLSSocket;
      try {
        tls = make();
      } catch (error) {
        // Options that OpenSSL refuses, such as a certificate and key that do not belong together.
        reject(error);
        return;
      }
      this.tls = tls;
      tls.once(done, () => {
        this.#tlsFailed = undefined;
        // On a socket of its own TLS tells this from inside OpenSSL's handshake: its tickets leave before anything of ours. A client of TLS 1.3
        // reads what has come first: a server that refuses its certificate sends an alert and resets, and a write would meet the reset.
        if (this.#shim && this.side === 'server') resolve(tls);
        else setImmediate(resolve, tls);
      });
      tls.on('data', (chunk: Buffer) => this.#deliver(plain(chunk)));
      tls.on('end', () => this.#deliverClosed('fin'));
      tls.on('error', (error: NodeJS.ErrnoException) => {
        // Node reports the peer's orderly end inside the handshake as a reset.
        this.#tlsError =
          error.code === 'ECONNRESET' && this.#closed?.how !== 'rst' ? closedDuringTls() : error;
        if (this.#tlsFailed) this.#failTls(this.#tlsError);
        else this.#deliverClosed('fin', error);
      });
      tls.on('close', () => {
        if (this.#tlsFailed) this.#failTls(closedDuringTls());
      });
    });
  }

  #failTls(error: NodeJS.ErrnoException): void {
    const failed = this.#tlsFailed;
    this.#tlsFailed = undefined;
    this.#tlsError ??= error;
    failed?.(error);
  }

  #send(bytes: Uint8Array, done: (error?: Error | null) => void): void {
    if (this.socket.destroyed || !this.socket.writable) {
      done();
      return;
    }
    this.recorder.bytes(this.side, bytes);
    // A callback for every write would cost TLS a turn of the event loop each: it is asked to wait only when the socket is full.
    if (this.socket.write(bytes) || !this.#shim) done();
    else this.socket.once('drain', () => done());
  }

  #finish(): void {
    if (!this.socket.destroyed && !this.socket.writableEnded) this.socket.end();
  }

  #received(bytes: Uint8Array): void {
    this.recorder.bytes(otherSide(this.side), bytes);
    if (this.#shim) this.#shim.feed(bytes);
    else this.#deliver(bytes);
  }

  #deliver(bytes: Uint8Array): void {
    if (this.#handler && !this.#holding) this.#handler.handleData(bytes);
    else {
      this.#early.push(bytes);
      this.#earlyBytes += bytes.length;
      // Not while TLS makes its handshake of it.
      if (this.#earlyBytes > MAX_WAITING && !this.#tlsFailed) this.#halt('early');
    }
  }

  #flushEarly(): void {
    const early = this.#early;
    this.#early = [];
    this.#earlyBytes = 0;
    for (const bytes of early) this.#deliver(bytes);
    if (this.#earlyBytes <= MAX_WAITING) this.#goOn('early');
  }

  #peerClosed(how: CloseKind, error?: NodeJS.ErrnoException): void {
    if (this.#closed) return;
    // `close` without `end` before it is our own destroy.
    const ours = this.#ended && !error && this.socket.destroyed;
    this.#closed = { how, error };
    if (!ours) this.recorder.close(otherSide(this.side), how);
    if (this.#shim) {
      // An alert that came just before the end tells more than the end: let TLS read it first.
      this.#shim.feedEnd();
      setTimeout(() => {
        if (this.#tlsFailed) this.#failTls(this.#tlsError ?? error ?? closedDuringTls());
        this.#deliverClosed(how, error);
      }, TLS_DRAIN_MS);
    } else {
      this.#deliverClosed(how, error);
    }
  }

  #deliverClosed(how: CloseKind, error?: NodeJS.ErrnoException): void {
    if (this.#delivered || !this.#handler || this.#tlsFailed || this.#holding) return;
    this.#delivered = true;
    this.#handler.handleClosed(how, error);
  }
}

/** The bytes that Node read, as themselves: it gives every read memory of its own. `slice` of a Buffer would not copy. */
function plain(chunk: Buffer): Uint8Array {
  return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length);
}

function closedDuringTls(): NodeJS.ErrnoException {
  return Object.assign(new Error('the peer closed the connection during the TLS handshake'), {
    code: 'TLS_PEER_CLOSED',
  });
}
