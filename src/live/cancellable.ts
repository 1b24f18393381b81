/** The wait was longer than allowed (`TIMEOUT`), or the user gave up (`CANCELLED`). */
export class WaitEnded extends Error {
  constructor(readonly code: 'TIMEOUT' | 'CANCELLED') {
    super(code === 'TIMEOUT' ? 'the wait ran out' : 'cancelled');
  }
}

/**
 * A promise with a time-out and an AbortSignal. What `start` returns, if anything, is called when the wait ends early, to stop the
 * work; a result that comes later is dropped.
 */
export function cancellable<T>(
  limits: { readonly timeoutMs: number; readonly signal?: AbortSignal },
  start: (resolve: (value: T) => void, reject: (error: unknown) => void) => (() => void) | undefined,
): Promise<T> {
  const { timeoutMs, signal } = limits;
  return new Promise<T>((resolve, reject) => {
    if (signal?.aborted) {
      reject(new WaitEnded('CANCELLED'));
      return;
    }
    let stop: (() => void) | undefined;
    const end = (settle: () => void) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
      settle();
    };
    const early = (code: 'TIMEOUT' | 'CANCELLED') =>
      end(() => {
        reject(new WaitEnded(code));
        if (stop) stop();
      });
    const cancel = () => early('CANCELLED');
    const timer = setTimeout(() => early('TIMEOUT'), timeoutMs);
    signal?.addEventListener('abort', cancel);
    stop = start(
      (value) => end(() => resolve(value)),
      (error) => end(() => reject(error)),
    );
  });
}
