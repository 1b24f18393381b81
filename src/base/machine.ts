/**
 * The seam of every sans-IO machine: `handle…` takes input, `pollEffect` gives what the driver must do next, getters change
 * nothing. No socket, clock or random source inside: they come in as arguments and effects.
 */

/** Random bytes as an argument, so that a test can repeat a run. */
export type RandomBytes = (length: number) => Uint8Array;

/** Key derivation as an effect: it is slow, so a driver may do it off the thread (RFC 8018 section 5.2). */
export interface DeriveEffect {
  readonly type: 'derive';
  /** Given back with the key, see {@link Machine.handleDerived}. */
  readonly id: number;
  readonly hash: 'sha1' | 'sha256';
  readonly password: Uint8Array;
  readonly salt: Uint8Array;
  readonly iterations: number;
  /** Bytes wanted. */
  readonly length: number;
}

/** Why a machine gave up: stable code, the side to blame, words for a person. */
export interface MachineError {
  /** Who ended it: `server` when the peer sent the error, `client` when this side refused to go on. */
  readonly from: 'server' | 'client';
  /** SQLSTATE, MongoDB error code, or one of ours in capitals. */
  readonly code: string;
  readonly message: string;
  /** What was expected and what came, where that explains it. */
  readonly expected?: string;
  readonly got?: string;
}

/** What a machine asks its driver to do. */
export type Effect =
  | { readonly type: 'write'; readonly bytes: Uint8Array }
  /** Begin TLS on this connection (client: connect, server: accept). The answer is `handleTls`. */
  | { readonly type: 'startTls' }
  | DeriveEffect
  /** A password is needed and none was given. The answer is `handlePassword`. */
  | { readonly type: 'askPassword' }
  /** Call `handleTimer(id)` in `milliseconds`, unless the connection ends first. */
  | { readonly type: 'timer'; readonly id: string; readonly milliseconds: number }
  /** The handshake is complete; the connection can be used. */
  | { readonly type: 'ready' }
  | { readonly type: 'fail'; readonly error: MachineError }
  /** Flush what was written and close. */
  | { readonly type: 'close' };

/** What the driver learned from the TLS handshake it was asked to do. */
export interface TlsOutcome {
  readonly ok: boolean;
  /** Protocol chosen by ALPN, or null. */
  readonly alpn: string | null;
  /** TLS version as Node names it: `TLSv1.3`; null when there was none. */
  readonly version: string | null;
  /** The server's certificate, DER; null when not known. Needed for tls-server-end-point (RFC 5929). */
  readonly peerCertificate: Uint8Array | null;
  /** The subject of a client certificate that was verified, RFC 2253 order; server side only. */
  readonly peerSubject?: string | null;
  /** The first common name of that subject, which is what PostgreSQL compares with the role; server side only. */
  readonly peerCommonName?: string | null;
  /** Client side: whether the server asked for a certificate, and whether one was sent. Only looked at when somebody wants to know. */
  readonly certificateRequested?: boolean;
  readonly certificateSent?: boolean;
  /** Why it failed, when `ok` is false. */
  readonly error?: MachineError;
}

/** A protocol role (client or server) for one connection. */
export interface Machine<E = Effect> {
  /** The transport is connected. */
  handleConnected(): void;
  /** Plaintext bytes arrived: through TLS once TLS is on. The machine copies what it keeps. */
  handleBytes(bytes: Uint8Array): void;
  handleTls(outcome: TlsOutcome): void;
  handleDerived(id: number, key: Uint8Array): void;
  handlePassword(password: string): void;
  handleTimer(id: string): void;
  /** The peer closed (or reset) the connection. */
  handleClosed(): void;
  /** The next thing to do, in order; `undefined` when there is nothing until the next input. */
  pollEffect(): E | undefined;
  /** Name of the current state in the protocol's own terms, for progress and time-out messages. */
  readonly state: string;
}
