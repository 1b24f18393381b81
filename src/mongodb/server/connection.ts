import type { Machine, TlsOutcome } from '../../base/machine';
import type { Field } from '../../trace/model';
import { replyEvent, requestEvent, requestKind } from '../exchange';
import { advance, type By, type Event, PHASES, type PhaseId, type ServerState } from '../transitions';
import { type Document, encodeBson } from '../wire/bson';
import type { Compressor } from '../wire/compression';
import { opcodeName } from '../wire/opcodes';
import type { WireMessage } from '../wire/wire';
import { buildReply } from '../wire/wire-build';
import type { User } from './authorization-manager';
import type { MongosEffect } from './effects';
import { runAgainstRegistered, startRequest } from './execute';
import { LastError } from './last-error';
import { legacyOperation } from './legacy-operations';
import type { Client } from './operation';
import { type Capabilities, noteArrival, OperationContext } from './operation-context';
import { type Received, ReceiveLoop } from './receive-loop';
import { changedCommand, errorDocument, viewOf } from './reply-document';
import { buildAnswer, buildRefusal, isCommand, type Request, readRequest } from './request';
import { abandonSession } from './sasl';
import type { LogComponent, MongosService } from './service';
import { type AuthenticationSession, AuthorizationSession } from './session';
import { failure, type Result, type Status } from './status';
import { type UserDocument, type UserName, userText } from './user-document';
import { Waits } from './waits';

export interface MongosConnectionOptions {
  /** `host:port` of the client. */
  readonly remote: string;
  /** `host:port` of this end; only told. */
  readonly local?: string;
  /** Whether somebody wants the notes of the stages; default true. */
  readonly notes?: boolean;
  /**
   * Called when effects appeared although nothing was handed to this connection: another connection's fetch was answered.
   * The driver then polls.
   */
  readonly wake?: () => void;
}

/** Code of a document that is none. */
const INVALID_BSON = 22;

/**
 * One client connection of mongos 3.x: accept → receive loop → Request → command → reply, one message at a time. The stages are files of
 * their own: `receive-loop`, `request` and `legacy-operations`, `execute`, `registry`; this one connects them.
 */
export class MongosConnection implements Machine<MongosEffect>, Client {
  readonly connectionId: number;
  readonly remote: string;
  readonly local: string;
  readonly authorization: AuthorizationSession;
  readonly lastError = new LastError();
  authentication: AuthenticationSession | null = null;
  saidHello = false;
  /** A whole message has come. */
  heard = false;
  tls: TlsOutcome | null = null;
  readonly #service: MongosService;
  readonly #wake: (() => void) | undefined;
  readonly #notes: boolean;
  readonly #loop: ReceiveLoop;
  readonly #effects: MongosEffect[] = [];
  readonly #waits: Waits;
  #phase: PhaseId = 'connecting';
  #hasTicket = false;
  #closed = false;
  /** What an operation may do with this connection. */
  readonly #capabilities: Capabilities;
  /** The command being run: the loop reads on after its reply. */
  #operation: OperationContext | undefined;
  /** What the request being worked on came compressed with: its reply goes the same way. */
  #compressor: Compressor | undefined;
  #announced = false;
  #requestId = 0;
  /** Depth of calls into this connection; at 0 new effects need a wake-up. */
  #entered = 0;

  constructor(service: MongosService, options: MongosConnectionOptions) {
    this.#service = service;
    this.#wake = options.wake;
    this.#notes = options.notes ?? true;
    this.#loop = new ReceiveLoop(service.network);
    this.#waits = new Waits(
      (effect) => this.#effects.push(effect),
      (work) => this.#later(work),
    );
    this.#capabilities = {
      acquireUser: (name, done) => this.#acquireUser(name, done),
      derive: this.#waits.derive,
      sleep: this.#waits.sleep,
      log: (component, text) => this.#log(component, text),
    };
    this.remote = options.remote;
    this.local = options.local ?? ':0';
    this.connectionId = service.nextConnectionId();
    this.authorization = new AuthorizationSession(service.users);
  }

  get state(): ServerState {
    return PHASES[this.#phase].server;
  }

  /** mongos `Listener::accepted`: takes a ticket, or closes when there is none. */
  handleConnected(): void {
    this.#enter(() => {
      const { connections, options } = this.#service;
      const tickets = `of ${options.maxIncomingConnections} tickets`;
      if (connections >= options.maxIncomingConnections) {
        this.#log('NETWORK', `connection refused because too many open connections: ${connections}`);
        this.#note('Listener::accepted', `none ${tickets} is free: the connection is closed without a word`);
        this.#close();
        return;
      }
      this.#hasTicket = true;
      this.#service.connections++;
      const count = this.#service.openText;
      this.#log('NETWORK', `connection accepted from ${this.remote} #${this.connectionId} (${count})`);
      this.#note('Listener::accepted', `conn${this.connectionId} takes one ${tickets}, ${count}`);
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
      this.#loop.append(bytes);
      this.#receive();
    });
  }

  handleDerived(id: number, key: Uint8Array): void {
    this.#enter(() => this.#waits.handleDerived(id, key));
  }

  /** A server asks nobody for a password. */
  handlePassword(): void {}

  handleTimer(id: string): void {
    this.#enter(() => this.#waits.handleTimer(id));
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

  /** Runs an input; whatever it throws ends this connection and no other. */
  #enter(work: () => void): void {
    this.#entered++;
    try {
      work();
    } catch (error) {
      this.#abort('DBException', error instanceof Error ? error.message : String(error));
    } finally {
      this.#entered--;
    }
  }

  /** A callback from outside of any input ends in a wake-up. */
  #later(work: () => void): void {
    const inside = this.#entered > 0;
    this.#enter(work);
    if (!inside) this.#wake?.();
  }

  /** `handleIncomingMsg`: messages until one is being worked on, or none is whole. */
  #receive(): void {
    while (!this.#operation && !this.#closed) {
      const received = this.#loop.next();
      if (received.kind === 'more') return;
      this.heard = true;
      if (received.kind === 'exception') {
        this.#abort(received.name, received.reason);
        return;
      }
      this.#compressor = received.compressor;
      this.#process(received);
    }
  }

  /** `ShardedMessageHandler::process`. */
  #process({ message, bytes, damage }: Extract<Received, { kind: 'message' }>): void {
    this.lastError.startRequest();
    if (!isCommand(message)) {
      this.#processLegacy(message, damage);
      return;
    }
    const result = readRequest(message, bytes, this.#service.role);
    // What a damaged request lacks it may have had.
    const refusal = damage
      ? failure<never>(INVALID_BSON, `Client Error: bad object in message: ${damage}`)
      : result;
    if (result.ok) this.#start(message, result.value, refusal.ok ? undefined : refusal);
    else if (!refusal.ok) this.#refuse(message, refusal.status, result.answer);
  }

  /** An assertion before any command: told where an answer is expected, and by getLastError. */
  #refuse(message: WireMessage, status: Status, answer: Request['answer']): void {
    this.#log(
      'NETWORK',
      `Assertion failed while processing ${opcodeName(message.header.opcode)}: ${status.message}`,
    );
    this.lastError.set(status);
    if (!answer) return;
    this.#write(buildRefusal(answer, ++this.#requestId, message.header.requestId, errorDocument(status)));
  }

  /** OP_QUERY on a collection, and operations that newer servers have retired. */
  #processLegacy(message: WireMessage, damage: string | undefined): void {
    const { requestId } = message.header;
    const isAuthorized = !this.#service.options.authorization || this.authorization.isAuthenticated;
    const outcome = legacyOperation(message, { isRetired: this.#service.retiresOperations, isAuthorized });
    switch (outcome.kind) {
      case 'empty':
        this.#write(buildReply(++this.#requestId, requestId, undefined, outcome.flags));
        break;
      case 'error': {
        const text = damage ? `Client Error: bad object in message: ${damage}` : undefined;
        const status = text ? { code: INVALID_BSON, message: text } : outcome.status;
        this.#refuse(message, status, outcome.answered ? 'OP_REPLY' : null);
        break;
      }
      case 'nothing':
        break;
      case 'close':
        this.#abort('AssertionException', outcome.reason);
    }
  }

  #start(message: WireMessage, request: Request, refusal: Result<Document> | undefined): void {
    const operation = this.#newOperation(request);
    if (this.#notes) noteArrival(operation, message, this.#loop);
    if (refusal) this.#reply(operation, refusal);
    else this.#run(operation);
  }

  #newOperation(request: Request): OperationContext {
    const operation = new OperationContext(this.#service, this, request, this.#capabilities, this.#notes);
    this.#operation = operation;
    const { kind } = requestKind(request.command.firstName);
    if (!this.#advance('client', requestEvent(kind, request.command))) this.#advance('client', 'command');
    return operation;
  }

  /** `Strategy::clientCommandOp`. */
  #run(operation: OperationContext): void {
    operation.stage('Strategy::clientCommandOp', operation.command.firstName.slice(0, 100));
    startRequest(operation, () => {
      // A command may end in a turn of its own.
      runAgainstRegistered(operation, (outcome) => {
        this.#later(() => {
          if (!this.#closed) this.#reply(operation, outcome);
        });
      });
    });
  }

  #acquireUser(name: UserName, done: (result: Result<User>) => void): void {
    const { users } = this.#service;
    const waits = users.fetching;
    let answered = false;
    const acquired = (result: Result<User>): void => {
      answered = true;
      this.#later(() => {
        if (!this.#closed) done(result);
        else if (result.ok) users.releaseUser(result.value);
      });
    };
    users.acquireUser(name, acquired, this.connectionId);
    if (answered) return;
    this.#advance('local', 'acquireUser');
    const what = waits ? 'waits for another fetch' : 'begins a fetch phase';
    this.#note('AuthorizationManager::acquireUser', `${userText(name)} is not in the cache: ${what}`);
  }

  /** Answers a command, after the sleep that its status asks for, and goes on receiving. */
  #reply(operation: OperationContext, result: Result<Document>): void {
    const milliseconds = result.ok ? 0 : (result.status.delayMs ?? 0);
    if (milliseconds === 0) this.#send(operation, result);
    else this.#waits.sleep(milliseconds, () => this.#send(operation, result));
  }

  #send(operation: OperationContext, result: Result<Document>): void {
    const { request, nextInvocation, stages } = operation;
    const moreToCome = result.ok && request.answer === 'OP_MSG' && nextInvocation !== undefined;
    const document = encodeBson(result.ok ? { ...result.value, ok: 1 } : errorDocument(result.status));
    const { kind } = requestKind(request.command.firstName);
    const event = replyEvent(kind, viewOf(document), moreToCome);
    if (!this.#advance('server', event)) this.#advance('server', 'command reply');
    if (this.#notes) this.#note('Stages', stages.map(({ name }) => name).join(' → '), stages);
    if (request.answer) {
      const { answer, requestId } = request;
      const checksum = request.checksum && this.tls === null;
      this.#write(buildAnswer(answer, ++this.#requestId, requestId, document, { moreToCome, checksum }));
    }
    if (!this.#announced && this.authorization.isAuthenticated) {
      this.#announced = true;
      this.#effects.push({ type: 'ready' });
    }
    this.#operation = undefined;
    if (moreToCome) {
      // The next reply answers this one.
      const command = changedCommand(request.command, nextInvocation);
      this.#run(this.#newOperation({ ...request, command, requestId: this.#requestId }));
    } else {
      this.#receive();
    }
  }

  #write(bytes: Uint8Array): void {
    if (this.#closed) return;
    this.#effects.push({ type: 'write', bytes: this.#loop.send(bytes, this.#compressor) });
  }

  /** An exception outside of a command: this connection ends, no other. */
  #abort(exception: string, reason: string): void {
    if (this.#closed) return;
    this.#log('NETWORK', `${exception} handling request, closing client connection: ${reason}`);
    this.#note(exception, reason);
    this.#effects.push({
      type: 'fail',
      error: { from: 'server', code: 'MONGOS_ASSERTION', message: reason },
    });
    this.#close();
  }

  #close(): void {
    this.#end();
    this.#effects.push({ type: 'close' });
  }

  /** `Client::destroy`: users and ticket are given back, and the loop's last statistics are logged. */
  #end(): void {
    this.#closed = true;
    this.#advance('local', 'close');
    this.#phase = 'closed';
    this.#waits.clear();
    this.#operation?.end();
    abandonSession({ client: this, service: this.#service });
    this.authorization.logoutAll();
    if (this.#hasTicket) {
      this.#hasTicket = false;
      this.#service.connections--;
    }
    const { openText } = this.#service;
    this.#log('NETWORK', `end connection ${this.remote} (${openText}), ${this.#loop.statistics}`);
    this.#note('end connection', this.#loop.statistics);
  }

  #advance(by: By, event: Event): boolean {
    const next = advance(this.#phase, by, event);
    if (next) this.#phase = next;
    return next !== undefined;
  }

  #note(message: string, summary: string, fields?: readonly Field[]): void {
    if (this.#notes) this.#effects.push({ type: 'note', message, summary, fields });
  }

  #log(component: LogComponent, message: string): void {
    this.#service.options.log?.({ component, connectionId: this.connectionId, message });
  }
}
