import type { AuthorizationManager } from './authorization-manager';
import type { Result } from './status';

/** `userCacheInvalidationIntervalSecs`. */
const INVALIDATION_INTERVAL = { default: 30, min: 1, max: 86_400 } as const;

/** The interval a server would take, in seconds; undefined for a value that it refuses to start with. */
export function invalidationInterval(seconds: number = INVALIDATION_INTERVAL.default): number | undefined {
  const { min, max } = INVALIDATION_INTERVAL;
  return Number.isInteger(seconds) && seconds >= min && seconds <= max ? seconds : undefined;
}

/**
 * mongos' `UserCacheInvalidator`: asks mongod in every interval for its cache generation, and forgets all users when it is not the one
 * of before. Whoever has a clock and a connection calls it.
 */
export class UserCacheInvalidator {
  #previous: string | undefined;

  constructor(
    private readonly users: AuthorizationManager,
    private readonly log: (message: string) => void,
  ) {}

  /** The answer to one question, or why there was none. */
  handleGeneration(result: Result<string>): void {
    if (!result.ok) {
      this.log(`An error occurred while fetching current user cache generation: ${result.status.message}`);
      // Nobody knows what was missed meanwhile.
      this.users.invalidateUserCache();
      this.#previous = undefined;
      return;
    }
    if (this.#previous !== undefined && this.#previous !== result.value) {
      this.log(
        `User cache generation changed from ${this.#previous} to ${result.value}; invalidating user cache`,
      );
      this.users.invalidateUserCache();
    }
    this.#previous = result.value;
  }
}
