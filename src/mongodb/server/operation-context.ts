import type { Field } from '../../trace/model';
import type { Document } from '../wire/bson';
import type { BsonView } from '../wire/bson-value';
import { opcodeName } from '../wire/opcodes';
import type { WireMessage } from '../wire/wire';
import type { User } from './authorization-manager';
import type { Client, Operation } from './operation';
import type { ReceiveLoop } from './receive-loop';
import type { Request } from './request';
import type { LogComponent, MongosService } from './service';
import type { Result } from './status';
import { type UserName, userKey } from './user-document';

/** What an operation has from its connection. */
export type Capabilities = Pick<Operation, 'acquireUser' | 'derive' | 'sleep' | 'log'>;

/** The first stages of a request, before it is known what will run it. */
export function noteArrival(operation: OperationContext, message: WireMessage, loop: ReceiveLoop): void {
  const { request } = operation;
  const received = `message ${loop.messages} of this connection: ${loop.statistics}`;
  operation.stage('PortMessageServer::handleIncomingMsg', received);
  const numbers = message.kind === 'query' ? `, numberToReturn ${message.numberToReturn}` : '';
  const what = `${opcodeName(message.header.opcode)} ${request.requestId} on ${request.database}.$cmd${numbers}`;
  operation.stage('Request::process', what);
}

/** One request on its way through the stages (mongos `OperationContext`). */
export class OperationContext implements Operation {
  /** The stages so far, in order: name, and what it did. */
  readonly stages: Field[] = [];
  /** Set when the command is to be run once more. */
  nextInvocation: Document | undefined;
  readonly derive: Operation['derive'];
  readonly sleep: Operation['sleep'];
  readonly #log: Capabilities['log'];
  readonly #acquireUser: Operation['acquireUser'];
  readonly #unknown = new Map<string, Result<User>>();
  #clean: (() => void) | undefined;

  constructor(
    readonly service: MongosService,
    readonly client: Client,
    readonly request: Request,
    { acquireUser, derive, sleep, log }: Capabilities,
    private readonly notes: boolean,
  ) {
    this.#acquireUser = acquireUser;
    this.derive = derive;
    this.sleep = sleep;
    this.#log = log;
  }

  get database(): string {
    return this.request.database;
  }

  get command(): BsonView {
    return this.request.command;
  }

  get exhaust(): boolean {
    return this.request.exhaust;
  }

  /** A user that was not found is not looked for again by the same request, as one that was found is held by it. */
  acquireUser(name: UserName, done: (result: Result<User>) => void): void {
    const unknown = this.#unknown.get(userKey(name));
    if (unknown) {
      done(unknown);
      return;
    }
    this.#acquireUser(name, (result) => {
      if (!result.ok) this.#unknown.set(userKey(name), result);
      done(result);
    });
  }

  setNextInvocation(changes: Document): void {
    this.nextInvocation = changes;
  }

  onEnd(clean: () => void): void {
    this.#clean = clean;
  }

  /** The client is gone. */
  end(): void {
    this.#clean?.();
  }

  stage(name: string, did: string): void {
    if (this.notes) this.stages.push({ name, value: did });
  }

  log(component: LogComponent, message: string): void {
    this.#log(component, message);
  }
}
