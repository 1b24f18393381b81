import type { ScramServer } from '../../auth/scram-server';
import type { AuthorizationManager, User } from './authorization-manager';
import type { UserName } from './user-document';

/** A SASL conversation between two messages (mongos `SaslAuthenticationSession`). */
export interface SaslSession {
  readonly kind: 'sasl';
  readonly conversationId: number;
  readonly mechanism: 'SCRAM-SHA-1' | 'SCRAM-SHA-256';
  readonly db: string;
  readonly name: UserName;
  readonly scram: ScramServer;
  readonly skipEmptyExchange: boolean;
  /** Held from the first step on; absent for a user that does not exist. */
  readonly user: User | undefined;
  /** The proof was right; one empty exchange is left. */
  proven: boolean;
}

/** What a connection remembers of an authentication that is not over: one of these, or nothing (mongos `AuthenticationSession`). */
export type AuthenticationSession =
  | { readonly kind: 'nonce'; readonly nonce: string }
  /** A user was acquired and its credential is being made; the reference must not get lost if the client goes. */
  | { readonly kind: 'starting'; readonly user: User }
  | SaslSession;

/** The authenticated users of a connection, one per database (mongos `AuthorizationSession`). */
export class AuthorizationSession {
  readonly #users = new Map<string, User>();

  constructor(private readonly manager: AuthorizationManager) {}

  get isAuthenticated(): boolean {
    return this.#users.size > 0;
  }

  get users(): readonly User[] {
    return [...this.#users.values()];
  }

  /** `addAndAuthorizeUser`: takes over the caller's reference. A user of the same database is logged out first. */
  add(user: User): void {
    this.logoutDatabase(user.name.db);
    this.#users.set(user.name.db, user);
  }

  logoutDatabase(db: string): void {
    const user = this.#users.get(db);
    if (!user) return;
    this.#users.delete(db);
    this.manager.releaseUser(user);
  }

  logoutAll(): void {
    for (const db of [...this.#users.keys()]) this.logoutDatabase(db);
  }
}
