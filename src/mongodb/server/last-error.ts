import type { Status } from './status';

/** What went wrong with a message that has no answer, for getLastError to tell (mongos `src/mongo/db/lasterror.cpp`). */
export class LastError {
  #status: Status | undefined;
  /** Requests since it was set, itself counted. */
  #age = 0;

  /** `startRequest`: at the begin of every message. */
  startRequest(): void {
    this.#age++;
  }

  /** `setLastError`. */
  set(status: Status): void {
    this.#status = status;
    this.#age = 1;
  }

  /** `disable`, for getLastError itself, which does not count: the error of the message before it. */
  take(): Status | undefined {
    this.#age--;
    return this.#age === 1 ? this.#status : undefined;
  }
}
