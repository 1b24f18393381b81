import type { Effect, Machine, MachineError, TlsOutcome } from '../../base/machine';
import { type RequestKind, replyEvent, requestKind } from '../exchange';
import { canSpeculate, createMechanism, isSupported, negotiateMechanism } from '../mechanisms/choose';
import {
  type AuthStep,
  type Credentials,
  type MechanismClient,
  SUPPORTED_MECHANISMS,
} from '../mechanisms/mechanism';
import { advance, type By, type ClientState, type Event, PHASES, type PhaseId } from '../transitions';
import type { Document } from '../wire/bson';
import { BsonView } from '../wire/bson-value';
import { type Compressor, isCompressor, NEVER_COMPRESSED, pack } from '../wire/compression';
import { bodyOf, issueText, MessageReader } from '../wire/message-reader';
import { RESPONSE_TO_AT, ReplyFlag } from '../wire/opcodes';
import type { WireMessage } from '../wire/wire';
import { buildMsg, buildQuery } from '../wire/wire-build';
import { helloCommand, sourceOf, usesExternal } from './client-hello';
import { DRIVER_DEFAULTS, type DriverOptions, MAX_REPLY_BYTES, OP_MSG_WIRE_VERSION } from './client-options';
import { helloProblem, membersOf, serverError, takesLogins } from './replies';

interface Pending {
  readonly requestId: number;
  readonly kind: RequestKind;
  readonly name: string;
}

/** Bound on {@link DriverConnection.path}; no handshake comes near. */
const MAX_PATH = 200;

/**
 * One connection as a driver establishes it: (TLS,) hello, authentication, one `ping`. Sans-IO; the choices are those of the driver
 * specifications (MongoDB Handshake, Authentication), the order is that of the transition table.
 */
export class DriverConnection implements Machine {
  readonly #options: DriverOptions;
  readonly #reader = new MessageReader(MAX_REPLY_BYTES);
  readonly #effects: Effect[] = [];
  readonly #path: ClientState[] = [];
  #phase: PhaseId = 'connecting';
  #requestId = 0;
  #pending: Pending | undefined;
  #password: string | undefined;
  /** What waits for the password. */
  #afterPassword: (() => void) | undefined;
  #members: readonly string[] = [];
  #maxWireVersion = 0;
  #hidden = false;
  #lacksPrimary = false;
  #usable = true;
  #mechanism: MechanismClient | undefined;
  #speculated = false;
  #useOpMsg = false;
  #compressor: Compressor | undefined;
  #derivation = 0;

  constructor(options: DriverOptions) {
    this.#options = options;
    this.#password = options.password;
    // A load balancer is asked by hello, which needs OP_MSG (Load Balancers specification).
    this.#useOpMsg = options.loadBalanced ?? false;
    this.#path.push(this.state);
  }

  get state(): ClientState {
    return PHASES[this.#phase].client;
  }

  /** Every state so far, oldest first. */
  get path(): readonly ClientState[] {
    return this.#path;
  }

  /** The mechanism in use; null before it was chosen, or without authentication. */
  get mechanism(): string | null {
    return this.#mechanism?.mechanism ?? null;
  }

  /** The members that the server names of its replica set, `host:port`; empty when it is in none. */
  get members(): readonly string[] {
    return this.#members;
  }

  /** What the server said in hello; 0 before. */
  get maxWireVersion(): number {
    return this.#maxWireVersion;
  }

  /** A member that drivers do not use unless it is named alone. */
  get isHidden(): boolean {
    return this.#hidden;
  }

  /** A secondary that names no primary: whoever reads or writes there alone finds none. */
  get lacksPrimary(): boolean {
    return this.#lacksPrimary;
  }

  /** Whether users can log in and read on this server: not on an arbiter, nor on a member that is not initiated or still recovers. */
  get isUsable(): boolean {
    return this.#usable;
  }

  handleConnected(): void {
    this.#advance('server', 'SYN+ACK');
    if (this.#options.tls) {
      this.#advance('client', 'ClientHello');
      this.#effects.push({ type: 'startTls' });
    } else {
      this.#begin();
    }
  }

  handleTls(outcome: TlsOutcome): void {
    if (this.#phase !== 'tls') return;
    if (outcome.ok) {
      this.#advance('local', 'TLS established');
      this.#begin();
      return;
    }
    const error = outcome.error ?? {
      from: 'client',
      code: 'TLS_FAILED',
      message: 'the TLS handshake failed',
    };
    this.#fail(error, 'TLS failed');
  }

  handlePassword(password: string): void {
    const next = this.#afterPassword;
    if (this.#password !== undefined || !next || this.#over) return;
    this.#password = password;
    this.#afterPassword = undefined;
    next();
  }

  handleBytes(bytes: Uint8Array): void {
    if (this.#over) return;
    this.#reader.append(bytes);
    while (!this.#over) {
      const result = this.#reader.next();
      if (result.kind === 'more') return;
      if (result.kind === 'bad') {
        const { code } = result.issue;
        this.#refuse(code, `the server does not speak the MongoDB wire protocol: ${issueText(result.issue)}`);
        return;
      }
      const [damage] = result.issues;
      if (damage) {
        this.#refuse(damage.code, `the server sent a damaged message: ${issueText(damage)}`);
        return;
      }
      this.#handleMessage(result.message, result.bytes);
    }
  }

  handleDerived(id: number, key: Uint8Array): void {
    if (this.#over || id !== this.#derivation || !this.#mechanism) return;
    this.#derivation++;
    this.#take(this.#mechanism.handleDerived(key));
  }

  handleTimer(id: string): void {
    if (!this.#pending || id !== timerId(this.#pending.requestId)) return;
    const wait = this.#options.connectTimeoutMs ?? DRIVER_DEFAULTS.connectTimeoutMs;
    this.#refuse('MONGO_TIMEOUT', `no answer to ${this.#pending.name} within ${wait} ms`);
  }

  handleClosed(): void {
    if (this.#over) return;
    if (this.#phase === 'ready' || this.#phase === 'open') {
      this.#advance('local', 'close');
      return;
    }
    const asked = this.#pending ? `before it answered ${this.#pending.name}` : `in state ${this.state}`;
    this.#fail({
      from: 'server',
      code: 'MONGO_CLOSED',
      message: `the server closed the connection ${asked}`,
    });
  }

  pollEffect(): Effect | undefined {
    return this.#effects.shift();
  }

  get #over(): boolean {
    const { client } = PHASES[this.#phase];
    return client === 'FAILED' || client === 'AUTH_FAILED' || client === 'CLOSED';
  }

  get #wantsAuth(): boolean {
    return Boolean(this.#options.user) || usesExternal(this.#options.mechanism);
  }

  /** The transport is ready: refuses what it cannot do, asks for what is missing, says hello. */
  #begin(): void {
    const { mechanism } = this.#options;
    if (this.#wantsAuth && mechanism !== undefined && !isSupported(mechanism)) {
      const spoken = SUPPORTED_MECHANISMS.join(', ');
      const help =
        'Record the connection of the application and open the capture: there this mechanism is recognised';
      this.#refuse(
        'MONGO_MECHANISM_UNSUPPORTED',
        `this test does not speak ${mechanism} but ${spoken}. ${help}`,
        spoken,
        mechanism,
      );
    } else {
      this.#sendHello();
    }
  }

  #sendHello(): void {
    const wanted = this.#options.mechanism ?? 'SCRAM-SHA-256';
    let speculation: Document | undefined;
    if (
      this.#wantsAuth &&
      this.#options.speculative !== false &&
      canSpeculate(wanted) &&
      isSupported(wanted)
    ) {
      this.#mechanism = createMechanism(wanted, this.#credentials());
      const step = this.#mechanism.start();
      if (step.type === 'send') speculation = step.command;
      this.#speculated = speculation !== undefined;
    }
    this.#send('admin', helloCommand(this.#options, speculation));
  }

  /** The password is read when it is needed, so that a server which is never asked for a login costs nobody a prompt. */
  #credentials(): Credentials {
    const password = () => this.#password ?? '';
    return {
      user: this.#options.user ?? '',
      get password() {
        return password();
      },
      source: sourceOf(this.#options),
      random: this.#options.random,
      minIterations: this.#options.minIterations ?? DRIVER_DEFAULTS.minIterations,
      maxIterations: this.#options.maxIterations ?? DRIVER_DEFAULTS.maxIterations,
    };
  }

  #handleMessage(message: WireMessage, bytes: Uint8Array): void {
    const pending = this.#pending;
    const { requestId, responseTo } = message.header;
    if (!pending || responseTo !== pending.requestId) {
      // After the handshake other requests are not this machine's business.
      if (!pending && (this.#phase === 'ready' || this.#phase === 'open')) return;
      const expected = pending ? `responseTo ${pending.requestId}` : 'no message';
      const text = `message ${requestId} answers request ${responseTo}, which was not asked (byte ${RESPONSE_TO_AT} of the message)`;
      this.#refuse('MONGO_RESPONSE_TO', text, expected, `responseTo ${responseTo}`);
      return;
    }
    const body = bodyOf(message);
    if ((message.kind !== 'reply' && message.kind !== 'msg') || !body) {
      this.#refuse(
        'MONGO_NOT_A_REPLY',
        `the answer to ${pending.name} is no reply`,
        'OP_REPLY or OP_MSG',
        message.kind,
      );
      return;
    }
    this.#pending = undefined;
    const failure = message.kind === 'reply' && (message.flags & ReplyFlag.QUERY_FAILURE) !== 0;
    this.#handleReply(pending, BsonView.of(bytes, body), failure);
  }

  #handleReply(pending: Pending, reply: BsonView, failure: boolean): void {
    const event = replyEvent(pending.kind, reply);
    if (failure || !reply.truthy('ok')) {
      this.#fail(serverError(pending.name, reply), pending.kind === 'command' ? 'refuse' : event);
      return;
    }
    this.#advance('server', event);
    switch (pending.kind) {
      case 'hello':
        this.#handleHello(reply);
        return;
      case 'command':
        this.#effects.push({ type: 'ready' });
        return;
      default:
        this.#authenticate((mechanism) => mechanism.handleReply(reply));
    }
  }

  /** Takes the next step of the mechanism, once the password is there that it may need. */
  #authenticate(step: (mechanism: MechanismClient) => AuthStep): void {
    const mechanism = this.#mechanism;
    if (!mechanism) return;
    const next = () => this.#take(step(mechanism));
    if (this.#password !== undefined || mechanism.mechanism === 'MONGODB-X509') {
      next();
      return;
    }
    this.#afterPassword = next;
    this.#effects.push({ type: 'askPassword' });
  }

  #handleHello(hello: BsonView): void {
    this.#members = membersOf(hello);
    this.#maxWireVersion = hello.number('maxWireVersion') ?? 0;
    this.#hidden = hello.truthy('hidden');
    this.#lacksPrimary = hello.truthy('secondary') && hello.string('primary') === undefined;
    this.#usable = takesLogins(hello);
    const problem = helloProblem(hello, this.#options);
    if (problem) {
      this.#fail(problem);
      return;
    }
    this.#useOpMsg = (hello.number('maxWireVersion') ?? 0) >= OP_MSG_WIRE_VERSION;
    // The client's order decides (compression specification, Negotiation).
    const common = hello.strings('compression') ?? [];
    this.#compressor = this.#options.compressors?.filter(isCompressor).find((name) => common.includes(name));
    if (!this.#wantsAuth || !this.#usable) {
      this.#mechanism = undefined;
      this.#firstCommand();
      return;
    }
    const { mechanism: asked } = this.#options;
    const wanted = asked !== undefined && isSupported(asked) ? asked : negotiateMechanism(hello);
    const speculative = hello.document('speculativeAuthenticate');
    if (this.#speculated && this.#mechanism?.mechanism === wanted && speculative) {
      this.#authenticate((mechanism) => mechanism.handleReply(speculative));
      return;
    }
    this.#mechanism = createMechanism(wanted, this.#credentials());
    // Only PLAIN says the password in its first message.
    if (wanted === 'PLAIN') this.#authenticate((mechanism) => mechanism.start());
    else this.#take(this.#mechanism.start());
  }

  #take(step: AuthStep): void {
    switch (step.type) {
      case 'send':
        this.#send(sourceOf(this.#options), step.command);
        return;
      case 'derive':
        this.#effects.push({ ...step, id: this.#derivation });
        return;
      case 'done':
        this.#firstCommand();
        return;
      case 'fail':
        this.#fail(step.error);
        return;
      default:
        step satisfies never;
    }
  }

  /**
   * Hello and ping are answered without a login: where none was given, a command that needs one shows whether the server demands it. Drivers
   * send neither; what they send next is the application's.
   */
  #firstCommand(): void {
    const asksForRights = !this.#wantsAuth && this.#usable;
    this.#send('admin', asksForRights ? { listDatabases: 1, nameOnly: true } : { ping: 1 });
  }

  #send(database: string, command: Document): void {
    const { kind, name } = requestKind(Object.keys(command)[0] ?? '');
    const requestId = this.#options.nextRequestId?.() ?? ++this.#requestId;
    this.#advance('client', kind);
    this.#pending = { requestId, kind, name };
    const bytes = this.#useOpMsg
      ? buildMsg(requestId, 0, { ...command, $db: database })
      : buildQuery(requestId, database, command);
    const compressor = NEVER_COMPRESSED.has(name) ? undefined : this.#compressor;
    this.#effects.push({ type: 'write', bytes: compressor ? pack(bytes, compressor) : bytes });
    const milliseconds = this.#options.connectTimeoutMs ?? DRIVER_DEFAULTS.connectTimeoutMs;
    if (milliseconds > 0) this.#effects.push({ type: 'timer', id: timerId(requestId), milliseconds });
  }

  #refuse(code: string, message: string, expected?: string, got?: string): void {
    this.#fail({ from: 'client', code, message, expected, got });
  }

  #fail(error: MachineError, event: Event = 'refuse'): void {
    const by: By =
      error.from === 'server' && event !== 'refuse' && event !== 'TLS failed' ? 'server' : 'local';
    this.#advance(by, event);
    if (!this.#over) this.#advance('local', 'refuse');
    this.#pending = undefined;
    this.#effects.push({ type: 'fail', error }, { type: 'close' });
  }

  #advance(by: By, event: Event): void {
    const next = advance(this.#phase, by, event);
    if (next) this.#moveTo(next);
  }

  #moveTo(phase: PhaseId): void {
    this.#phase = phase;
    if (this.#path.length < MAX_PATH) this.#path.push(this.state);
  }
}

function timerId(requestId: number): string {
  return `reply-${requestId}`;
}
