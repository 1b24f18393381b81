import type { Mark } from '../../base/mark';
import type { TraceBuilder } from '../../trace/builder';
import { type AuthAttempt, beginAttempt, noteFrames, noteSaslReply } from '../client/auth-attempt';
import { addFinding } from '../diagnose/findings';
import {
  advanceRecord,
  hasGap,
  type ObserverRecord,
  type Outstanding,
  type Refusal,
} from '../diagnose/record';
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
import { answeredKind, learnFromHello, learnFromReply } from './learn';
import { collectionOf, commandOf, databaseOf, isProbing, isQuestion, needsNoLogin } from './observed-command';
import type { SeenMessage } from './observer-stream';

/** A question whose answer is awaited. */
interface Pending {
  readonly requestId: number;
  readonly request: RequestName;
  readonly attempt: AuthAttempt | undefined;
  readonly database: string;
  readonly collection: string;
  readonly mark: Mark;
  readonly step: number;
  /** It may be left unanswered for as long as nothing changes. */
  readonly waits: boolean;
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

  /** The oldest question that should have been answered. */
  get outstanding(): Outstanding | undefined {
    const oldest = this.#pending.find(({ waits }) => !waits);
    return oldest && { ...oldest.request, mark: oldest.mark, step: oldest.step };
  }

  /** Takes a message of the client. @param mark of its last byte. */
  handleRequest(seen: SeenMessage, mark: Mark): Spoken {
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
      if (command) learnFromHello(record, command);
    }
    const attempt = command ? this.#noteAttempt(kind, command, database, frames) : undefined;
    record.apiVersion ??= command?.sharedString('apiVersion');
    const opens = message.kind !== 'retired' || isQuestion(message);
    if (opens && !advanceRecord(this.record, 'client', requestEvent(kind, command))) {
      advanceRecord(this.record, 'client', 'command');
    }
    const oneWay = message.kind === 'msg' && (message.flags & MsgFlag.MORE_TO_COME) !== 0;
    if (opens && !oneWay) {
      const { requestId } = message.header;
      const collection = kind === 'command' && command ? collectionOf(command) : '';
      const waits = kind === 'hello' && record.awaitable;
      const step = this.trace.steps.length;
      this.#expect({ requestId, request, attempt, database, collection, mark, step, waits });
    }
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
        if (this.#nonce !== used && !this.#lacking) addFinding(this.trace, 'MG_NONCE_REUSED', frames);
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

  /** The capture lacks something of this conversation: nothing follows from what was not seen. */
  get #lacking(): boolean {
    const { record } = this;
    return record.midStream || hasGap(record) || record.messages.client === 0 || record.messages.server === 0;
  }

  /** Takes a message of the server. */
  handleReply(seen: SeenMessage, mark: Mark): Spoken {
    const { message, bytes, frames } = seen;
    const { responseTo, requestId } = message.header;
    const found = this.#take(responseTo);
    // An exhaust reply announces the next one, which answers this reply instead of a request.
    const more = message.kind === 'msg' && (message.flags & MsgFlag.MORE_TO_COME) !== 0;
    if (found && more) this.#expect({ ...found, requestId, waits: true });
    const lacking = !found && this.#lacking;
    if (!found && !lacking) {
      const where = `responseTo ${responseTo} (byte ${RESPONSE_TO_AT} of the message)`;
      addFinding(this.trace, 'MG_RESPONSE_TO', frames, where);
    }
    this.#noteUnread(message, frames);
    const span = bodyOf(message);
    const reply = span && BsonView.of(bytes, span);
    const pending = found ?? (lacking && reply ? this.#unseen(reply, mark, more) : undefined);
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

  /** The question to which an answer must belong that the capture does not have. */
  #unseen(reply: BsonView, mark: Mark, more: boolean): Pending | undefined {
    const kind = answeredKind(reply);
    if (kind === undefined) return undefined;
    if (kind === 'hello' && more) this.record.streamed++;
    const { attempt } = this.record;
    return {
      requestId: 0,
      request: requestKind(kind),
      attempt: attempt?.outcome === 'open' || attempt?.outcome === 'dropped' ? attempt : undefined,
      database: '',
      collection: '',
      mark,
      step: this.trace.steps.length,
      waits: false,
    };
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
        learnFromReply(record, reply);
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
        if (!needsNoLogin(pending.request.name)) record.applicationOk++;
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
    this.record.authRefusal = undefined;
    // What was refused before the login says nothing about who is logged in now.
    this.record.commandRefusal = undefined;
    if (attempt) {
      attempt.outcome = 'ok';
      // The one that succeeded is the one to speak of, whatever was tried around it.
      this.record.attempt = attempt;
    }
  }

  #noteError(pending: Pending, reply: BsonView, frames: number | readonly number[]): void {
    const record = this.record;
    const { kind, name } = pending.request;
    const refusal = this.#refusalOf(pending, reply, frames);
    const { code } = refusal;
    if (code === MongoCode.REAUTHENTICATION_REQUIRED) addFinding(this.trace, 'MG_REAUTHENTICATION', frames);
    switch (kind) {
      case 'hello':
        record.helloRefusal ??= refusal;
        return;
      case 'command':
        record.commandsFailed++;
        if (!isProbing(name, code)) record.commandRefusal ??= refusal;
        return;
      default:
        if (record.authenticated) return;
        record.authRefusal = refusal;
        if (pending.attempt) {
          pending.attempt.outcome = 'failed';
          noteFrames(pending.attempt, frames);
        }
    }
  }

  #refusalOf(pending: Pending, reply: BsonView, frames: number | readonly number[]): Refusal {
    const code = reply.number('code');
    const text = reply.sharedString('errmsg') ?? reply.sharedString('$err') ?? 'no reason given';
    const name = code === undefined ? '' : (reply.sharedString('codeName') ?? codeName(code));
    return {
      name: pending.request.name,
      code,
      codeName: name,
      text,
      database: pending.database,
      collection: pending.collection,
      step: this.trace.steps.length,
      frames,
      error: {
        from: 'server',
        code: code === undefined ? 'MONGO_NO_CODE' : String(code),
        message: code === undefined ? text : `${text} (${name})`,
      },
    };
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
