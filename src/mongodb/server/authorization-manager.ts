import { MongoCode } from '../errors';
import { failure, type Result, success } from './status';
import {
  INTERNAL_USER,
  isInternal,
  SchemaVersion,
  type UserDocument,
  type UserName,
  userKey,
} from './user-document';

/** What mongos asks mongod while it is in fetch phase. `requester` is the connection that began it. */
export type FetchEffect =
  | { readonly type: 'fetchVersion'; readonly id: number; readonly requester?: number }
  | ({ readonly type: 'fetchUser'; readonly id: number; readonly requester?: number } & UserName);

/** A user in the cache, or handed out (mongos `User`). */
export class User {
  valid = true;
  refCount = 0;

  constructor(readonly document: UserDocument) {}

  get name(): UserName {
    return this.document;
  }
}

type Acquired = (result: Result<User>) => void;

interface Waiter {
  readonly name: UserName;
  readonly requester: number | undefined;
  readonly done: Acquired;
}

/** A CacheGuard in fetch phase: whose fetch it is and what was true when it began. */
interface FetchPhase extends Waiter {
  readonly generation: number;
  version: number;
  attempts: number;
  /** Id of the fetch under way. */
  id: number;
}

/** `AuthorizationManager::schemaVersionInvalid`. */
const VERSION_UNKNOWN = 0;

/** Times a user is fetched before AuthSchemaIncompatible is final (`maxAcquireRetries`). */
const MAX_ATTEMPTS = 2;

/**
 * The user cache of mongos 3.x (`src/mongo/db/auth/authorization_manager.cpp`). Threads that wait on a condition variable there are
 * callbacks here, woken in the order they came: a schedule can be stepped. `pollEffect` gives the fetches, `handleVersion`
 * and `handleUser` answer them.
 */
export class AuthorizationManager {
  readonly #cache = new Map<string, User>();
  readonly #waiters: Waiter[] = [];
  readonly #effects: FetchEffect[] = [];
  #generation = 0;
  #version = VERSION_UNKNOWN;
  #phase: FetchPhase | undefined;
  #nextId = 1;
  #waking = false;
  readonly #internal: User;

  /** @param internal the internal user with its credentials; without them nobody can log in as it. */
  constructor(internal: UserDocument = { ...INTERNAL_USER, credentials: {}, roles: [] }) {
    this.#internal = new User(internal);
  }

  /** Changes with every invalidation. */
  get generation(): number {
    return this.#generation;
  }

  /** As mongod last said; 0 when it has not been asked, or may have changed. */
  get schemaVersion(): number {
    return this.#version;
  }

  get cachedUsers(): number {
    return this.#cache.size;
  }

  /** Requests that wait for another one's fetch. */
  get waiting(): number {
    return this.#waiters.length;
  }

  get fetching(): boolean {
    return this.#phase !== undefined;
  }

  isCached(name: UserName): boolean {
    return this.#cache.has(userKey(name));
  }

  /**
   * `acquireUser`: from the cache, or fetched; every success must be given back with {@link releaseUser}.
   *
   * @param requester connection on whose behalf; only told on in the effects.
   */
  acquireUser(name: UserName, done: Acquired, requester?: number): void {
    if (isInternal(name)) {
      // Never fetched, never counted, never invalid.
      done(success(this.#internal));
      return;
    }
    const cached = this.#cache.get(userKey(name));
    if (cached) {
      cached.refCount++;
      done(success(cached));
    } else if (this.#phase) {
      this.#waiters.push({ name, done, requester });
    } else {
      this.#beginFetchPhase({ name, done, requester });
    }
  }

  /** `releaseUser`: the last reference takes the user out of the cache, as in the source up to 3.x; there is no list of unused ones. */
  releaseUser(user: User): void {
    // The internal user's is always 0.
    if (user.refCount === 0) return;
    user.refCount--;
    if (user.refCount === 0 && user.valid) this.#cache.delete(userKey(user.name));
  }

  /** `invalidateUserByName`. A fetch under way will not be cached, whoever it is for. */
  invalidateUserByName(name: UserName): void {
    this.#generation++;
    const user = this.#cache.get(userKey(name));
    if (!user) return;
    user.valid = false;
    this.#cache.delete(userKey(name));
  }

  /** `invalidateUserCache`: everything, and the schema version is read again. */
  invalidateUserCache(): void {
    this.#generation++;
    for (const user of this.#cache.values()) user.valid = false;
    this.#cache.clear();
    this.#version = VERSION_UNKNOWN;
  }

  pollEffect(): FetchEffect | undefined {
    return this.#effects.shift();
  }

  handleVersion(id: number, result: Result<number>): void {
    const phase = this.#phase;
    if (phase?.id !== id) return;
    if (!result.ok) {
      this.#endFetchPhase(phase, result);
      return;
    }
    phase.version = result.value;
    this.#fetch(phase);
  }

  handleUser(id: number, result: Result<UserDocument>): void {
    const phase = this.#phase;
    if (phase?.id !== id) return;
    if (!result.ok && result.status.code === MongoCode.AUTH_SCHEMA_INCOMPATIBLE) {
      this.#retry(phase, result);
    } else {
      this.#endFetchPhase(phase, result);
    }
  }

  #beginFetchPhase(waiter: Waiter): void {
    this.#phase = { ...waiter, generation: this.#generation, version: this.#version, attempts: 0, id: 0 };
    this.#fetch(this.#phase);
  }

  /** One turn of `acquireUser`'s loop: the version first, then what the version allows. */
  #fetch(phase: FetchPhase): void {
    const id = this.#nextId++;
    const { requester } = phase;
    phase.id = id;
    if (phase.version === VERSION_UNKNOWN) {
      this.#effects.push({ type: 'fetchVersion', id, requester });
      return;
    }
    phase.attempts++;
    switch (phase.version) {
      case SchemaVersion.V28_SCRAM:
      case SchemaVersion.V26_FINAL:
      case SchemaVersion.V26_UPGRADE:
        this.#effects.push({ type: 'fetchUser', id, requester, user: phase.name.user, db: phase.name.db });
        return;
      case SchemaVersion.V24:
        this.#retry(
          phase,
          failure(
            MongoCode.AUTH_SCHEMA_INCOMPATIBLE,
            `Authorization data schema version ${SchemaVersion.V24} not supported after MongoDB version 2.6.`,
          ),
        );
        return;
      default:
        this.#endFetchPhase(
          phase,
          failure(
            MongoCode.BAD_VALUE,
            `Illegal value for authorization data schema version, ${phase.version}`,
          ),
        );
    }
  }

  #retry(phase: FetchPhase, result: Result<UserDocument>): void {
    if (phase.attempts >= MAX_ATTEMPTS) {
      this.#endFetchPhase(phase, result);
      return;
    }
    phase.version = VERSION_UNKNOWN;
    this.#fetch(phase);
  }

  #endFetchPhase(phase: FetchPhase, result: Result<UserDocument>): void {
    this.#phase = undefined;
    if (!result.ok) {
      // The source forgets it here, and so reads it again for every unknown user while no user was found: the time would tell.
      if (result.status.code === MongoCode.USER_NOT_FOUND) this.#keepVersion(phase);
      phase.done(result);
    } else {
      phase.done(success(this.#accept(phase, result.value)));
    }
    this.#wakeWaiters();
  }

  /** Caches the user if nothing was invalidated meanwhile; else it is handed out already invalid. */
  #accept(phase: FetchPhase, document: UserDocument): User {
    const user = new User(document);
    user.refCount = 1;
    if (phase.generation === this.#generation) {
      this.#cache.set(userKey(phase.name), user);
      this.#keepVersion(phase);
    } else {
      user.valid = false;
    }
    return user;
  }

  /** The next fetch need not read the schema version, unless it may have changed meanwhile. */
  #keepVersion(phase: FetchPhase): void {
    if (this.#version === VERSION_UNKNOWN && phase.generation === this.#generation)
      this.#version = phase.version;
  }

  /** Every waiter looks again, as after `notify_all`; the first that still misses begins the next fetch. */
  #wakeWaiters(): void {
    // A callback may acquire again; only the outermost call walks the queue.
    if (this.#waking) return;
    this.#waking = true;
    while (!this.#phase && this.#waiters.length > 0) {
      const woken = this.#waiters.splice(0);
      for (const { name, done, requester } of woken) this.acquireUser(name, done, requester);
    }
    this.#waking = false;
  }
}
