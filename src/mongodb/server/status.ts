/** What an operation of mongos ends with when it does not succeed (`src/mongo/base/status.h`). */
export interface Status {
  readonly code: number;
  /** What the client is told. */
  readonly message: string;
  /** What the log is told, where the client must not know. */
  readonly reason?: string;
  /** mongos sleeps this long before it answers, in milliseconds. */
  readonly delayMs?: number;
}

export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly status: Status };

export function success<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function failure<T>(
  code: number,
  message: string,
  more: Omit<Status, 'code' | 'message'> = {},
): Result<T> {
  return { ok: false, status: { code, message, ...more } };
}
