import type { Field } from '../../trace/model';
import type { Document } from '../bson';
import type { BsonView } from '../bson-value';
import type { Client, Operation } from './operation';
import type { Request } from './request';
import type { LogComponent, MongosService } from './service';

/** What an operation has from its connection. */
export type Connection = Pick<Operation, 'acquireUser' | 'derive' | 'sleep' | 'log'>;

/** One request on its way through the stages (mongos `OperationContext`). */
export class OperationContext implements Operation {
  /** The stages so far, in order: name, and what it did. */
  readonly stages: Field[] = [];
  /** Set when the command is to be run once more. */
  nextInvocation: Document | undefined;
  readonly acquireUser: Operation['acquireUser'];
  readonly derive: Operation['derive'];
  readonly sleep: Operation['sleep'];
  readonly #connection: Connection;
  #clean: (() => void) | undefined;

  constructor(
    readonly service: MongosService,
    readonly client: Client,
    readonly request: Request,
    connection: Connection,
  ) {
    this.#connection = connection;
    ({ acquireUser: this.acquireUser, derive: this.derive, sleep: this.sleep } = connection);
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
    this.stages.push({ name, value: did });
  }

  log(component: LogComponent, message: string): void {
    this.#connection.log(component, message);
  }
}
