import type { Mark, Side } from '../../base/mark';
import { StreamBuffer } from '../../base/stream-buffer';
import type { LazyWords } from '../../trace/lazy-step';
import type { Field } from '../../trace/model';
import { frameStartup } from '../messages/frame';
import { noteBackend, noteFrontend } from '../messages/message-facts';
import type { AuthContext } from '../messages/message-frontend';
import { FINAL_PHASES, phaseInfo } from '../phases';
import { addFinding } from './findings';
import { foreignService } from './foreign';
import { OLD_ERROR, oldErrorText, readAnswer } from './observer-answer';
import {
  messageName,
  type ReadMessage,
  type ReadResult,
  readBackend,
  readFrontend,
  readStartup,
} from './observer-read';
import type { ObserverState } from './observer-state';
import { findMessage } from './resync';
import { oneLine } from './summaries';

/** Unread bytes kept per direction: more than any message of a handshake may have. */
const BUFFER_LIMIT = 72 * 1024;

/** Enough of a foreign server's first words to tell what it is. */
const FOREIGN_HEAD = 16;

/** Turns the bytes of both directions into steps, as far as they are there. */
export class ObserverReader {
  readonly #buffers: Record<Side, StreamBuffer> = {
    client: new StreamBuffer(BUFFER_LIMIT),
    server: new StreamBuffer(BUFFER_LIMIT),
  };
  /** Nothing more can be read from this side. */
  readonly #lost: Record<Side, boolean> = { client: false, server: false };
  /** No more bytes will come. */
  #ending = false;

  constructor(private readonly state: ObserverState) {}

  handleBytes(from: Side, bytes: Uint8Array, mark: Mark): void {
    if (this.#lost[from]) return;
    this.#buffers[from].append(bytes, mark);
    this.#drain();
  }

  handleGap(from: Side, length: number): void {
    this.#buffers[from].skipGap(length);
    if (this.state.tls && !this.state.secure) return;
    this.state.phase = null;
    this.#lost[from] = false;
    this.#drain();
  }

  /** No more bytes: reads what was still waited with, and shows what is left of a message that will never be whole. */
  flush(): void {
    if (this.#ending) return;
    this.#ending = true;
    this.#drain();
    for (const from of ['client', 'server'] as const) {
      const { length } = this.#buffers[from];
      const { settled, phase, tls, secure } = this.state;
      if (length === 0 || settled || phase === null || (tls && !secure)) continue;
      if (from === 'server') this.state.observed.incomplete = length;
      this.#emit(from, 'Incomplete message', `${length} bytes of a message that ends too early`, length);
    }
  }

  /** Reads both directions until neither moves: a client that was ahead of the server catches up. */
  #drain(): void {
    for (let moved = true; moved; ) moved = this.#readOne('client') || this.#readOne('server');
  }

  #readOne(from: Side): boolean {
    const { settled, tls, secure } = this.state;
    if (settled || this.#lost[from] || this.#buffers[from].length === 0 || (tls && !secure)) return false;
    return from === 'client' ? this.#readClient() : this.#readServer();
  }

  #readClient(): boolean {
    const { phase } = this.state;
    const first = this.#buffers.client.view()[0];
    if (phase === null) {
      return first === 0
        ? this.#readStartup()
        : this.#take('client', readFrontend(this.#view('client'), this.#guess()));
    }
    const { client, auth } = phaseInfo(phase);
    if (client === 'CONNECTION_MADE') return this.#readStartup();
    // Until the answer is known it cannot be told what the client's next bytes are.
    if (client === 'CONNECTION_SSL_STARTUP' || client === 'CONNECTION_GSS_STARTUP') return false;
    // An answer that is ahead of its question waits: packets may be captured out of order between the directions.
    if (!auth && first === 0x70) return false;
    return this.#take('client', readFrontend(this.#view('client'), auth ?? null));
  }

  /** After a gap: what a message of type `p` must be, from what was last asked for. */
  #guess(): AuthContext | null {
    switch (this.state.trace.auth.mechanism) {
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
    const bytes = this.#view('client');
    const framing = frameStartup(bytes);
    if (framing.kind === 'more') return false;
    if (framing.kind === 'bad') {
      this.#badStartup(framing.issue.message, bytes.length);
      return true;
    }
    const message = readStartup(bytes, framing.length);
    const { value, issues } = message.decoded;
    if (value) this.#accept(message, framing.length);
    else this.#badStartup(issues[0].message, framing.length, message.words.words().fields);
    return true;
  }

  #badStartup(why: string, length: number, fields: readonly Field[] = []): void {
    this.state.observed.badStartup = why;
    addFinding(this.state.trace, 'PG_BAD_STARTUP_PACKET', this.#buffers.client.frames(length), why);
    this.#emit('client', 'Malformed startup packet', oneLine(why), length, fields);
    this.#lose('client');
  }

  #readServer(): boolean {
    const { phase } = this.state;
    const client = phase ? phaseInfo(phase).client : null;
    if (client === 'CONNECTION_SSL_STARTUP') return this.#readAnswer('SSLResponse');
    if (client === 'CONNECTION_GSS_STARTUP') return this.#readAnswer('GSSENCResponse');
    return this.#take('server', readBackend(this.#view('server')));
  }

  /** The one byte that answers SSLRequest or GSSENCRequest, and what must not come with it. */
  #readAnswer(name: 'SSLResponse' | 'GSSENCResponse'): boolean {
    const { trace, observed } = this.state;
    const bytes = this.#view('server');
    const answer = readAnswer(name, bytes, this.#ending);
    if (!answer) return false;
    const frames = this.#buffers.server.frames(answer.length);
    if (answer.kind === 'other') {
      observed.foreign = foreignService(bytes);
      addFinding(trace, 'PG_NOT_POSTGRES', frames, observed.foreign);
    }
    if (name === 'SSLResponse') {
      trace.ssl.answer = answer.kind as typeof trace.ssl.answer;
      if (answer.kind === 'E') addFinding(trace, 'PG_SSL_ERROR_RESPONSE', frames);
    } else {
      trace.gssenc.answer = answer.kind as typeof trace.gssenc.answer;
    }
    this.#emit('server', `${name} ${answer.kind}`, answer.summary, answer.length, answer.fields);
    if (answer.kind === 'S' || answer.kind === 'G') this.#startEncryption(answer.kind === 'S');
    else if (answer.kind === 'N') this.#checkEarly();
    else this.#lose('server');
    return true;
  }

  #startEncryption(tls: boolean): void {
    this.#checkSurplus('server', 'PG_SURPLUS_AFTER_SSL_RESPONSE');
    this.#checkSurplus('client', 'PG_SURPLUS_AFTER_SSL_REQUEST');
    if (tls) {
      this.state.tls = true;
    } else {
      // What follows is wrapped by GSSAPI and stays closed.
      this.#lost.client = true;
      this.#lost.server = true;
      this.state.observed.ciphertext.client++;
    }
  }

  /** After N a backend refuses what had come early; the bytes are an ordinary packet all the same. */
  #checkEarly(): void {
    const { length } = this.#buffers.client;
    if (length === 0) return;
    const frames = this.#buffers.client.frames(length);
    addFinding(this.state.trace, 'PG_SURPLUS_AFTER_SSL_REQUEST', frames, `${length} bytes`);
  }

  #checkSurplus(from: Side, code: 'PG_SURPLUS_AFTER_SSL_RESPONSE' | 'PG_SURPLUS_AFTER_SSL_REQUEST'): void {
    const { length } = this.#buffers[from];
    if (length === 0) return;
    this.state.observed.surplus = from;
    addFinding(this.state.trace, code, this.#buffers[from].frames(length), `${length} bytes`);
    this.#emit(from, 'Unencrypted surplus', `${length} bytes before TLS began`, length);
  }

  #take(from: Side, result: ReadResult): boolean {
    if (result.kind === 'more') return false;
    if (result.kind === 'bad') return this.#handleBad(from, result.why);
    this.#accept(result.message, result.length);
    return true;
  }

  /** Bytes that are no message. After a gap they are the rest of one, and are passed over up to the next. */
  #handleBad(from: Side, why: string): boolean {
    const { trace, observed, phase } = this.state;
    const buffer = this.#buffers[from];
    const { length } = buffer;
    if (phase === null) {
      const next = findMessage(buffer.view(), from);
      buffer.consume(next > 0 ? next : length);
      return true;
    }
    if (from === 'server' && !observed.serverError) {
      const text = oldErrorText(buffer.view());
      if (text === undefined && !this.#ending) return false;
      if (text) return this.#oldError(text);
    }
    const never = trace.ssl.answer !== 'S' && !observed.requested && !observed.authenticated;
    if (from === 'server' && never) {
      if (length < FOREIGN_HEAD && !this.#ending) return false;
      observed.foreign = foreignService(buffer.view());
      addFinding(trace, 'PG_NOT_POSTGRES', buffer.frames(length), observed.foreign);
    } else {
      addFinding(trace, 'PG_MALFORMED', buffer.frames(length), why);
    }
    this.#emit(from, 'Unreadable data', oneLine(why), length);
    this.#lose(from);
    return true;
  }

  /** An error as it was before protocol 3, which a server that cannot start a process still sends (`report_fork_failure_to_client`). */
  #oldError(text: string): true {
    const message = oneLine(text);
    this.state.observed.serverError = { severity: 'FATAL', code: OLD_ERROR, message };
    this.state.trace.fail({ from: 'server', code: OLD_ERROR, message });
    const { length } = this.#buffers.server;
    this.#emit('server', 'ErrorResponse', `in the format from before protocol 3: ${message}`, length);
    this.#lose('server');
    return true;
  }

  /** A whole message: a step, a transition, and what it tells about the connection. */
  #accept(message: ReadMessage, length: number): void {
    const { state } = this;
    const { trace, observed } = state;
    const { from, decoded } = message;
    const frames = this.#buffers[from].frames(length);
    const seen = { frames, secure: state.secure };
    const name = messageName(message);
    if (decoded.value === null) addFinding(trace, 'PG_MALFORMED', frames, decoded.issues[0]?.message ?? name);
    this.#emit(from, name, message.words, length, [], frames);
    if (message.from === 'client' && message.decoded.value) {
      noteFrontend(trace, observed, message.decoded.value, seen);
    } else if (message.from === 'server' && message.decoded.value) {
      noteBackend(trace, observed, message.decoded.value, seen);
    }
    if (name === 'StartupMessage' && trace.ssl.answer === 'N') addFinding(trace, 'PG_SSL_REFUSED', frames);
    if (state.phase === 'session-started') state.open();
    if (state.phase !== null && FINAL_PHASES.has(state.phase)) state.settled = true;
  }

  /** Moves, adds the step of the first `length` unread bytes and drops them. */
  #emit(
    from: Side,
    message: string,
    summary: string | LazyWords,
    length: number,
    fields: readonly Field[] = [],
    frames: readonly number[] = this.#buffers[from].frames(length),
  ): void {
    const { state } = this;
    const buffer = this.#buffers[from];
    state.moveByMessage(from, message, frames);
    state.add({
      from,
      layer: 'postgres',
      message,
      summary,
      mark: buffer.markAt(Math.max(0, length - 1)) ?? state.mark,
      frames,
      bytes: length,
      encrypted: state.secure,
      fields,
      data: state.trace.keepData ? buffer.view().subarray(0, length) : undefined,
    });
    buffer.consume(length);
  }

  #view(from: Side): Uint8Array {
    return this.#buffers[from].view();
  }

  #lose(from: Side): void {
    this.#lost[from] = true;
    this.#buffers[from].consume(this.#buffers[from].length);
  }
}
