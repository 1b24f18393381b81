import type { DeriveEffect, TlsOutcome } from '../../base/machine';
import type { Document } from '../wire/bson';
import type { BsonView } from '../wire/bson-value';
import type { User } from './authorization-manager';
import type { LastError } from './last-error';
import type { LogComponent, MongosService } from './service';
import type { AuthenticationSession, AuthorizationSession } from './session';
import type { Result } from './status';
import type { UserName } from './user-document';

/** What a command may see and change of its connection (mongos `Client`). */
export interface Client {
  readonly connectionId: number;
  /** `host:port` of the peer. */
  readonly remote: string;
  /** `host:port` of this end. */
  readonly local: string;
  /** Null without TLS. */
  readonly tls: TlsOutcome | null;
  readonly authorization: AuthorizationSession;
  /** The authentication under way. */
  authentication: AuthenticationSession | null;
  readonly lastError: LastError;
  /** Only the first hello may tell who the client is. */
  saidHello: boolean;
}

/** One command being run (mongos `OperationContext`, with what its command needs). */
export interface Operation {
  readonly service: MongosService;
  readonly client: Client;
  /** The database it was sent to. */
  readonly database: string;
  readonly command: BsonView;
  /** `AuthorizationManager::acquireUser`; the answer may come later, or never if the client goes. */
  acquireUser(name: UserName, done: (result: Result<User>) => void): void;
  derive(
    request: Pick<DeriveEffect, 'hash' | 'password' | 'salt' | 'iterations' | 'length'>,
    done: (key: Uint8Array) => void,
  ): void;
  /** The client allows several replies to this request. */
  readonly exhaust: boolean;
  /** After its reply the command is run once more, with these fields in place of its own; the reply says that more is to come. */
  setNextInvocation(changes: Document): void;
  /**
   * Calls back after this time, or earlier when the returned function is called; not at all when the client goes.
   *
   * @param milliseconds up to 2^31 - 1
   */
  sleep(milliseconds: number, done: () => void): () => void;
  /** Called when the client goes, whatever became of the command. */
  onEnd(clean: () => void): void;
  /** Notes what a stage of the source did with this request, for the trace. Never a secret. */
  stage(name: string, did: string): void;
  log(component: LogComponent, message: string): void;
}

/** Ends a command, exactly once: fields of the reply without `ok`, or a status. */
export type Reply = (result: Result<Document>) => void;

/** A command of the registry (mongos `Command`). One file each, one line in `registry`. */
export interface Command {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** Whether it needs an authenticated client while authorization is enabled. */
  readonly requiresAuth: boolean;
  run(operation: Operation, reply: Reply): void;
}
