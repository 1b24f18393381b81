import type { Mark, Side } from '../base/mark';
import type { WireEvidence } from '../diagnosis/wire';
import type { TlsEvents } from '../tls/events';
import type { TraceBuilder } from '../trace/builder';
import type { LocalEvent } from '../trace/local';

/** How one side ended its half of the connection. */
export type CloseKind = 'fin' | 'rst';

/**
 * A protocol's observer of one conversation. It sees what crossed the wire and writes steps into its `TraceBuilder`; it decides
 * nothing. The conversation routes bytes: while {@link layer} is `tls` they go through a TLS session first, and come back as
 * `handleTls…` calls and, if they can be opened, as `handleBytes` with `secure` set.
 */
export interface ProtocolObserver extends Omit<TlsEvents, 'handlePlaintext'> {
  readonly trace: TraceBuilder;
  /** SYN (client) or SYN+ACK (server) was seen; the client's final ACK is not reported. */
  handleOpen(from: Side, mark: Mark): void;
  handleBytes(from: Side, bytes: Uint8Array, mark: Mark, secure: boolean): void;
  /** `length` bytes of this direction are missing from the capture. */
  handleGap(from: Side, length: number, mark: Mark): void;
  handleClose(from: Side, how: CloseKind, mark: Mark): void;
  /** Live and lab only: something that never crossed the wire. With an error it ends the attempt. */
  handleLocal(event: LocalEvent, mark: Mark): void;
  /** Which layer the next bytes on the wire belong to. */
  readonly layer: 'plain' | 'tls';
  /** The same for bytes that tell it themselves; called before they are handed over. */
  layerOf?(from: Side, bytes: Uint8Array): 'plain' | 'tls';
  /** Nothing more can be learned from this conversation: from now on it costs a counter. */
  readonly settled: boolean;
  /** The handshake is over, though what the client does first may still be looked at: no content of the session is kept from here on. */
  readonly complete?: boolean;
  /** The session was not used: all that followed the handshake is the client's goodbye. */
  readonly farewell?: boolean;
  /** What is left of a message that did not come whole becomes a step; {@link finish} does it too. For whoever wants the steps alone. */
  flush?(): void;
  /**
   * The capture ended or the connection did: fills outcome, error, diagnosis, verdict and findings. Call once.
   *
   * @param wire what crossed the wire below the protocol.
   */
  finish(wire?: WireEvidence): void;
}
