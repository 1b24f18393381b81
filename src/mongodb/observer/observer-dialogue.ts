import type { TraceBuilder } from '../../trace/builder';
import type { TraceError } from '../../trace/model';
import { type AuthAttempt, beginAttempt, noteSaslReply } from '../client/auth-attempt';
import { codeName, MongoCode } from '../errors';
import { type RequestKind, replyEvent, requestEvent, requestKind } from '../exchange';
import type { Event } from '../transitions';
import { BsonView } from '../wire/bson-value';
import { bodyOf } from '../wire/message-reader';
import { compressorName, MsgFlag, opcodeName, RESPONSE_TO_AT, ReplyFlag } from '../wire/opcodes';
import type { WireMessage } from '../wire/wire';
import { addFinding } from './findings';
import { commandOf, databaseOf, isQuestion } from './observed-command';
import { advanceRecord, type ObserverRecord } from './observer-record';
import type { SeenMessage } from './observer-stream';
import { serverRole } from './summaries';

interface Pending {
  readonly kind: RequestKind;
  readonly name: string;
  readonly attempt: AuthAttempt | undefined;
}

/** What a message is called, in its step. */
export interface Spoken {
  readonly name: string;
  readonly kind: RequestKind;
}

/** Questions remembered at once. */
const MAX_PENDING = 256;

/**
 * Who asked what, and what came back: pairs requests with replies by requestID and responseTo, follows the transition table, and
 * notes in the record what the outcome needs.
 */
export class Dialogue {
  readonly #pending = new Map<number, Pending>();
  #nonce: string | undefined;

  constructor(
    private readonly trace: TraceBuilder,
    private readonly record: ObserverRecord,
  ) {}

  /** Takes a message of the client. */
  handleRequest(seen: SeenMessage): Spoken {
    const record = this.record;
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
      record.mechanismsOf = command?.string('saslSupportedMechs') ?? record.mechanismsOf;
    }
    const attempt = command ? this.#noteAttempt(kind, command, database, frames) : undefined;
    const opens = message.kind !== 'retired' || isQuestion(message);
    if (opens && !advanceRecord(this.record, 'client', requestEvent(kind, command))) {
      advanceRecord(this.record, 'client', 'command');
    }
    const oneWay = message.kind === 'msg' && (message.flags & MsgFlag.MORE_TO_COME) !== 0;
    if (opens && !oneWay) this.#expect(message.header.requestId, { kind, name, attempt });
    return { name, kind };
  }

  #expect(requestId: number, pending: Pending): void {
    // A client that never gets answers must not fill the memory: the oldest question is forgotten.
    if (this.#pending.size >= MAX_PENDING) {
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
    const record = this.record;
    const begun = beginAttempt(kind, command, database, frames);
    if (begun) {
      // A nonce that was answered is used up; one whose speculation was not answered may be sent again.
      const answered = record.attempt?.iterations === null ? '' : record.attempt?.clientNonce;
      if (begun.clientNonce !== '' && begun.clientNonce === answered)
        addFinding(this.trace, 'MG_SCRAM_NONCE_REUSED', frames);
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

  /** Takes a message of the server. */
  handleReply(seen: SeenMessage): Spoken {
    const { message, bytes, frames } = seen;
    const { responseTo, requestId } = message.header;
    const pending = this.#pending.get(responseTo);
    this.#pending.delete(responseTo);
    // An exhaust reply announces the next one, which answers this reply instead of a request.
    const more = message.kind === 'msg' && (message.flags & MsgFlag.MORE_TO_COME) !== 0;
    if (pending && more) this.#expect(requestId, pending);
    if (!pending && !this.record.midStream && !this.record.gap) {
      const where = `responseTo ${responseTo} (byte ${RESPONSE_TO_AT} of the message)`;
      addFinding(this.trace, 'MG_RESPONSE_TO', frames, where);
    }
    this.#noteUnread(message, frames);
    const span = bodyOf(message);
    const reply = span && BsonView.of(bytes, span);
    const kind = pending?.kind ?? 'command';
    const name = pending ? `${pending.name} reply` : (opcodeName(message.header.opcode) ?? 'reply');
    if (!reply) {
      if (pending) this.#noteUnreadReply(pending);
      return { name, kind };
    }
    const failed = message.kind === 'reply' && (message.flags & ReplyFlag.QUERY_FAILURE) !== 0;
    if (pending) this.#noteReply(pending, reply, { failed, more }, frames);
    return { name, kind };
  }

  /** A compressed answer: what it says is not known, only that there is one. Answers of an authentication are never compressed. */
  #noteUnreadReply(pending: Pending): void {
    if (pending.kind === 'hello') {
      this.record.helloAnswered++;
      advanceRecord(this.record, 'server', 'hello reply');
    } else {
      this.record.commandsOk++;
      advanceRecord(this.record, 'server', 'command reply');
    }
  }

  #noteReply(
    pending: Pending,
    reply: BsonView,
    { failed, more }: { readonly failed: boolean; readonly more: boolean },
    frames: readonly number[],
  ): void {
    const record = this.record;
    // The answer to a query is documents, and has no ok of its own.
    const plain = pending.kind === 'command' && !reply.has('ok') && !failed;
    const event: Event = plain ? 'command reply' : replyEvent(pending.kind, reply, more);
    const ok = plain || (reply.truthy('ok') && !failed);
    if (!advanceRecord(this.record, 'server', event)) advanceRecord(this.record, 'server', 'command reply');
    if (!ok) {
      this.#noteError(pending, reply, frames);
      return;
    }
    const attempt = pending.attempt;
    switch (event) {
      case 'hello reply':
      case 'hello reply, more to come':
      case 'hello reply, challenge':
      case 'hello reply, authenticated':
        record.helloAnswered++;
        record.role = serverRole(reply);
        record.maxWireVersion = reply.number('maxWireVersion') ?? record.maxWireVersion;
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
    this.record.authenticated = true;
    this.record.authError = undefined;
    if (attempt) {
      attempt.outcome = 'ok';
      // The one that succeeded is the one to speak of, whatever was tried around it.
      this.record.attempt = attempt;
    }
  }

  #noteError(pending: Pending, reply: BsonView, frames: readonly number[]): void {
    const record = this.record;
    const code = reply.number('code');
    const text = reply.string('errmsg') ?? reply.string('$err') ?? 'no reason given';
    const error: TraceError = {
      from: 'server',
      code: code === undefined ? 'MONGO_NO_CODE' : String(code),
      message: code === undefined ? text : `${text} (${reply.string('codeName') ?? codeName(code)})`,
    };
    if (code === MongoCode.REAUTHENTICATION_REQUIRED) addFinding(this.trace, 'MG_REAUTHENTICATION', frames);
    switch (pending.kind) {
      case 'hello':
        record.helloError ??= error;
        return;
      case 'command':
        if (code === MongoCode.UNAUTHORIZED && !record.authenticated)
          record.unauthorized ??= { name: pending.name, error, frames };
        return;
      default:
        if (record.authenticated) return;
        record.authError = error;
        record.authErrorCode = code;
        record.refused = pending.name;
        if (pending.attempt) {
          pending.attempt.outcome = 'failed';
          pending.attempt.frames.push(...frames.slice(0, 4));
        }
    }
  }

  #noteUnread(message: WireMessage, frames: readonly number[]): void {
    if (message.kind === 'compressed') {
      this.record.compressed++;
      addFinding(this.trace, 'MG_COMPRESSED_UNREAD', frames, compressorName(message.compressorId));
    } else if (message.kind === 'retired' || message.kind === 'command') {
      addFinding(this.trace, 'MG_RETIRED_OPCODE', frames, opcodeName(message.header.opcode));
    }
  }
}
