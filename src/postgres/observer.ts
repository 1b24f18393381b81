import { utf8 } from '../base/bytes';
import type { Mark, Side } from '../base/mark';
import { StreamBuffer } from '../base/stream-buffer';
import type { TlsFacts, TlsMessage } from '../tls/events';
import { addTlsStep, applyTlsAlert, applyTlsFacts, tlsFindings } from '../tls/steps';
import type { StatePair, TraceBuilder } from '../trace/builder';
import type { LocalEvent } from '../trace/local';
import type { AlertSummary, Field } from '../trace/model';
import { conclude } from './conclude';
import { ALPN_PROTOCOL } from './constants';
import { addFinding } from './findings';
import { foreignService } from './foreign';
import { frameStartup } from './frame';
import { noteBackend, noteFrontend } from './message-facts';
import { type AuthContext, parseStartupPacket } from './message-frontend';
import { nothingObserved, type Observed } from './observed';
import {
  messageName,
  messageSummary,
  type ReadMessage,
  type ReadResult,
  readBackend,
  readFrontend,
} from './observer-read';
import { FINAL_PHASES, type Phase, phaseInfo } from './phases';
import { UNKNOWN_STATE } from './states';
import { oneLine } from './summaries';
import { landingPhase, transition } from './transitions';

/** Unread bytes kept per direction: more than any message of a handshake may have. */
const BUFFER_LIMIT = 72 * 1024;

/** Records of an encrypted conversation without keys that are looked at before it is left alone. */
const CIPHERTEXT_LIMIT = 40;

/**
 * Watches one connection and writes its trace. Knows no secret, decides nothing, survives missing and damaged bytes.
 * It has the shape that `inspect` asks of every protocol's observer; that room is later in the order, so it is not named here.
 */
export class PostgresObserver {
  readonly #observed: Observed = nothingObserved();
  readonly #buffers: Record<Side, StreamBuffer> = {
    client: new StreamBuffer(BUFFER_LIMIT),
    server: new StreamBuffer(BUFFER_LIMIT),
  };
  /** Null where bytes are missing and nothing since told the state. */
  #phase: Phase | null = 'needed';
  #tls: boolean;
  #secure = false;
  /** Nothing more can be read from this side. */
  readonly #lost: Record<Side, boolean> = { client: false, server: false };
  #mark: Mark = { frame: 0, seconds: 0, nanos: 0 };
  #settled = false;

  /** @param options.direct TLS starts with the first byte. */
  constructor(
    readonly trace: TraceBuilder,
    options: { readonly direct?: boolean } = {},
  ) {
    this.#tls = options.direct ?? false;
    trace.ssl.direct = this.#tls;
  }

  get layer(): 'plain' | 'tls' {
    return this.#tls ? 'tls' : 'plain';
  }

  get settled(): boolean {
    return this.#settled;
  }

  /** The phase the conversation is in; null when it is not known. */
  get phase(): Phase | null {
    return this.#phase;
  }

  handleOpen(from: Side, mark: Mark): void {
    if (this.#settled) return;
    this.#mark = mark;
    if (from === 'client' && this.#phase === 'needed') {
      this.#observed.opened = true;
      this.#local('Connection needed', 'chooses the address and the encryption to try first', mark);
      this.#step({ from, layer: 'tcp', message: 'SYN', summary: 'opens a TCP connection', mark });
    } else if (from === 'server' && (this.#phase === 'needed' || this.#phase === 'started')) {
      this.#phase = 'started';
      this.#observed.accepted = true;
      this.#step({ from, layer: 'tcp', message: 'SYN+ACK', summary: 'accepts the TCP connection', mark });
    }
  }

  handleBytes(from: Side, bytes: Uint8Array, mark: Mark, secure: boolean): void {
    if (this.#settled || this.#lost[from]) return;
    this.#mark = mark;
    if (this.#phase === 'needed' || this.#phase === 'started') this.#joinLate(from, bytes);
    if (secure) this.#noteSecure(mark);
    if (from === 'server') this.#observed.serverSpoke = true;
    this.#buffers[from].append(bytes, mark);
    this.#drain();
  }

  handleGap(from: Side, length: number, mark: Mark): void {
    if (this.#settled) return;
    this.#mark = mark;
    this.#observed.gap = true;
    addFinding(this.trace, 'PG_GAP', [mark.frame], `${length} bytes of the ${from}`);
    this.#buffers[from].skipGap(length);
    if (this.#tls && !this.#secure) return;
    this.#phase = null;
    this.#lost[from] = false;
    this.#drain();
  }

  handleClose(from: Side, how: 'fin' | 'rst', mark: Mark): void {
    if (this.#settled || this.#observed.closedBy !== null) return;
    this.#mark = mark;
    this.#observed.closedBy = from;
    this.#observed.reset = how === 'rst';
    this.#flush();
    if (this.#settled) return;
    if (from === 'server' && how === 'rst' && this.#phase === 'started') this.#observed.refused = true;
    const message = how === 'rst' ? 'RST' : 'FIN';
    const summary = how === 'rst' ? 'resets the connection' : 'closes the connection';
    this.#step({ from, layer: 'tcp', message, summary, mark });
    this.#settled = true;
  }

  handleLocal(event: LocalEvent, mark: Mark): void {
    if (this.#settled) return;
    this.#mark = mark;
    if (event.error) {
      this.#observed.localError ??= event.error;
      this.trace.fail(event.error);
      this.#move('local', 'Error');
    }
    const { message, summary, fields } = event;
    this.trace.step({ ...this.#states(), mark, from: 'local', layer: 'local', message, summary, fields });
  }

  handleTlsMessage(message: TlsMessage): void {
    if (this.#settled) return;
    this.#mark = message.mark;
    if (this.#phase === 'needed' || this.#phase === 'started') this.#phase = 'made';
    if (message.name === 'ClientHello') this.#move('client', 'ClientHello');
    addTlsStep(this.trace, message, this.#states());
  }

  handleTlsAlert(alert: AlertSummary, mark: Mark): void {
    if (this.#settled) return;
    this.#mark = mark;
    applyTlsAlert(this.trace, alert);
  }

  handleTlsFacts(facts: TlsFacts): void {
    if (this.#settled) return;
    applyTlsFacts(this.trace, facts);
    if (facts.alpnOffered) this.#observed.alpnOffered = facts.alpnOffered;
    if (facts.established) this.#noteEstablished(this.#mark);
  }

  handleCiphertext(from: Side, _length: number, mark: Mark): void {
    if (this.#settled) return;
    this.#mark = mark;
    const { ciphertext } = this.#observed;
    ciphertext[from]++;
    if (ciphertext.client + ciphertext.server === 1) {
      this.trace.step({
        mark,
        from,
        layer: 'tls',
        message: 'ApplicationData',
        summary: 'encrypted, and no key is known: states from here on cannot be told',
        encrypted: true,
        clientState: UNKNOWN_STATE,
        serverState: UNKNOWN_STATE,
      });
    }
    this.#settled = ciphertext.client + ciphertext.server >= CIPHERTEXT_LIMIT;
  }

  finish(): void {
    this.#flush();
    this.#settled = true;
    const { direct } = this.trace.ssl;
    const offered = this.#observed.alpnOffered;
    if (direct && offered !== null && !offered.includes(ALPN_PROTOCOL)) {
      addFinding(this.trace, 'PG_DIRECT_WITHOUT_ALPN', []);
    }
    tlsFindings(this.trace);
    conclude(this.trace, this.#observed, this.#phase);
  }

  /** The capture began in the middle: a packet without a type byte tells that nothing was missed. */
  #joinLate(from: Side, bytes: Uint8Array): void {
    const fromStart = this.#phase === 'started' || this.#tls || (from === 'client' && bytes[0] === 0);
    this.#phase = fromStart ? 'made' : null;
    if (!fromStart) this.#observed.gap = true;
  }

  #noteSecure(mark: Mark): void {
    if (this.#secure) return;
    this.#secure = true;
    this.trace.ensureTls().decrypted = true;
    this.#noteEstablished(mark);
  }

  #noteEstablished(mark: Mark): void {
    this.#observed.established = true;
    if (this.#phase !== 'tls') return;
    const { version, cipher } = this.trace.ensureTls();
    const what = [version, cipher].filter((part) => part !== null).join(', ');
    this.#step({ from: 'local', layer: 'local', message: 'TLS established', summary: what || 'done', mark });
  }

  /** Reads both directions until neither moves: a client that was ahead of the server catches up. */
  #drain(): void {
    for (let moved = true; moved && !this.#settled; ) {
      moved = this.#readOne('client') || (!this.#settled && this.#readOne('server'));
    }
  }

  #readOne(from: Side): boolean {
    if (this.#lost[from] || this.#buffers[from].length === 0 || (this.#tls && !this.#secure)) return false;
    return from === 'client' ? this.#readClient() : this.#readServer();
  }

  #readClient(): boolean {
    const phase = this.#phase;
    const info = phase ? phaseInfo(phase) : null;
    if (info?.client === 'CONNECTION_MADE') return this.#readStartup();
    // Until the answer is known it cannot be told what the client's next bytes are.
    if (info?.client === 'CONNECTION_SSL_STARTUP' || info?.client === 'CONNECTION_GSS_STARTUP') return false;
    if (phase === null && this.#buffers.client.view()[0] === 0) return this.#readStartup();
    // An answer that is ahead of its question waits: packets may be captured out of order between the directions.
    if (phase !== null && !info?.auth && this.#buffers.client.view()[0] === 0x70) return false;
    return this.#take('client', readFrontend(this.#buffers.client.view(), info?.auth ?? this.#guess()));
  }

  /** After a gap: what a message of type `p` must be, from what was last asked for. */
  #guess(): AuthContext | null {
    if (this.#phase !== null) return null;
    switch (this.trace.auth.mechanism) {
      case 'password':
      case 'md5':
        return 'password';
      case 'gss':
      case 'sspi':
        return 'gss';
      default:
        return null;
    }
  }

  #readStartup(): boolean {
    const buffer = this.#buffers.client;
    const framing = frameStartup(buffer.view());
    if (framing.kind === 'more') return false;
    if (framing.kind === 'bad') {
      this.#badStartup(framing.issue.message, buffer.length);
      return true;
    }
    const decoded = parseStartupPacket(buffer.view().subarray(0, framing.length));
    if (!decoded.value) {
      this.#badStartup(decoded.issues[0].message, framing.length, decoded.fields);
      return true;
    }
    this.#accept({ from: 'client', decoded }, framing.length);
    return true;
  }

  #badStartup(why: string, length: number, fields: readonly Field[] = []): void {
    const frames = this.#buffers.client.frames(length);
    this.#observed.badStartup = why;
    addFinding(this.trace, 'PG_BAD_STARTUP_PACKET', frames, why);
    this.#emit('client', 'Malformed startup packet', oneLine(why), length, fields);
    this.#lose('client');
  }

  #readServer(): boolean {
    const info = this.#phase ? phaseInfo(this.#phase) : null;
    if (info?.client === 'CONNECTION_SSL_STARTUP') return this.#readAnswer('SSLResponse', 'S');
    if (info?.client === 'CONNECTION_GSS_STARTUP') return this.#readAnswer('GSSENCResponse', 'G');
    return this.#take('server', readBackend(this.#buffers.server.view()));
  }

  /** The one byte that answers SSLRequest or GSSENCRequest, and what surplus there is with it. */
  #readAnswer(name: 'SSLResponse' | 'GSSENCResponse', yes: 'S' | 'G'): boolean {
    const buffer = this.#buffers.server;
    const bytes = buffer.view();
    const letter = String.fromCharCode(bytes[0]);
    const answer = letter === yes || letter === 'N' || letter === 'E' ? letter : 'other';
    if (name === 'SSLResponse') this.trace.ssl.answer = answer as 'S' | 'N' | 'E' | 'other';
    else this.trace.gssenc.answer = answer as 'G' | 'N' | 'E' | 'other';
    const whole = answer === 'E' || answer === 'other';
    const length = whole ? buffer.length : 1;
    const frames = buffer.frames(length);
    if (answer === 'other') {
      this.#observed.foreign = foreignService(bytes);
      addFinding(this.trace, 'PG_NOT_POSTGRES', frames, this.#observed.foreign);
    }
    if (answer === 'E' && name === 'SSLResponse') addFinding(this.trace, 'PG_SSL_ERROR_RESPONSE', frames);
    const text = oneLine(utf8(bytes.subarray(1, Math.min(length, 512))));
    const fields: Field[] = [{ name: 'answer', value: letter, offset: 0, length: 1 }];
    if (text !== '')
      fields.push({ name: 'text (not authenticated)', value: text, offset: 1, length: length - 1 });
    this.#emit('server', `${name} ${answer}`, answerSummary(name, answer), length, fields);
    if (whole) this.#lose('server');
    else if (answer === yes) this.#startEncryption(name);
    else this.#checkEarly();
    return true;
  }

  #startEncryption(name: 'SSLResponse' | 'GSSENCResponse'): void {
    this.#checkSurplus('server', 'PG_SURPLUS_AFTER_SSL_RESPONSE');
    this.#checkSurplus('client', 'PG_SURPLUS_AFTER_SSL_REQUEST');
    if (name === 'SSLResponse') {
      this.#tls = true;
    } else {
      // What follows is wrapped by GSSAPI and stays closed.
      this.#lost.client = true;
      this.#lost.server = true;
      this.#observed.ciphertext.client++;
    }
  }

  /** After N a backend refuses what had come early; the bytes are an ordinary packet all the same. */
  #checkEarly(): void {
    const { client } = this.#buffers;
    if (client.length > 0) {
      addFinding(
        this.trace,
        'PG_SURPLUS_AFTER_SSL_REQUEST',
        client.frames(client.length),
        `${client.length} bytes`,
      );
    }
  }

  #checkSurplus(from: Side, code: 'PG_SURPLUS_AFTER_SSL_RESPONSE' | 'PG_SURPLUS_AFTER_SSL_REQUEST'): void {
    const buffer = this.#buffers[from];
    const { length } = buffer;
    if (length === 0) return;
    this.#observed.surplus = from;
    addFinding(this.trace, code, buffer.frames(length), `${length} bytes`);
    this.#emit(from, 'Unencrypted surplus', `${length} bytes before TLS began`, length, []);
  }

  #take(from: Side, result: ReadResult): boolean {
    switch (result.kind) {
      case 'more':
        return false;
      case 'message':
        this.#accept(result.message, result.length);
        return true;
      case 'bad':
        this.#handleBad(from, result.why);
        return true;
    }
  }

  /** Bytes that are no message. After a gap they are the rest of one, and are passed over. */
  #handleBad(from: Side, why: string): void {
    const buffer = this.#buffers[from];
    if (this.#phase === null) {
      buffer.consume(buffer.length);
      return;
    }
    const frames = buffer.frames(buffer.length);
    if (
      from === 'server' &&
      this.trace.ssl.answer !== 'S' &&
      !this.#observed.requested &&
      !this.#observed.authenticated
    ) {
      this.#observed.foreign = foreignService(buffer.view());
      addFinding(this.trace, 'PG_NOT_POSTGRES', frames, this.#observed.foreign);
    } else {
      addFinding(this.trace, 'PG_MALFORMED', frames, why);
    }
    this.#emit(from, 'Unreadable data', oneLine(why), buffer.length, []);
    this.#lose(from);
  }

  /** A whole message: a step, a transition, and what it tells about the connection. */
  #accept(message: ReadMessage, length: number): void {
    const { from, decoded } = message;
    const frames = this.#buffers[from].frames(length);
    const seen = { frames, secure: this.#secure };
    const name = messageName(message);
    if (decoded.value === null)
      addFinding(this.trace, 'PG_MALFORMED', frames, decoded.issues[0]?.message ?? name);
    this.#emit(from, name, messageSummary(message), length, decoded.fields);
    if (message.from === 'client' && message.decoded.value) {
      noteFrontend(this.trace, this.#observed, message.decoded.value, seen);
    } else if (message.from === 'server' && message.decoded.value) {
      noteBackend(this.trace, this.#observed, message.decoded.value, seen);
    }
    if (name === 'StartupMessage' && this.trace.ssl.answer === 'N')
      addFinding(this.trace, 'PG_SSL_REFUSED', frames);
    if (this.#phase === 'session-started') this.#open();
    if (this.#phase !== null && FINAL_PHASES.has(this.#phase)) this.#settled = true;
  }

  /** ReadyForQuery was seen: what libpq does before it gives the connection to the application. */
  #open(): void {
    this.#local('Check target', 'checks target_session_attrs', this.#mark);
    this.#local('Connection ok', 'the connection can be used', this.#mark);
  }

  /** Moves, then adds the step of the first `length` unread bytes and drops them. */
  #emit(from: Side, message: string, summary: string, length: number, fields: readonly Field[]): void {
    const buffer = this.#buffers[from];
    const mark = buffer.markAt(Math.max(0, length - 1)) ?? this.#mark;
    const frames = buffer.frames(length);
    const data = buffer.view().subarray(0, length);
    this.#moveByMessage(from, message, frames);
    this.trace.step({
      ...this.#states(),
      mark,
      from,
      layer: 'postgres',
      frames,
      bytes: length,
      message,
      summary,
      encrypted: this.#secure,
      fields,
      data,
    });
    buffer.consume(length);
  }

  #moveByMessage(from: Side, message: string, frames: readonly number[]): void {
    if (this.#move(from, message)) return;
    const landing = landingPhase(from, message);
    if (landing === null) return;
    if (this.#phase !== null) {
      const { client, server } = phaseInfo(this.#phase);
      addFinding(this.trace, 'PG_OUT_OF_ORDER', frames, `${message} in ${client} / ${server}`);
      // Notices and the like say nothing about where the conversation is.
      if (transition(landing, from, message)?.to === landing) return;
    }
    this.#phase = landing;
  }

  /** A step that is a transition too. */
  #step(step: {
    readonly from: Side | 'local';
    readonly layer: 'tcp' | 'local';
    readonly message: string;
    readonly summary: string;
    readonly mark: Mark;
  }): void {
    this.#move(step.from, step.message);
    this.trace.step({ ...step, ...this.#states(), internal: this.#internal });
  }

  #local(message: string, summary: string, mark: Mark): void {
    this.#step({ from: 'local', layer: 'local', message, summary, mark });
  }

  get #internal(): boolean {
    return this.#phase !== null && phaseInfo(this.#phase).internal === true;
  }

  #move(from: Side | 'local', message: string): boolean {
    const row = this.#phase ? transition(this.#phase, from, message) : undefined;
    if (row) this.#phase = row.to;
    return row !== undefined;
  }

  #states(): StatePair {
    if (this.#phase === null) return { clientState: UNKNOWN_STATE, serverState: UNKNOWN_STATE };
    const { client, server } = phaseInfo(this.#phase);
    return { clientState: client, serverState: server };
  }

  #lose(from: Side): void {
    this.#lost[from] = true;
    this.#buffers[from].consume(this.#buffers[from].length);
  }

  /** Shows what is left of a message that will never be whole. */
  #flush(): void {
    for (const from of ['client', 'server'] as const) {
      const { length } = this.#buffers[from];
      if (length === 0 || this.#settled || this.#phase === null || (this.#tls && !this.#secure)) continue;
      this.#emit(from, 'Incomplete message', `${length} bytes of a message that ends too early`, length, []);
    }
  }
}

function answerSummary(name: 'SSLResponse' | 'GSSENCResponse', answer: string): string {
  const what = name === 'SSLResponse' ? 'TLS' : 'GSSAPI encryption';
  switch (answer) {
    case 'S':
    case 'G':
      return `accepts ${what}`;
    case 'N':
      return `refuses ${what}`;
    case 'E':
      return 'reports an error; its text came before TLS and is not to be trusted';
    default:
      return 'is not an answer of PostgreSQL';
  }
}
