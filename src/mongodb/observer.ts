import type { Issue } from '../base/issue';
import type { Mark, Side } from '../base/mark';
import type { TlsEvents, TlsFacts, TlsMessage } from '../tls/events';
import { addTlsStep, applyTlsAlert, applyTlsFacts, tlsFindings } from '../tls/steps';
import type { StatePair, TraceBuilder } from '../trace/builder';
import type { LocalEvent } from '../trace/local';
import type { AlertSummary, TraceError } from '../trace/model';
import { type AuthAttempt, beginAttempt, noteSaslReply } from './auth-attempt';
import { BsonView } from './bson-value';
import { codeName } from './errors';
import { type RequestKind, replyEvent, requestKind, unwrapQuery } from './exchange';
import { messageFields } from './fields';
import { addFinding } from './findings';
import { bodyOf } from './message-reader';
import { conclude } from './observer-outcome';
import { newRecord, type ObserverRecord } from './observer-record';
import { ObservedStream, type SeenMessage } from './observer-stream';
import { compressorName, MsgFlag, opcodeName, ReplyFlag } from './opcodes';
import { replySummary, requestSummary, serverRole } from './summaries';
import { advance, type By, type Event, PHASES } from './transitions';
import type { WireMessage } from './wire';

interface Pending {
  readonly kind: RequestKind;
  readonly name: string;
  readonly attempt: AuthAttempt | undefined;
}

/** Bounds on one observation. A handshake needs a fraction of each. */
const LIMITS = {
  pending: 256,
  messages: 400,
  /** Ordinary commands without any authentication after which none is expected any more. */
  openCommands: 12,
  ciphertexts: 8,
} as const;

export interface MongoObserverOptions {
  /** TLS from the first byte. */
  readonly direct?: boolean;
}

/**
 * Observes one MongoDB conversation (the `ProtocolObserver` of `inspect`): pairs requests with replies by their ids, follows the
 * transition table, and says what came of it.
 */
export class MongoObserver implements Omit<TlsEvents, 'handlePlaintext'> {
  readonly layer: 'plain' | 'tls';
  readonly #record: ObserverRecord = newRecord();
  readonly #streams: Readonly<Record<Side, ObservedStream>> = {
    client: new ObservedStream(),
    server: new ObservedStream(),
  };
  readonly #pending = new Map<number, Pending>();
  #nonce: string | undefined;
  #settled = false;
  #secure = false;
  #closes = 0;

  constructor(
    readonly trace: TraceBuilder,
    options: MongoObserverOptions = {},
  ) {
    this.layer = options.direct ? 'tls' : 'plain';
    if (options.direct) trace.ssl.direct = true;
  }

  get settled(): boolean {
    return this.#settled;
  }

  handleOpen(from: Side, mark: Mark): void {
    const record = this.#record;
    if (record.phase !== 'idle' && record.phase !== 'connecting') return;
    record.midStream = false;
    this.#advance(from, from === 'client' ? 'SYN' : 'SYN+ACK');
    // A capture may begin with the SYN+ACK.
    if (from === 'server') record.phase = 'connected';
    this.trace.step({
      ...this.#states,
      mark,
      from,
      layer: 'tcp',
      message: from === 'client' ? 'SYN' : 'SYN+ACK',
      summary: from === 'client' ? 'the client opens a TCP connection' : 'the server accepts it',
    });
  }

  handleBytes(from: Side, bytes: Uint8Array, mark: Mark, secure: boolean): void {
    if (this.#settled) return;
    this.#begin();
    this.#secure = secure;
    if (secure) this.#establishTls();
    const stream = this.#streams[from];
    stream.append(bytes, mark);
    for (let result = stream.next(); result !== 'more'; result = stream.next()) {
      if ('code' in result) this.#handleDamage(result, mark);
      else this.#handleMessage(from, result, mark);
      if (this.#settled) return;
    }
  }

  handleGap(from: Side, length: number, mark: Mark): void {
    if (this.#settled || !this.#streams[from].handleGap(length)) return;
    this.#record.gap = true;
    addFinding(this.trace, 'MG_GAP', [mark.frame]);
  }

  handleClose(from: Side, how: 'fin' | 'rst', mark: Mark): void {
    if (this.#settled) return;
    const record = this.#record;
    this.#closes++;
    const first = record.closedBy === undefined;
    if (first) {
      record.closedBy = from;
      record.reset = how === 'rst';
      record.closeFrames = mark.frame > 0 ? [mark.frame] : [];
      if (record.phase === 'connecting' && how === 'rst') this.#advance(from, 'RST');
      else this.#advance('local', 'close');
      const who = from === 'client' ? 'the client' : 'the server';
      const refused = record.phase === 'refused' ? 'refuses the connection' : 'resets the connection';
      this.trace.step({
        ...this.#states,
        mark,
        from,
        layer: 'tcp',
        message: how === 'rst' ? 'RST' : 'FIN',
        summary: how === 'rst' ? `${who} ${refused}` : `${who} closes the connection`,
      });
    }
    if (how === 'rst' || this.#closes > 1) this.#settled = true;
  }

  handleLocal(event: LocalEvent, mark: Mark): void {
    if (event.error) {
      this.#record.localError ??= event.error;
      if (!this.#advance('local', event.kind === 'tls' ? 'TLS failed' : 'refuse'))
        this.#advance('local', 'refuse');
    }
    this.trace.step({
      ...this.#states,
      mark,
      from: 'local',
      layer: 'local',
      message: event.message,
      summary: event.summary,
      fields: event.fields,
    });
  }

  handleTlsMessage(message: TlsMessage): void {
    if (this.#settled) return;
    this.#begin();
    if (message.name === 'ClientHello') this.#advance('client', 'ClientHello');
    addTlsStep(this.trace, message, this.#states);
  }

  handleTlsAlert(alert: AlertSummary, mark: Mark): void {
    applyTlsAlert(this.trace, alert);
    if (alert.level !== 'fatal' || this.#record.tlsEstablished) return;
    this.trace.touch(mark);
    this.#advance('local', 'TLS failed');
  }

  handleTlsFacts(facts: TlsFacts): void {
    applyTlsFacts(this.trace, facts);
    if (facts.established) this.#establishTls();
  }

  handleCiphertext(from: Side, _length: number, mark: Mark): void {
    if (this.#settled) return;
    this.#begin();
    this.#establishTls();
    this.trace.touch(mark);
    const { opaque } = this.#record;
    opaque[from]++;
    if (Math.min(opaque.client, opaque.server) >= LIMITS.ciphertexts) this.#settled = true;
  }

  finish(): void {
    this.#settled = true;
    conclude(this.trace, this.#record, this.#secure || this.layer === 'tls');
    tlsFindings(this.trace);
  }

  get #states(): StatePair {
    const { client, server } = PHASES[this.#record.phase];
    return { clientState: client, serverState: server };
  }

  /** Bytes without a SYN before them: the connection exists already. */
  #begin(): void {
    if (this.#record.phase === 'idle' || this.#record.phase === 'connecting')
      this.#record.phase = 'connected';
  }

  #establishTls(): void {
    if (this.#record.tlsEstablished) return;
    this.#record.tlsEstablished = true;
    this.#advance('local', 'TLS established');
  }

  #advance(by: By, event: Event): boolean {
    const next = advance(this.#record.phase, by, event);
    if (next) this.#record.phase = next;
    return next !== undefined;
  }

  #handleDamage(damage: Issue, mark: Mark): void {
    addFinding(this.trace, 'MG_MALFORMED', [mark.frame], damage.message);
  }

  #handleMessage(from: Side, seen: SeenMessage, mark: Mark): void {
    const record = this.#record;
    record.messages[from]++;
    if (seen.issues.length > 0) addFinding(this.trace, 'MG_MALFORMED', seen.frames, seen.issues[0].message);
    if (from === 'client') this.#handleRequest(seen, mark);
    else this.#handleReply(seen, mark);
    this.#settle();
  }

  /** Nothing more is to be learned once the connection is in use after its authentication, or clearly does without one. */
  #settle(): void {
    const { phase, authenticated, messages, commandsOk, attempt } = this.#record;
    const inUse = authenticated && phase === 'ready';
    const open = attempt === undefined && phase === 'open' && commandsOk >= LIMITS.openCommands;
    if (inUse || open || messages.client + messages.server >= LIMITS.messages) this.#settled = true;
  }

  #handleRequest(seen: SeenMessage, mark: Mark): void {
    const record = this.#record;
    const { message, bytes, frames } = seen;
    const command = commandOf(message, bytes);
    const { kind, name } = command
      ? requestKind(message.kind === 'command' ? message.commandName : command.firstName)
      : { kind: 'command' as const, name: opcodeName(message.header.opcode) ?? 'message' };
    const database = databaseOf(message, command);
    this.#noteUnread(message, frames);
    if (kind === 'hello') {
      record.helloSent++;
      record.helloFrames = frames;
    }
    const attempt = command ? this.#noteAttempt(kind, command, database, frames) : undefined;
    const opens = message.kind !== 'retired' || isQuestion(message);
    if (opens && !this.#advance('client', kind)) this.#advance('client', 'command');
    const oneWay = message.kind === 'msg' && (message.flags & MsgFlag.MORE_TO_COME) !== 0;
    if (opens && !oneWay) this.#expect(message.header.requestId, { kind, name, attempt });
    this.#step(
      seen,
      mark,
      'client',
      name,
      kind,
      command ? requestSummary(kind, name, database, command) : unread(message),
    );
  }

  #expect(requestId: number, pending: Pending): void {
    // A client that never gets answers must not fill the memory: the oldest question is forgotten.
    if (this.#pending.size >= LIMITS.pending) {
      const oldest = this.#pending.keys().next();
      if (!oldest.done) this.#pending.delete(oldest.value);
    }
    this.#pending.set(requestId, pending);
  }

  /** Follows what a request means to the authentication, and gives the attempt it belongs to. */
  #noteAttempt(
    kind: RequestKind,
    command: BsonView,
    database: string,
    frames: readonly number[],
  ): AuthAttempt | undefined {
    const record = this.#record;
    const begun = beginAttempt(kind, command, database, frames);
    if (begun) {
      record.attempt = begun;
      const used = command.string('nonce');
      if (kind === 'authenticate' && used !== undefined) {
        if (this.#nonce !== used && !record.midStream) addFinding(this.trace, 'MG_NONCE_REUSED', frames);
        this.#nonce = undefined;
      }
      return begun;
    }
    const current = record.attempt;
    if (kind !== 'saslContinue' || !current) return undefined;
    current.proofSent = true;
    const conversation = command.number('conversationId');
    if (current.conversationId !== null && conversation !== current.conversationId) {
      const seen = `${conversation ?? 'none'} instead of ${current.conversationId}`;
      addFinding(this.trace, 'MG_CONVERSATION_ID', frames, seen);
    }
    return current;
  }

  #handleReply(seen: SeenMessage, mark: Mark): void {
    const { message, bytes, frames } = seen;
    const { responseTo, requestId } = message.header;
    const pending = this.#pending.get(responseTo);
    this.#pending.delete(responseTo);
    // An exhaust reply announces the next one, which answers this reply instead of a request.
    if (pending && message.kind === 'msg' && (message.flags & MsgFlag.MORE_TO_COME) !== 0) {
      this.#expect(requestId, pending);
    }
    if (!pending && !this.#record.midStream && !this.#record.gap) {
      addFinding(this.trace, 'MG_RESPONSE_TO', frames, `responseTo ${responseTo}`);
    }
    this.#noteUnread(message, frames);
    const span = bodyOf(message);
    const reply = span && BsonView.of(bytes, span);
    const kind = pending?.kind ?? 'command';
    const name = pending ? `${pending.name} reply` : (opcodeName(message.header.opcode) ?? 'reply');
    if (!reply) {
      if (pending) this.#noteUnreadReply(pending);
      this.#step(seen, mark, 'server', name, kind, unread(message));
      return;
    }
    const failed = message.kind === 'reply' && (message.flags & ReplyFlag.QUERY_FAILURE) !== 0;
    if (pending) this.#noteReply(pending, reply, failed, frames);
    const ordinary = kind === 'command' && !reply.has('ok') && !failed;
    this.#step(seen, mark, 'server', name, kind, ordinary ? 'documents' : replySummary(kind, reply));
  }

  /** A compressed answer: what it says is not known, only that there is one. Answers of an authentication are never compressed. */
  #noteUnreadReply(pending: Pending): void {
    if (pending.kind === 'hello') {
      this.#record.helloAnswered++;
      this.#advance('server', 'hello reply');
    } else {
      this.#record.commandsOk++;
      this.#advance('server', 'command reply');
    }
  }

  #noteReply(pending: Pending, reply: BsonView, failed: boolean, frames: readonly number[]): void {
    const record = this.#record;
    // The answer to a query is documents, and has no ok of its own.
    const plain = pending.kind === 'command' && !reply.has('ok') && !failed;
    const event: Event = plain ? 'command reply' : replyEvent(pending.kind, reply);
    const ok = plain || (reply.truthy('ok') && !failed);
    if (!this.#advance('server', event)) this.#advance('server', 'command reply');
    if (!ok) {
      this.#noteError(pending, reply, frames);
      return;
    }
    const attempt = pending.attempt;
    switch (event) {
      case 'hello reply':
      case 'hello reply, challenge':
      case 'hello reply, authenticated':
        record.helloAnswered++;
        record.role = serverRole(reply);
        record.mechanisms = reply.strings('saslSupportedMechs') ?? record.mechanisms;
        this.#noteSpeculation(attempt, reply, event, frames);
        break;
      case 'getnonce reply':
        this.#nonce = reply.string('nonce');
        break;
      case 'challenge':
      case 'server final':
      case 'sasl done':
        if (attempt) this.#noteSasl(attempt, reply, frames);
        if (event === 'sasl done') this.#succeed(attempt);
        break;
      case 'authenticate reply':
        this.#succeed(attempt);
        break;
      case 'command reply':
        record.commandsOk++;
        break;
    }
  }

  #noteSpeculation(
    attempt: AuthAttempt | undefined,
    reply: BsonView,
    event: Event,
    frames: readonly number[],
  ): void {
    const inner = reply.document('speculativeAuthenticate');
    if (!attempt) return;
    if (!inner) attempt.outcome = 'dropped';
    else if (event === 'hello reply, authenticated') this.#succeed(attempt);
    else this.#noteSasl(attempt, inner, frames);
  }

  #noteSasl(attempt: AuthAttempt, reply: BsonView, frames: readonly number[]): void {
    const before = attempt.conversationId;
    const id = reply.number('conversationId');
    if (before !== null && id !== undefined && id !== before) {
      addFinding(this.trace, 'MG_CONVERSATION_ID', frames, `${id} instead of ${before}`);
    }
    noteSaslReply(attempt, reply);
    if (!attempt.nonceContinued) addFinding(this.trace, 'MG_NONCE_MISMATCH', frames);
    attempt.frames.push(...frames.slice(0, 4));
  }

  #succeed(attempt: AuthAttempt | undefined): void {
    this.#record.authenticated = true;
    this.#record.authError = undefined;
    if (attempt) {
      attempt.outcome = 'ok';
      // The one that succeeded is the one to speak of, whatever was tried around it.
      this.#record.attempt = attempt;
    }
  }

  #noteError(pending: Pending, reply: BsonView, frames: readonly number[]): void {
    const record = this.#record;
    const code = reply.number('code');
    const text = reply.string('errmsg') ?? reply.string('$err') ?? 'no reason given';
    const error: TraceError = {
      from: 'server',
      code: code === undefined ? 'MONGO_NO_CODE' : String(code),
      message: code === undefined ? text : `${text} (${reply.string('codeName') ?? codeName(code)})`,
    };
    if (code === 391) addFinding(this.trace, 'MG_REAUTHENTICATION', frames);
    switch (pending.kind) {
      case 'hello':
        record.helloError ??= error;
        return;
      case 'command':
        if (code === 13 && !record.authenticated)
          record.unauthorized ??= { name: pending.name, error, frames };
        return;
      default:
        if (record.authenticated) return;
        record.authError = error;
        record.authErrorCode = code;
        if (pending.attempt) {
          pending.attempt.outcome = 'failed';
          pending.attempt.frames.push(...frames.slice(0, 4));
        }
    }
  }

  #noteUnread(message: WireMessage, frames: readonly number[]): void {
    if (message.kind === 'compressed') {
      this.#record.compressed++;
      addFinding(this.trace, 'MG_COMPRESSED_UNREAD', frames, compressorName(message.compressorId));
    } else if (message.kind === 'retired' || message.kind === 'command') {
      addFinding(this.trace, 'MG_RETIRED_OPCODE', frames, opcodeName(message.header.opcode));
    }
  }

  #step(seen: SeenMessage, mark: Mark, from: Side, name: string, kind: RequestKind, summary: string): void {
    const mechanism = this.#record.attempt?.mechanism ?? null;
    this.trace.step({
      ...this.#states,
      mark,
      from,
      layer: 'mongodb',
      frames: seen.frames[0] === 0 ? [] : seen.frames,
      bytes: seen.message.header.messageLength,
      message: name,
      summary,
      encrypted: this.#secure,
      fields: messageFields(seen.bytes, seen.message, { from, kind, mechanism }),
      data: seen.bytes,
    });
  }
}

function commandOf(message: WireMessage, bytes: Uint8Array): BsonView | undefined {
  if (message.kind === 'query' && !message.collection.endsWith('.$cmd')) return undefined;
  const span = bodyOf(message);
  if (!span) return undefined;
  const view = BsonView.of(bytes, span);
  return message.kind === 'query' ? unwrapQuery(view) : view;
}

function databaseOf(message: WireMessage, command: BsonView | undefined): string {
  switch (message.kind) {
    case 'query':
      return message.collection.split('.', 1)[0];
    case 'msg':
      return command?.string('$db') ?? '';
    case 'command':
      return message.database;
    default:
      return '';
  }
}

/** OP_GET_MORE is answered; the old writes are not. */
function isQuestion(message: WireMessage): boolean {
  return opcodeName(message.header.opcode) === 'OP_GET_MORE';
}

function unread(message: WireMessage): string {
  switch (message.kind) {
    case 'compressed': {
      const original = opcodeName(message.originalOpcode) ?? String(message.originalOpcode);
      return `${original} compressed with ${compressorName(message.compressorId)}, not unpacked`;
    }
    case 'query':
      return `query on ${message.collection}`;
    case 'reply':
      return `${message.numberReturned} documents`;
    default:
      return 'not read';
  }
}
