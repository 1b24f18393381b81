import type { DeriveEffect, Effect, Machine, TlsOutcome } from '../../base/machine';
import { type Document, encodeBson } from '../bson';
import { walkBson } from '../bson-span';
import { BsonView } from '../bson-value';
import { type Compressor, pack } from '../compression';
import { codeName, MongoCode } from '../errors';
import { type RequestKind, replyEvent, requestKind } from '../exchange';
import { issueText, MessageReader } from '../message-reader';
import { advance, type By, type Event, PHASES, type PhaseId, type ServerState } from '../transitions';
import type { WireMessage } from '../wire';
import type { FetchEffect, User } from './authorization-manager';
import type { Client, Operation } from './operation';
import { findCommand } from './registry';
import { buildAnswer, type Request, readRequest } from './request';
import { abandonSession } from './sasl';
import type { MongosService } from './service';
import { type AuthenticationSession, AuthorizationSession } from './session';
import { failure, type Result, type Status } from './status';
import type { UserDocument, UserName } from './user-document';

/** Besides a machine's effects, what mongos fetches from mongod; answered by `handleVersion` and `handleUser`. */
export type MongosEffect = Effect | FetchEffect;

export interface MongosConnectionOptions {
  /** `host:port` of the client. */
  readonly remote: string;
  /**
   * Called when effects appeared although nothing was handed to this connection: another connection's fetch was answered.
   * The driver then polls.
   */
  readonly wake?: () => void;
}

/** The longest message taken; a handshake needs little, and more would only fill the memory. */
const MAX_REQUEST_BYTES = 1 << 20;

/** Code of a document that is none. */
const INVALID_BSON = 22;

const DELAY_TIMER = 'authFailedDelay';

/** Issues of the wire after which the source closes the connection without an answer. */
const FATAL_ISSUES = new Set([
  'MONGO_CHECKSUM',
  'MONGO_MSG_FLAGS',
  'MONGO_MSG_SECTIONS',
  'MONGO_SHORT',
  'MONGO_COMPRESSED',
  'MONGO_COMPRESSED_SIZE',
]);

/**
 * One client connection of mongos 3.x: accept → receive loop → Request → command → reply, one message at a time
 * (`PortMessageServer::handleIncomingMsg`, `ShardedMessageHandler::process`, `Strategy::clientCommandOp`).
 */
export class MongosConnection implements Machine<MongosEffect>, Client {
  readonly connectionId: number;
  readonly remote: string;
  readonly authorization: AuthorizationSession;
  authentication: AuthenticationSession | null = null;
  tls: TlsOutcome | null = null;
  readonly #service: MongosService;
  readonly #wake: (() => void) | undefined;
  readonly #reader = new MessageReader(MAX_REQUEST_BYTES);
  readonly #effects: MongosEffect[] = [];
  readonly #derivations = new Map<number, (key: Uint8Array) => void>();
  #phase: PhaseId = 'connecting';
  #hasTicket = false;
  #closed = false;
  /** A command is being run: the loop reads on after its reply. */
  #busy = false;
  /** What the request being worked on came compressed with: its reply goes the same way. */
  #compressor: Compressor | undefined;
  #announced = false;
  #delayed: (() => void) | undefined;
  #requestId = 0;
  #derivation = 0;
  /** Depth of calls into this connection; at 0 new effects need a wake-up. */
  #entered = 0;

  constructor(service: MongosService, options: MongosConnectionOptions) {
    this.#service = service;
    this.#wake = options.wake;
    this.remote = options.remote;
    this.connectionId = service.nextConnectionId();
    this.authorization = new AuthorizationSession(service.users);
  }

  get state(): ServerState {
    return PHASES[this.#phase].server;
  }

  /** Accepted: takes a ticket, or closes when there is none (mongos `Listener::accepted`). */
  handleConnected(): void {
    this.#enter(() => {
      const { connections, options } = this.#service;
      if (connections >= options.maxIncomingConnections) {
        this.#log('NETWORK', `connection refused because too many open connections: ${connections}`);
        this.#close();
        return;
      }
      this.#hasTicket = true;
      this.#service.connections++;
      this.#log('NETWORK', `connection accepted from ${this.remote}`);
      this.#advance('server', 'SYN+ACK');
      if (options.tls === 'requireTLS') {
        this.#advance('client', 'ClientHello');
        this.#effects.push({ type: 'startTls' });
      }
    });
  }

  handleTls(outcome: TlsOutcome): void {
    this.#enter(() => {
      if (this.#phase !== 'tls') return;
      if (outcome.ok) {
        this.tls = outcome;
        this.#advance('local', 'TLS established');
        this.#receive();
        return;
      }
      this.#log('NETWORK', `SSL handshake failed: ${outcome.error?.message ?? 'no reason known'}`);
      this.#advance('local', 'TLS failed');
      this.#close();
    });
  }

  handleBytes(bytes: Uint8Array): void {
    this.#enter(() => {
      if (this.#closed || this.#phase === 'tls') return;
      this.#reader.append(bytes);
      this.#receive();
    });
  }

  handleDerived(id: number, key: Uint8Array): void {
    this.#enter(() => {
      const done = this.#derivations.get(id);
      this.#derivations.delete(id);
      done?.(key);
    });
  }

  /** A server asks nobody for a password. */
  handlePassword(): void {}

  handleTimer(id: string): void {
    this.#enter(() => {
      const delayed = id === DELAY_TIMER ? this.#delayed : undefined;
      this.#delayed = undefined;
      delayed?.();
    });
  }

  handleClosed(): void {
    this.#enter(() => {
      if (!this.#closed) this.#end();
    });
  }

  /** Answers `fetchVersion`, whichever connection's login asked for it. */
  handleVersion(id: number, result: Result<number>): void {
    this.#enter(() => this.#service.users.handleVersion(id, result));
  }

  /** Answers `fetchUser`. */
  handleUser(id: number, result: Result<UserDocument>): void {
    this.#enter(() => this.#service.users.handleUser(id, result));
  }

  pollEffect(): MongosEffect | undefined {
    return this.#effects.shift() ?? this.#service.users.pollEffect();
  }

  /** Runs an input; a callback from outside of any input ends in a wake-up instead. */
  #enter(work: () => void): void {
    this.#entered++;
    try {
      work();
    } finally {
      this.#entered--;
    }
  }

  #later(work: () => void): void {
    if (this.#entered > 0) {
      work();
      return;
    }
    this.#enter(work);
    this.#wake?.();
  }

  /** `handleIncomingMsg`: messages until one is being worked on, or none is whole. */
  #receive(): void {
    while (!this.#busy && !this.#closed) {
      const result = this.#reader.next();
      if (result.kind === 'more') return;
      if (result.kind === 'bad') {
        this.#abort(`recv(): ${issueText(result.issue)}`);
        return;
      }
      const fatal = result.issues.find((found) => FATAL_ISSUES.has(found.code));
      if (fatal) {
        this.#abort(`Assertion failed: ${issueText(fatal)}`);
        return;
      }
      this.#compressor = result.compressor;
      const [damage] = result.issues;
      this.#process(result.message, result.bytes, damage && issueText(damage));
    }
  }

  /** `ShardedMessageHandler::process`. */
  #process(message: WireMessage, bytes: Uint8Array, damage: string | undefined): void {
    const result = readRequest(message, bytes);
    const { requestId } = message.header;
    // What a damaged request lacks it may have had.
    const damaged = damage
      ? failure<never>(INVALID_BSON, `Client Error: bad object in message: ${damage}`)
      : undefined;
    if (!result.ok) {
      const { answer, fatal } = result.bad ?? { answer: null, fatal: true };
      const { status } = damaged?.ok === false ? damaged : result;
      if (fatal || !answer) this.#abort(`Assertion failed: ${status.message}`);
      else this.#write(buildAnswer(answer, ++this.#requestId, requestId, errorDocument(status), true));
      return;
    }
    const request = result.value;
    const { kind } = requestKind(request.command.firstName);
    if (!this.#advance('client', kind)) this.#advance('client', 'command');
    this.#busy = true;
    // A command may end in a turn of its own.
    const reply = (outcome: Result<Document>): void => {
      this.#later(() => {
        if (!this.#closed) this.#reply(request, kind, outcome);
      });
    };
    if (damaged) {
      reply(damaged);
      return;
    }
    this.#refreshUsers(() => this.#runAgainstRegistered(request, reply));
  }

  /** `AuthorizationSession::startRequest`: users that were invalidated are acquired again, or logged out. */
  #refreshUsers(done: () => void): void {
    const stale = this.authorization.users.find((user) => !user.valid);
    if (!stale) {
      done();
      return;
    }
    this.#acquireUser(stale.name, (result) => {
      if (result.ok) {
        this.authorization.add(result.value);
        // One that was invalidated while it was fetched is used for this request, and looked at again by the next.
        if (!result.value.valid) {
          done();
          return;
        }
      } else {
        this.#log('ACCESS', `Removed ${stale.name.user}@${stale.name.db}: ${result.status.message}`);
        this.authorization.logoutDatabase(stale.name.db);
      }
      this.#refreshUsers(done);
    });
  }

  /** `Command::runAgainstRegistered` and `execCommandClientBasic`. */
  #runAgainstRegistered(request: Request, reply: (result: Result<Document>) => void): void {
    const name = request.command.firstName;
    const command = findCommand(name);
    if (!command) {
      reply(failure(MongoCode.COMMAND_NOT_FOUND, `no such command: '${name.slice(0, 100)}'`));
      return;
    }
    if (command.requiresAuth && this.#service.options.authorization && !this.authorization.isAuthenticated) {
      reply(failure(MongoCode.UNAUTHORIZED, `command ${command.name} requires authentication`));
      return;
    }
    command.run(this.#operation(request), reply);
  }

  #operation(request: Request): Operation {
    return {
      service: this.#service,
      client: this,
      database: request.database,
      command: request.command,
      acquireUser: (name, done) => this.#acquireUser(name, done),
      derive: (wanted, done) => this.#derive(wanted, done),
      log: (component, message) => this.#log(component, message),
    };
  }

  #acquireUser(name: UserName, done: (result: Result<User>) => void): void {
    let answered = false;
    const acquired = (result: Result<User>): void => {
      answered = true;
      this.#later(() => {
        if (!this.#closed) done(result);
        else if (result.ok) this.#service.users.releaseUser(result.value);
      });
    };
    this.#service.users.acquireUser(name, acquired, this.connectionId);
    if (!answered) this.#advance('local', 'acquireUser');
  }

  #derive(
    wanted: Pick<DeriveEffect, 'hash' | 'password' | 'salt' | 'iterations' | 'length'>,
    done: (key: Uint8Array) => void,
  ): void {
    const id = ++this.#derivation;
    this.#derivations.set(id, (key) => {
      if (!this.#closed) done(key);
    });
    this.#later(() => this.#effects.push({ type: 'derive', id, ...wanted }));
  }

  /** Answers a command, after the sleep that its status asks for, and goes on receiving. */
  #reply(request: Request, kind: RequestKind, result: Result<Document>): void {
    const send = (): void => {
      this.#busy = false;
      const document = result.ok ? { ...result.value, ok: 1 } : errorDocument(result.status);
      const bytes = encodeBson(document);
      const event = replyEvent(kind, BsonView.of(bytes, walkBson(bytes).value));
      if (!this.#advance('server', event)) this.#advance('server', 'command reply');
      if (request.answer) {
        this.#write(buildAnswer(request.answer, ++this.#requestId, request.requestId, document));
      }
      if (!this.#announced && this.authorization.isAuthenticated) {
        this.#announced = true;
        this.#effects.push({ type: 'ready' });
      }
      this.#receive();
    };
    const milliseconds = result.ok ? 0 : (result.status.delayMs ?? 0);
    if (milliseconds === 0) {
      send();
      return;
    }
    this.#delayed = send;
    this.#effects.push({ type: 'timer', id: DELAY_TIMER, milliseconds });
  }

  #write(bytes: Uint8Array): void {
    if (this.#closed) return;
    this.#effects.push({ type: 'write', bytes: this.#compressor ? pack(bytes, this.#compressor) : bytes });
  }

  /** An assertion outside of a command: this connection ends, no other. */
  #abort(reason: string): void {
    this.#log('NETWORK', `${reason}; closing client connection`);
    this.#effects.push({
      type: 'fail',
      error: { from: 'server', code: 'MONGOS_ASSERTION', message: reason },
    });
    this.#close();
  }

  #close(): void {
    this.#effects.push({ type: 'close' });
    this.#end();
  }

  /** `Client::destroy`: users and ticket are given back. */
  #end(): void {
    this.#closed = true;
    this.#advance('local', 'close');
    this.#phase = 'closed';
    this.#delayed = undefined;
    this.#derivations.clear();
    abandonSession({ client: this, service: this.#service });
    this.authorization.logoutAll();
    if (this.#hasTicket) {
      this.#hasTicket = false;
      this.#service.connections--;
    }
    this.#log('NETWORK', `end connection ${this.remote}`);
  }

  #advance(by: By, event: Event): boolean {
    const next = advance(this.#phase, by, event);
    if (next) this.#phase = next;
    return next !== undefined;
  }

  #log(component: 'ACCESS' | 'NETWORK' | 'COMMAND', message: string): void {
    this.#service.options.log?.({ component, connectionId: this.connectionId, message });
  }
}

/** `Command::appendCommandStatus`. */
function errorDocument(status: Status): Document {
  return { ok: 0, errmsg: status.message, code: status.code, codeName: codeName(status.code) };
}
