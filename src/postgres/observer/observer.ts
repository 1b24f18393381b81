import type { Mark, Side } from '../../base/mark';
import { tlsFindings } from '../../diagnosis/tls-findings';
import { noWireEvidence, type WireEvidence } from '../../diagnosis/wire';
import type { TlsFacts, TlsMessage } from '../../tls/events';
import { addTlsStep, applyTlsAlert, applyTlsFacts } from '../../tls/steps';
import type { TraceBuilder } from '../../trace/builder';
import { NO_FIELDS } from '../../trace/lazy-step';
import type { LocalEvent } from '../../trace/local';
import type { AlertSummary } from '../../trace/model';
import { ALPN_PROTOCOL } from '../constants';
import { certificateFinding } from '../diagnose/certificate-modes';
import { conclude } from '../diagnose/conclude';
import { addFinding } from '../diagnose/findings';
import type { Phase } from '../phases';
import { ObserverReader } from './observer-reader';
import { ObserverState } from './observer-state';

/** Records of an encrypted conversation without keys that are looked at before it is left alone. */
const CIPHERTEXT_LIMIT = 40;

/**
 * Watches one connection and writes its trace. Knows no secret, decides nothing, survives missing and damaged bytes.
 * It has the shape that `inspect` asks of every protocol's observer; that room is later in the order, so it is not named here.
 */
export class PostgresObserver {
  readonly #state: ObserverState;
  readonly #reader: ObserverReader;
  /** Bytes have gone to the TLS session. */
  #tlsBegun = false;

  /** @param options.direct TLS starts with the first byte. */
  constructor(
    readonly trace: TraceBuilder,
    options: { readonly direct?: boolean } = {},
  ) {
    this.#state = new ObserverState(trace, options.direct ?? false);
    this.#reader = new ObserverReader(this.#state);
  }

  get layer(): 'plain' | 'tls' {
    return this.#state.tls ? 'tls' : 'plain';
  }

  /**
   * The layer of these bytes, which come next. A ClientHello tells that SSLRequest was answered with S though the answer is not in the
   * capture; one byte before any ClientHello answers a request that is not.
   */
  layerOf(from: Side, bytes: Uint8Array): 'plain' | 'tls' {
    const state = this.#state;
    if (this.#tlsBegun || state.settled) return this.layer;
    if (!state.tls && from === 'client') this.#reader.inferTls(bytes);
    if (state.tls && from === 'server' && this.#reader.isEarlyAnswer(bytes)) return 'plain';
    this.#tlsBegun = state.tls;
    return this.layer;
  }

  get settled(): boolean {
    return this.#state.settled;
  }

  get complete(): boolean {
    return this.#state.settled || this.#state.phase === 'ready';
  }

  get farewell(): boolean {
    const what = this.#state.observed.afterReady?.what;
    return what === 'X' || what === 'close';
  }

  /** The phase the conversation is in; null when it is not known. */
  get phase(): Phase | null {
    return this.#state.phase;
  }

  handleOpen(from: Side, mark: Mark): void {
    const state = this.#state;
    if (state.settled || !state.unconnected) return;
    state.mark = mark;
    state.observed.heard[from] = true;
    if (from === 'client' && state.phase === 'needed') {
      state.observed.opened = true;
      // The state before the first packet, as libpq is in it when it chooses what to try.
      state.add(
        'local',
        'local',
        'Connection needed',
        'chooses the address and the encryption to try first',
        mark,
      );
      state.moveAndAdd(from, 'tcp', 'SYN', 'opens a TCP connection', mark);
    } else if (from === 'server') {
      state.phase = 'started';
      state.observed.accepted = true;
      state.moveAndAdd(from, 'tcp', 'SYN+ACK', 'accepts the TCP connection', mark);
    }
  }

  handleBytes(from: Side, bytes: Uint8Array, mark: Mark, secure: boolean): void {
    const state = this.#state;
    if (state.settled || bytes.length === 0) return;
    if (state.isTooLate(mark)) return;
    state.mark = mark;
    state.observed.heard[from] = true;
    if (state.phase === 'ready') {
      if (from === 'client') state.noteAfterReady(String.fromCharCode(bytes[0]), mark);
      return;
    }
    if (state.unconnected) this.#joinLate(from, bytes);
    if (secure && !state.secure) {
      state.secure = true;
      this.trace.ensureTls().decrypted = true;
      state.noteEstablished(mark);
    }
    if (from === 'server') {
      state.observed.serverSpoke = true;
      state.observed.serverSpokeInside ||= secure;
    }
    this.#reader.handleBytes(from, bytes, mark);
  }

  handleGap(from: Side, length: number, mark: Mark): void {
    const state = this.#state;
    if (state.settled) return;
    if (state.phase === 'ready') {
      // What the client did first is among the missing bytes.
      state.settled ||= from === 'client';
      return;
    }
    state.mark = mark;
    state.observed.gap = true;
    state.observed.missing[from] = true;
    if (from === 'client' && length === 1) state.observed.oneLost ??= mark;
    if (!this.#tlsBegun && from === 'client') this.trace.ssl.direct = false;
    addFinding(this.trace, 'PG_GAP', [mark.frame], `${length} bytes of the ${from}`);
    this.#reader.handleGap(from, length);
  }

  handleClose(from: Side, how: 'fin' | 'rst', mark: Mark): void {
    const state = this.#state;
    if (state.settled) return;
    state.mark = mark;
    const { observed } = state;
    if (state.phase === 'ready') {
      state.noteAfterReady('close', mark);
      return;
    }
    this.#reader.end(from);
    if (how === 'rst') this.#reader.flush();
    if (state.settled || (how === 'fin' && observed.ended[from])) return;
    const first = state.closedAt === null;
    observed.heard[from] = true;
    observed.ended[from] = true;
    if (first) {
      state.closedAt = mark;
      observed.refused = from === 'server' && how === 'rst' && state.phase === 'started';
    }
    const message = how === 'rst' ? 'RST' : 'FIN';
    const summary = how === 'rst' ? 'resets the connection' : 'closes the connection';
    // Nothing can follow a cancel, nor a connection that was never accepted; otherwise the other side may still be speaking.
    const over = state.unconnected || state.phase === 'cancel-sent';
    if (over) state.move(from, message);
    else state.closed = true;
    state.add(from, 'tcp', message, summary, mark);
    state.settled = over || how === 'rst' || (observed.ended.client && observed.ended.server);
  }

  handleLocal(event: LocalEvent, mark: Mark): void {
    const state = this.#state;
    // A server's last words may have come together, ReadyForQuery with them; what this side made of them comes after.
    const refused = state.phase === 'ready' && event.error !== undefined;
    if ((state.settled || state.phase === 'ready') && !refused) return;
    state.mark = mark;
    if (event.error) {
      state.observed.localError ??= event.error;
      state.observed.localCause ??= event.cause ?? null;
      this.trace.fail(event.error);
      if (refused) state.phase = 'closed';
      else state.move('local', 'Error');
    }
    const { message, summary, fields } = event;
    state.add('local', 'local', message, { summary, fields: fields ?? NO_FIELDS }, mark);
  }

  handleTlsMessage(message: TlsMessage): void {
    const state = this.#state;
    if (state.settled) return;
    state.mark = message.mark;
    state.observed.heard[message.from] = true;
    if (state.unconnected) this.#joinTls();
    if (message.name === 'ClientHello') state.move('client', 'ClientHello');
    addTlsStep(this.trace, message, state.states);
  }

  handleTlsAlert(alert: AlertSummary, mark: Mark): void {
    if (this.#state.settled) return;
    this.#state.mark = mark;
    this.#state.observed.heard[alert.from] = true;
    applyTlsAlert(this.trace, alert);
  }

  handleTlsFacts(facts: TlsFacts): void {
    const state = this.#state;
    if (state.settled) return;
    applyTlsFacts(this.trace, facts);
    if (facts.alpnOffered) state.observed.alpnOffered = facts.alpnOffered;
    if (facts.clientCertificates) state.observed.clientCertificates = facts.clientCertificates;
    if (facts.established) state.noteEstablished(state.mark);
  }

  handleCiphertext(from: Side, _length: number, mark: Mark): void {
    const state = this.#state;
    if (state.settled) return;
    state.mark = mark;
    const { ciphertext, heard } = state.observed;
    heard[from] = true;
    ciphertext[from]++;
    if (ciphertext.client + ciphertext.server === 1) {
      // Application data flows only when the handshake is done; what it says cannot be told.
      state.noteEstablished(mark);
      state.phase = null;
      const summary = 'encrypted, and no key is known: states from here on cannot be told';
      state.add(from, 'tls', 'ApplicationData', summary, mark, mark.frame, 0, true);
    }
    state.settled = ciphertext.client + ciphertext.server >= CIPHERTEXT_LIMIT;
  }

  flush(): void {
    this.#reader.flush();
  }

  finish(wire: WireEvidence = noWireEvidence()): void {
    const state = this.#state;
    this.flush();
    state.settled = true;
    const offered = state.observed.alpnOffered;
    if (this.trace.ssl.direct && offered !== null && !offered.includes(ALPN_PROTOCOL)) {
      addFinding(this.trace, 'PG_DIRECT_WITHOUT_ALPN', []);
    }
    tlsFindings(this.trace);
    certificateFinding(this.trace);
    conclude(this.trace, state.observed, state.phase, wire);
  }

  /** The capture began in the middle, with TLS: whether a request came before it is not known. */
  #joinTls(): void {
    this.#state.observed.late = true;
    this.#state.phase = 'made';
    this.trace.ssl.direct = false;
  }

  /** The capture began in the middle: a packet without a type byte tells that nothing was missed. */
  #joinLate(from: Side, bytes: Uint8Array): void {
    const state = this.#state;
    if (state.tls) {
      this.#joinTls();
      return;
    }
    const fromStart = state.phase === 'started' || (from === 'client' && bytes[0] === 0);
    state.observed.late = state.phase !== 'started';
    state.phase = fromStart ? 'made' : null;
    if (!fromStart) state.observed.gap = true;
  }
}
