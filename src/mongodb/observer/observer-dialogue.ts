import type { TraceBuilder } from '../../trace/builder';
import type { TraceError } from '../../trace/model';
import { type AuthAttempt, beginAttempt, noteFrames, noteSaslReply } from '../client/auth-attempt';
import { addFinding } from '../diagnose/findings';
import { advanceRecord, type ObserverRecord } from '../diagnose/record';
import { codeName, MongoCode } from '../errors';
import {
  otherRequest,
  type RequestKind,
  type RequestName,
  replyEvent,
  requestEvent,
  requestKind,
} from '../exchange';
import type { Event } from '../transitions';
import { BsonView } from '../wire/bson-value';
import { bodyOf } from '../wire/message-reader';
import { compressorName, MsgFlag, opcodeName, RESPONSE_TO_AT, ReplyFlag } from '../wire/opcodes';
import type { WireMessage } from '../wire/wire';
import { commandOf, databaseOf, isQuestion } from './observed-command';
import type { SeenMessage } from './observer-stream';
import { serverRole } from './summaries';

/** A question whose answer is awaited. */
interface Pending {
  readonly requestId: number;
  readonly request: RequestName;
  readonly attempt: AuthAttempt | undefined;
}

/** What a message is called, in its step. */
export type Spoken = Pick<RequestName, 'kind' | 'name'>;

/** Questions remembered at once. */
const MAX_PENDING = 256;

/**
 * Who asked what, and what came back: pairs requests with replies by requestID and responseTo, follows the transition table, and
 * notes in the record what the outcome needs.
 */
export class Dialogue {
  /** Oldest first. Nearly always one: no map of it is worth its memory. */
  readonly #pending: Pending[] = [];
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
    const request = command
      ? requestKind(message.kind === 'command' ? message.commandName : command.firstName)
      : otherRequest(opcodeName(message.header.opcode) ?? 'message');
    const { kind } = request;
    const database = databaseOf(message, command);
    this.#noteUnread(message, frames);
    if (kind === 'hello') {
      record.helloSent++;
      record.helloFrames = frames;
      record.mechanismsOf = command?.sharedString('saslSupportedMechs') ?? record.mechanismsOf;
    }
    const attempt = command ? this.#noteAttempt(kind, command, database, frames) : undefined;
    const opens = message.kind !== 'retired' || isQuestion(message);
    if (opens && !advanceRecord(this.record, 'client', requestEvent(kind, command))) {
      advanceRecord(this.record, 'client', 'command');
    }
    const oneWay = message.kind === 'msg' && (message.flags & MsgFlag.MORE_TO_COME) !== 0;
    if (opens && !oneWay) this.#expect({ requestId: message.header.requestId, request, attempt });
    return request;
  }

  #expect(pending: Pending): void {
    // A client that never gets answers must not fill the memory: the oldest question is forgotten.
    if (this.#pending.length >= MAX_PENDING) this.#pending.shift();
    this.#take(pending.requestId);
    this.#pending.push(pending);
  }

  /** The question that a reply answers; it is then no longer awaited. */
  #take(responseTo: number): Pending | undefined {
    const last = this.#pending.length - 1;
    if (last >= 0 && this.#pending[last].requestId === responseTo) return this.#pending.pop();
    const at = this.#pending.findIndex(({ requestId }) => requestId === responseTo);
    return at < 0 ? undefined : this.#pending.splice(at, 1)[0];
  }

  /** Follows what a request means to the authentication, and gives the attempt it belongs to. */
  #noteAttempt(
    kind: RequestKind,
    command: BsonView,
    database: string,
    frames: number | readonly number[],
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
    const pending = this.#take(responseTo);
    // An exhaust reply announces the next one, which answers this reply instead of a request.
    const more = message.kind === 'msg' && (message.flags & MsgFlag.MORE_TO_COME) !== 0;
    if (pending && more) this.#expect({ ...pending, requestId });
    if (!pending && !this.record.midStream && !this.record.gap) {
      const where = `responseTo ${responseTo} (byte ${RESPONSE_TO_AT} of the message)`;
      addFinding(this.trace, 'MG_RESPONSE_TO', frames, where);
    }
    this.#noteUnread(message, frames);
    const span = bodyOf(message);
    const reply = span && BsonView.of(bytes, span);
    const kind = pending?.request.kind ?? 'command';
    const name = pending ? pending.request.reply : (opcodeName(message.header.opcode) ?? 'reply');
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
    if (pending.request.kind === 'hello') {
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
    frames: number | readonly number[],
  ): void {
    const record = this.record;
    // The answer to a query is documents, and has no ok of its own.
    const { kind } = pending.request;
    const plain = kind === 'command' && !reply.has('ok') && !failed;
    const event: Event = plain ? 'command reply' : replyEvent(kind, reply, more);
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
    frames: number | readonly number[],
  ): void {
    const inner = reply.document('speculativeAuthenticate');
    if (!attempt) return;
    if (!inner) attempt.outcome = 'dropped';
    else if (event === 'hello reply, authenticated') this.#succeed(attempt);
    else this.#noteSasl(attempt, inner, frames);
  }

  #noteSasl(attempt: AuthAttempt, reply: BsonView, frames: number | readonly number[]): void {
    const before = attempt.conversationId;
    const id = reply.number('conversationId');
    if (before !== null && id !== undefined && id !== before) {
      addFinding(this.trace, 'MG_CONVERSATION_ID', frames, `${id} instead of ${before}`);
    }
    noteSaslReply(attempt, reply);
    if (!attempt.nonceContinued) addFinding(this.trace, 'MG_NONCE_MISMATCH', frames);
    noteFrames(attempt, frames);
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

  #noteError(pending: Pending, reply: BsonView, frames: number | readonly number[]): void {
    const record = this.record;
    const code = reply.number('code');
    const text = reply.sharedString('errmsg') ?? reply.sharedString('$err') ?? 'no reason given';
    const error: TraceError = {
      from: 'server',
      code: code === undefined ? 'MONGO_NO_CODE' : String(code),
      message: code === undefined ? text : `${text} (${reply.sharedString('codeName') ?? codeName(code)})`,
    };
    if (code === MongoCode.REAUTHENTICATION_REQUIRED) addFinding(this.trace, 'MG_REAUTHENTICATION', frames);
    switch (pending.request.kind) {
      case 'hello':
        record.helloError ??= error;
        return;
      case 'command':
        if (code === MongoCode.UNAUTHORIZED && !record.authenticated)
          record.unauthorized ??= { name: pending.request.name, error, frames };
        return;
      default:
        if (record.authenticated) return;
        record.authError = error;
        record.authErrorCode = code;
        record.refused = pending.request.name;
        if (pending.attempt) {
          pending.attempt.outcome = 'failed';
          noteFrames(pending.attempt, frames);
        }
    }
  }

  #noteUnread(message: WireMessage, frames: number | readonly number[]): void {
    if (message.kind === 'compressed') {
      this.record.compressed++;
      addFinding(this.trace, 'MG_COMPRESSED_UNREAD', frames, compressorName(message.compressorId));
    } else if (message.kind === 'retired' || message.kind === 'command') {
      addFinding(this.trace, 'MG_RETIRED_OPCODE', frames, opcodeName(message.header.opcode));
    }
  }
}
