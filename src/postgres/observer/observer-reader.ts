import { keptCopyOf } from '../../base/arena';
import type { Mark, Side } from '../../base/mark';
import { StreamBuffer } from '../../base/stream-buffer';
import { serviceText } from '../../diagnosis/words/en/service';
import { type LazyWords, NO_FIELDS, type StepWords } from '../../trace/lazy-step';
import { LIMITS } from '../constants';
import { addFinding } from '../diagnose/findings';
import { type ServerError, serverError } from '../messages/error-fields';
import { frameStartup, frameTyped, typedLength, typeName } from '../messages/frame';
import { isBackendType } from '../messages/message-backend';
import { type AuthContext, isFrontendType } from '../messages/message-frontend';
import type { BackendMessage, FrontendMessage } from '../messages/message-types';
import { silentName } from '../messages/silent';
import { otherService } from './foreign';
import { noteBackend, noteFrontend } from './message-facts';
import { OLD_ERROR, oldErrorText, readAnswer } from './observer-answer';
import { backendWords, type ReadMessage, readBackend, readFrontend, readStartup } from './observer-read';
import type { ObserverState } from './observer-state';
import type { Place } from './places';
import { findMessage } from './resync';
import { noteSilent } from './silent-facts';
import { oneLine } from './summaries';

/** Unread bytes kept per direction: more than any message of a handshake may have. */
const BUFFER_LIMIT = 72 * 1024;

/** Enough of a foreign server's first words to tell what it is. */
const FOREIGN_HEAD = 16;

/** Length of SSLRequest and GSSENCRequest. */
const REQUEST_LENGTH = 8;

/** The type of a handshake message behind the header of its record. */
const CLIENT_HELLO = 1;

/** An answer of one byte: S, N or G. */
function isAnswer(byte: number): boolean {
  return byte === 0x53 || byte === 0x4e || byte === 0x47;
}

/** One direction. */
class Half {
  readonly buffer = new StreamBuffer(BUFFER_LIMIT);
  /** Nothing more can be read from this side. */
  lost = false;
  /** No more bytes will come from this side. */
  ending = false;

  constructor(readonly side: Side) {}

  /** The unread bytes. */
  view(): Uint8Array {
    return this.buffer.view();
  }

  lose(): void {
    this.lost = true;
    this.buffer.consume(this.buffer.length);
  }
}

/** Turns the bytes of both directions into steps, as far as they are there. */
export class ObserverReader {
  readonly #client = new Half('client');
  readonly #server = new Half('server');
  /** Nobody will ask what a message says. */
  readonly #outline: boolean;
  constructor(private readonly state: ObserverState) {
    this.#outline = state.trace.outline;
  }

  handleBytes(from: Side, bytes: Uint8Array, mark: Mark): void {
    const half = this.#half(from);
    if (this.state.trace.gssenc.answer === 'G') this.state.observed.ciphertext[from]++;
    if (half.lost) return;
    half.buffer.lend(bytes, mark);
    // Before a ClientHello only such a byte is read while TLS is on.
    if (this.state.tls && !this.state.secure) this.#takeEarlyAnswer();
    this.#drain();
    half.buffer.keep();
  }

  handleGap(from: Side, length: number): void {
    const half = this.#half(from);
    half.buffer.skipGap(length);
    if (this.state.tls && !this.state.secure) return;
    if (from === 'client' && this.#isRequest(length)) return;
    if (from === 'server' && this.#isAnswer(length)) return;
    this.state.phase = null;
    half.lost = false;
    this.#drain();
  }

  /** Whether a server that speaks before the client says one byte, as it answers a request that was not seen. */
  isEarlyAnswer(bytes: Uint8Array): boolean {
    return bytes.length === 1 && isAnswer(bytes[0]) && this.#server.buffer.length === 0;
  }

  /**
   * TLS begins with these bytes of the client though nothing has answered SSLRequest: the answer is not in the capture, or, where it is,
   * the request is not.
   */
  inferTls(bytes: Uint8Array): boolean {
    const { state } = this;
    if (state.tls || bytes[0] !== 0x16 || bytes[1] !== 3 || this.#client.buffer.length > 0) return false;
    if (state.place === null || state.observed.missing.client) this.#takeEarlyAnswer();
    if (state.tls) return true;
    if (state.place === null && bytes[5] === CLIENT_HELLO) {
      state.phase = 'made';
      state.tls = true;
      return true;
    }
    const asked = state.place?.info.client === 'CONNECTION_SSL_STARTUP';
    if (!asked || this.#server.buffer.length > 0) return false;
    this.#inferAnswer('S');
    return true;
  }

  /** No more bytes: reads what was still waited with, and shows what is left of a message that will never be whole. */
  flush(): void {
    this.end('client');
    this.end('server');
  }

  /** The same for one side. */
  end(from: Side): void {
    const half = this.#half(from);
    if (half.ending) return;
    half.ending = true;
    this.#drain();
    const { length } = half.buffer;
    const { settled, place, tls, secure } = this.state;
    if (length === 0 || settled || place === null || (tls && !secure)) return;
    if (half === this.#server) this.state.observed.incomplete = length;
    this.#emit(half, 'Incomplete message', `${length} bytes of a message that ends too early`, length);
  }

  /** The first missing bytes of a client are as many as SSLRequest has: what comes next tells whether it was one. */
  #isRequest(length: number): boolean {
    const { phase, observed } = this.state;
    if (length !== REQUEST_LENGTH || phase !== 'made' || observed.messages.client > 0) return false;
    const answer = this.#server.buffer.length === 1 ? this.#server.view()[0] : 0;
    if (!isAnswer(answer)) return false;
    this.#takeEarlyAnswer();
    return true;
  }

  /** The missing byte of the server is the answer to a request: what comes next tells which it was. */
  #isAnswer(length: number): boolean {
    const { place } = this.state;
    const asked =
      place?.info.client === 'CONNECTION_SSL_STARTUP' || place?.info.client === 'CONNECTION_GSS_STARTUP';
    return asked && length === 1 && this.#server.buffer.length === 0;
  }

  /** The one byte that waits is the answer to a request that was not seen. */
  #takeEarlyAnswer(): void {
    const { state } = this;
    const { buffer } = this.#server;
    if (buffer.length !== 1 || !isAnswer(buffer.bytes[buffer.start])) return;
    const gss = buffer.bytes[buffer.start] === 0x47;
    state.tls = false;
    state.trace.ssl.direct = false;
    state.phase = gss ? 'gss-requested' : 'ssl-requested';
    state.observed.inferred = true;
    if (gss) state.trace.gssenc.requested = true;
    else state.trace.ssl.requested = true;
    this.#readAnswer(gss ? 'GSSENCResponse' : 'SSLResponse');
  }

  /** What the client sends next tells what the server must have answered. @returns false where no answer is due. */
  #inferAnswer(kind: 'S' | 'N'): boolean {
    const { state } = this;
    const gss = state.place?.info.client === 'CONNECTION_GSS_STARTUP';
    if (!state.move('server', gss ? 'GSSENCResponse N' : `SSLResponse ${kind}`)) return false;
    state.observed.inferred = true;
    if (gss) state.trace.gssenc.answer = 'N';
    else state.trace.ssl.answer = kind;
    addFinding(state.trace, 'PG_GAP', state.mark.frame, 'the answer to the request for encryption');
    if (kind === 'S') state.tls = true;
    return true;
  }

  /** A typed message where one byte was due, and a startup packet that waits: the byte was N, and was not captured. */
  #isAnswerMissing(): boolean {
    const { bytes, start } = this.#server.buffer;
    const type = bytes[start];
    if (type !== 0x52 && type !== 0x76 && !(type === 0x45 && bytes[start + 1] === 0)) return false;
    const framing = frameStartup(this.#client.view());
    return framing.kind === 'frame';
  }

  #half(side: Side): Half {
    return side === 'client' ? this.#client : this.#server;
  }

  /** Reads both directions until neither moves: a client that was ahead of the server catches up. */
  #drain(): void {
    for (let moved = true; moved; ) moved = this.#readOne(this.#client) || this.#readOne(this.#server);
  }

  #readOne(half: Half): boolean {
    const { settled, tls, secure } = this.state;
    if (settled || half.lost || half.buffer.length === 0 || (tls && !secure)) return false;
    return half === this.#client ? this.#readClient() : this.#readServer();
  }

  #readClient(): boolean {
    const { place } = this.state;
    const { buffer } = this.#client;
    const first = buffer.bytes[buffer.start];
    if (place === null && first === 0) this.#takeEarlyAnswer();
    if (this.state.place === null)
      return first === 0 ? this.#readStartup() : this.#readTyped(this.#client, this.#guess());
    const { client, auth } = (this.state.place as Place).info;
    if (client === 'CONNECTION_MADE') return this.#readStartup();
    // Until the answer is known it cannot be told what the client's next bytes are.
    if (client === 'CONNECTION_SSL_STARTUP' || client === 'CONNECTION_GSS_STARTUP') return false;
    // An answer that is ahead of its question waits: packets may be captured out of order between the directions.
    if (!auth && first === 0x70) return false;
    return this.#readTyped(this.#client, auth ?? null);
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
    const framing = frameStartup(this.#client.view());
    if (framing.kind === 'more') return false;
    // Behind missing bytes a zero is more likely from inside of a message.
    if (framing.kind === 'bad' && (this.state.place === null || this.state.observed.late)) {
      this.state.phase = null;
      return this.#handleBad(this.#client, framing.issue.message);
    }
    if (framing.kind === 'bad') {
      this.#badStartup(framing.issue.message, this.#client.buffer.length);
      return true;
    }
    const message = readStartup(this.#frame(this.#client, framing.length), this.#outline);
    const { problem, words } = message;
    if (problem === null) this.#accept(this.#client, message, framing.length);
    else this.#badStartup(problem, framing.length, words);
    return true;
  }

  /** @param words those of the packet, for its fields. */
  #badStartup(why: string, length: number, words: LazyWords | string = ''): void {
    this.state.observed.badStartup = why;
    addFinding(this.state.trace, 'PG_BAD_STARTUP_PACKET', this.#client.buffer.frames(length), why);
    const fields = typeof words === 'string' ? NO_FIELDS : words.words().fields;
    this.#emit(this.#client, 'Malformed startup packet', { summary: oneLine(why), fields }, length);
    this.#client.lose();
  }

  #readServer(): boolean {
    const client = this.state.place?.info.client;
    if (client === 'CONNECTION_SSL_STARTUP') return this.#readAnswer('SSLResponse');
    if (client === 'CONNECTION_GSS_STARTUP') return this.#readAnswer('GSSENCResponse');
    return this.#readTyped(this.#server, null);
  }

  /** The one byte that answers SSLRequest or GSSENCRequest, and what must not come with it. */
  #readAnswer(name: 'SSLResponse' | 'GSSENCResponse'): boolean {
    const { trace, observed } = this.state;
    if (this.#isAnswerMissing() && this.#inferAnswer('N')) return true;
    const bytes = this.#server.view();
    const answer = readAnswer(name, bytes, this.#server.ending);
    if (!answer) return false;
    const frames = this.#server.buffer.frames(answer.length);
    if (answer.kind === 'E') observed.answerError = bytes.slice(0, answer.length);
    if (answer.kind === 'other') {
      observed.foreign = otherService(bytes);
      addFinding(trace, 'PG_NOT_POSTGRES', frames, serviceText(observed.foreign));
    }
    if (name === 'SSLResponse') {
      trace.ssl.answer = answer.kind as typeof trace.ssl.answer;
      if (answer.kind === 'E') addFinding(trace, 'PG_SSL_ERROR_RESPONSE', frames);
    } else {
      trace.gssenc.answer = answer.kind as typeof trace.gssenc.answer;
    }
    this.#emit(this.#server, answer.message, answer, answer.length);
    if (answer.kind === 'S' || answer.kind === 'G') this.#startEncryption(answer.kind === 'S');
    else if (answer.kind === 'N') this.#checkEarly();
    else this.#server.lose();
    return true;
  }

  #startEncryption(tls: boolean): void {
    this.#checkSurplus(this.#server, 'PG_SURPLUS_AFTER_SSL_RESPONSE');
    this.#checkSurplus(this.#client, 'PG_SURPLUS_AFTER_SSL_REQUEST');
    if (tls) {
      this.state.tls = true;
    } else {
      // What follows is wrapped by GSSAPI and stays closed.
      this.#client.lost = true;
      this.#server.lost = true;
    }
  }

  /** After N a backend refuses what had come early; the bytes are an ordinary packet all the same. */
  #checkEarly(): void {
    const { length } = this.#client.buffer;
    // Where request or answer was not seen, it is not known which came first.
    if (length === 0 || this.state.observed.inferred) return;
    const frames = this.#client.buffer.frames(length);
    addFinding(this.state.trace, 'PG_SURPLUS_AFTER_SSL_REQUEST', frames, `${length} bytes`);
  }

  #checkSurplus(half: Half, code: 'PG_SURPLUS_AFTER_SSL_RESPONSE' | 'PG_SURPLUS_AFTER_SSL_REQUEST'): void {
    const { length } = half.buffer;
    if (length === 0) return;
    this.state.observed.surplus = half.side;
    addFinding(this.state.trace, code, half.buffer.frames(length), `${length} bytes`);
    this.#emit(half, 'Unencrypted surplus', `${length} bytes before TLS began`, length);
  }

  /** @param context of a message of the client, see {@link readFrontend}. */
  #readTyped(half: Half, context: AuthContext | null): boolean {
    const { bytes, start, end } = half.buffer;
    const isServer = half === this.#server;
    const type = bytes[start];
    if (!(isServer ? isBackendType(type) : isFrontendType(type))) {
      return this.#handleBad(half, `no message of a ${half.side} starts with ${typeName(type)}`);
    }
    const length = typedLength(bytes, start, end, LIMITS.authToken);
    if (length === 0) return false;
    if (length < 0) {
      const framing = frameTyped(half.view(), LIMITS.authToken);
      return this.#handleBad(half, framing.kind === 'bad' ? framing.issue.message : '');
    }
    const silent = isServer ? silentName(bytes, start, start + length) : undefined;
    if (silent !== undefined) {
      const words = this.#outline ? '' : backendWords(this.#frame(half, length));
      noteSilent(this.state.observed, bytes, start, length);
      this.#emit(half, silent, words, length);
      this.#afterMessage();
      return true;
    }
    const frame = this.#frame(half, length);
    const message = isServer
      ? readBackend(frame, this.#outline)
      : readFrontend(frame, context, this.#outline);
    this.#accept(half, message, length);
    return true;
  }

  /** The first `length` unread bytes: a copy that may be kept, where somebody will ask for their words. */
  #frame({ buffer }: Half, length: number): Uint8Array {
    if (this.#outline) return buffer.bytes.subarray(buffer.start, buffer.start + length);
    return keptCopyOf(buffer.view(), length);
  }

  /** Bytes that are no message. After a gap they are the rest of one, and are passed over up to the next. */
  #handleBad(half: Half, why: string): boolean {
    const { trace, observed, place } = this.state;
    const { buffer, side } = half;
    const { length } = buffer;
    if (place === null) {
      const next = findMessage(buffer.view(), side);
      buffer.consume(next > 0 ? next : length);
      return true;
    }
    if (side === 'server' && !observed.serverError) {
      const text = oldErrorText(buffer.view());
      if (text === undefined && !half.ending) return false;
      if (text) return this.#oldError(text);
    }
    const never = trace.ssl.answer !== 'S' && !observed.requested && !observed.authenticated;
    if (side === 'server' && never) {
      if (length < FOREIGN_HEAD && !half.ending) return false;
      observed.foreign = otherService(buffer.view());
      addFinding(trace, 'PG_NOT_POSTGRES', buffer.frames(length), serviceText(observed.foreign));
    } else {
      addFinding(trace, 'PG_MALFORMED', buffer.frames(length), why);
    }
    this.#emit(half, 'Unreadable data', oneLine(why), length);
    half.lose();
    return true;
  }

  /** An error as it was before protocol 3, which a server that cannot start a process still sends (`report_fork_failure_to_client`). */
  #oldError(text: string): true {
    const message = oneLine(text);
    this.state.observed.serverError = { severity: 'FATAL', code: OLD_ERROR, message };
    this.state.trace.fail({ from: 'server', code: OLD_ERROR, message });
    const { length } = this.#server.buffer;
    this.#emit(this.#server, 'ErrorResponse', `in the format from before protocol 3: ${message}`, length);
    this.#server.lose();
    return true;
  }

  /** A whole message: a step, a transition, and what it tells about the connection. */
  #accept(half: Half, message: ReadMessage, length: number): void {
    const { trace, observed, secure } = this.state;
    const { name, value, problem, words } = message;
    const frames = half.buffer.frameOrFrames(length);
    if (problem !== null) addFinding(trace, 'PG_MALFORMED', frames, problem);
    const late = this.#lateError(value);
    this.#emit(half, name, words, length, frames, late === null);
    const seen = { frames, secure };
    if (value === null) {
      // Broken: it says nothing that could be relied on.
    } else if (late !== null) {
      observed.lateError = late;
    } else if (half === this.#client) noteFrontend(trace, observed, value as FrontendMessage, seen);
    else noteBackend(trace, observed, value as BackendMessage, seen);
    if (name === 'StartupMessage' && trace.ssl.answer === 'N') addFinding(trace, 'PG_SSL_REFUSED', frames);
    this.#afterMessage();
  }

  /**
   * An error behind missing bytes that ends nothing. The session may have been open: until it is, a backend makes every ERROR a FATAL one
   * (`errstart` of `elog.c`).
   */
  #lateError(value: ReadMessage['value']): ServerError | null {
    if (this.state.place !== null || value?.name !== 'ErrorResponse') return null;
    const error = serverError(value.fields);
    return error.severity === 'ERROR' ? error : null;
  }

  /** What a message makes happen that nothing shows. */
  #afterMessage(): void {
    const { state } = this;
    if (state.phase === 'session-started') state.open();
    if (state.phase === 'ready') this.#ready();
    else if (state.place?.final) state.settled = true;
  }

  /** The handshake is over: all that is still of interest is what the client does first. */
  #ready(): void {
    const { observed, mark } = this.state;
    observed.readyAt = mark;
    const { bytes, start, length } = this.#client.buffer;
    if (length > 0) this.state.noteAfterReady(String.fromCharCode(bytes[start]), mark);
    this.#client.lose();
    this.#server.lose();
  }

  /** Moves, if the message tells where to, adds the step of the first `length` unread bytes and drops them. */
  #emit(
    half: Half,
    message: string,
    words: LazyWords | StepWords | string,
    length: number,
    frames: number | readonly number[] = half.buffer.frameOrFrames(length),
    moves = true,
  ): void {
    const { state } = this;
    const { buffer, side } = half;
    if (moves) state.moveByMessage(side, message, frames);
    const mark = buffer.markAt(Math.max(0, length - 1)) ?? state.mark;
    const { observed } = state;
    observed.messages[side]++;
    observed.lastMessage = { from: side, name: message, mark };
    const data = state.trace.keepData ? buffer.view().subarray(0, length) : undefined;
    state.add(side, 'postgres', message, words, mark, frames, length, state.secure, data);
    buffer.consume(length);
  }
}
