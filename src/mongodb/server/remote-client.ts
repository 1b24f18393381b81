import type { Effect, Machine, TlsOutcome } from '../../base/machine';
import { DriverConnection } from '../client/client';
import { type DriverOptions, MAX_REPLY_BYTES } from '../client/client-options';
import { MongoCode } from '../errors';
import { type Document, decodeBson } from '../wire/bson';
import { bodyOf, MessageReader } from '../wire/message-reader';
import { RESPONSE_TO_AT } from '../wire/opcodes';
import { buildMsg } from '../wire/wire-build';
import type { RemoteCommand } from './external-state';
import { CachedDerivation, ScramClientCache } from './scram-client-cache';
import { failure, type Result, success } from './status';

interface Asked {
  readonly remote: RemoteCommand;
  readonly done: (result: Result<Document>) => void;
}

/** Ids of the commands: far from those of the handshake, which counts from 1. */
const FIRST_REQUEST_ID = 1_000;

/**
 * A client connection from mongos to mongod: a driver's handshake, then commands one after the other. Whatever ends the connection
 * answers the commands that wait.
 */
export class RemoteClient implements Machine {
  readonly #driver: DriverConnection;
  readonly #keys: CachedDerivation;
  readonly #reader = new MessageReader(MAX_REPLY_BYTES);
  readonly #effects: Effect[] = [];
  readonly #waiting: Asked[] = [];
  #pending: (Asked & { readonly requestId: number }) | undefined;
  #requestId = FIRST_REQUEST_ID;
  #isReady = false;
  #ended: Result<never> | undefined;

  /** @param keys of the same user's connections before. */
  constructor(options: DriverOptions, keys = new ScramClientCache()) {
    this.#driver = new DriverConnection(options);
    this.#keys = new CachedDerivation(keys);
  }

  get state(): string {
    return this.#driver.state;
  }

  /** Sends a command once the connection is ready; `done` is called exactly once. */
  ask(remote: RemoteCommand, done: Asked['done']): void {
    if (this.#ended) {
      done(this.#ended);
      return;
    }
    this.#waiting.push({ remote, done });
    this.#next();
  }

  /** Closes the connection. Commands that wait are answered with an error. */
  end(): void {
    this.#end('the connection to mongod was closed');
    this.#effects.push({ type: 'close' });
  }

  handleConnected(): void {
    this.#driver.handleConnected();
  }

  handleTls(outcome: TlsOutcome): void {
    this.#driver.handleTls(outcome);
  }

  handleDerived(id: number, key: Uint8Array): void {
    this.#keys.handleDerived(id, key);
    this.#driver.handleDerived(id, key);
  }

  handlePassword(password: string): void {
    this.#driver.handlePassword(password);
  }

  handleTimer(id: string): void {
    this.#driver.handleTimer(id);
  }

  handleBytes(bytes: Uint8Array): void {
    if (!this.#isReady) {
      this.#driver.handleBytes(bytes);
      return;
    }
    this.#reader.append(bytes);
    while (!this.#ended) {
      const result = this.#reader.next();
      if (result.kind === 'more') return;
      if (result.kind === 'bad') {
        this.#fail(result.issue.message);
        return;
      }
      this.#handleReply(result.message.header.responseTo, bodyOf(result.message), result.bytes);
    }
  }

  handleClosed(): void {
    this.#driver.handleClosed();
    this.#end('mongod closed the connection');
  }

  pollEffect(): Effect | undefined {
    const own = this.#effects.shift();
    if (own) return own;
    const effect = this.#driver.pollEffect();
    if (effect?.type === 'derive') {
      const known = this.#keys.find(effect);
      if (!known) return effect;
      this.#driver.handleDerived(effect.id, known);
      return this.pollEffect();
    }
    if (effect?.type === 'ready') {
      this.#isReady = true;
      this.#next();
    } else if (effect?.type === 'fail') {
      this.#end(effect.error.message);
    }
    return effect;
  }

  #handleReply(
    responseTo: number,
    body: { readonly offset: number; readonly length: number } | undefined,
    bytes: Uint8Array,
  ): void {
    const pending = this.#pending;
    if (!pending || responseTo !== pending.requestId || !body) {
      this.#fail(
        `mongod answered request ${responseTo}, which was not asked (byte ${RESPONSE_TO_AT} of the message)`,
      );
      return;
    }
    this.#pending = undefined;
    const { value, issues } = decodeBson(bytes.subarray(body.offset, body.offset + body.length));
    pending.done(issues.length > 0 ? failure(MongoCode.FAILED_TO_PARSE, issues[0].message) : resultOf(value));
    this.#next();
  }

  #next(): void {
    if (!this.#isReady || this.#ended || this.#pending) return;
    const asked = this.#waiting.shift();
    if (!asked) return;
    const requestId = ++this.#requestId;
    this.#pending = { ...asked, requestId };
    const { command, database } = asked.remote;
    this.#effects.push({ type: 'write', bytes: buildMsg(requestId, 0, { ...command, $db: database }) });
  }

  #fail(message: string): void {
    this.#effects.push({ type: 'fail', error: { from: 'client', code: 'MONGO_REMOTE', message } });
    this.#end(message);
    this.#effects.push({ type: 'close' });
  }

  #end(message: string): void {
    if (this.#ended) return;
    const ended = failure<never>(MongoCode.HOST_UNREACHABLE, message);
    this.#ended = ended;
    const unanswered = [...(this.#pending ? [this.#pending] : []), ...this.#waiting.splice(0)];
    this.#pending = undefined;
    for (const { done } of unanswered) done(ended);
  }
}

/** mongod's own refusals keep their code. */
function resultOf(reply: Document): Result<Document> {
  if (Number(reply.ok) === 1 || reply.ok === true) return success(reply);
  const code = typeof reply.code === 'number' ? reply.code : MongoCode.INTERNAL_ERROR;
  return failure(code, typeof reply.errmsg === 'string' ? reply.errmsg : 'mongod gave no reason');
}
