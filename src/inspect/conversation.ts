import type { Mark, Side } from '../base/mark';
import { reconcileFindings } from '../diagnosis/reconcile';
import { type WireEvidence, WireLog } from '../diagnosis/wire';
import type { TlsEvents, TlsFacts, TlsMessage } from '../tls/events';
import { TlsSession, type TlsSessionOptions } from '../tls/session';
import type { LocalEvent } from '../trace/local';
import type { AlertSummary, Trace } from '../trace/model';
import type { CloseKind, ProtocolObserver } from './observer';

/** `keepData` keeps the bytes of every step beside the trace. */
export type ConversationOptions = TlsSessionOptions;

/**
 * One connection whose protocol is known: routes the bytes of the wire to the observer, through a TLS session while the observer
 * says that TLS is on.
 */
export class Conversation implements TlsEvents {
  /** What crossed the wire, whatever it said. */
  readonly #wire = new WireLog();
  #tls: TlsSession | undefined;
  #finished = false;

  constructor(
    readonly observer: ProtocolObserver,
    private readonly options: ConversationOptions = {},
  ) {}

  /** Filled as packets come; whoever knows TCP adds what only it can tell. */
  get wire(): WireEvidence {
    return this.#wire.evidence;
  }

  /** Nothing more can be learned; the observer need not be fed. */
  get settled(): boolean {
    return this.#finished || this.observer.settled;
  }

  /** The handshake is over: what follows is none of ours, but for {@link ProtocolObserver.farewell}. */
  get complete(): boolean {
    return this.settled || this.observer.complete === true;
  }

  handleOpen(from: Side, mark: Mark): void {
    this.#wire.handleOpen(from, mark);
    this.observer.handleOpen(from, mark);
  }

  handleBytes(from: Side, bytes: Uint8Array, mark: Mark): void {
    this.#wire.handleBytes(from, bytes, mark);
    const layer = this.observer.layerOf?.(from, bytes) ?? this.observer.layer;
    if (layer === 'plain') {
      this.observer.handleBytes(from, bytes, mark, false);
      return;
    }
    this.#tls ??= this.#startTls();
    this.#tls.handleBytes(from, bytes, mark);
  }

  #startTls(): TlsSession {
    const { client, server, late } = this.#wire.evidence;
    const session = new TlsSession(this, this.options);
    if (late || client.missing + server.missing > 0) session.noteLost();
    this.#wire.evidence.tls = session.evidence;
    return session;
  }

  handleGap(from: Side, length: number, mark: Mark): void {
    this.#wire.handleGap(from, length, mark);
    if (this.#tls) this.#tls.handleGap(from, length, mark);
    this.observer.handleGap(from, length, mark);
  }

  handleClose(from: Side, how: CloseKind, mark: Mark): void {
    this.#wire.handleClose(from, how, mark);
    this.observer.handleClose(from, how, mark);
  }

  handleLocal(event: LocalEvent, mark: Mark): void {
    this.observer.handleLocal(event, mark);
  }

  handleTlsMessage(message: TlsMessage): void {
    this.observer.handleTlsMessage(message);
  }

  handleTlsAlert(alert: AlertSummary, mark: Mark): void {
    this.observer.handleTlsAlert(alert, mark);
  }

  handleTlsFacts(facts: TlsFacts): void {
    this.observer.handleTlsFacts(facts);
  }

  handlePlaintext(from: Side, bytes: Uint8Array, mark: Mark): void {
    this.#wire.handleInside(from, bytes);
    this.observer.handleBytes(from, bytes, mark, true);
  }

  handleCiphertext(from: Side, length: number, mark: Mark): void {
    this.observer.handleCiphertext(from, length, mark);
  }

  /** Ends the observation and gives the trace. Call once. */
  finish(id: string): Trace {
    this.#finished = true;
    this.observer.finish(this.#wire.evidence);
    reconcileFindings(this.observer.trace, this.#wire.evidence);
    return this.observer.trace.finish(id);
  }
}
