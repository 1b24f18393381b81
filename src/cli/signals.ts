/** What asks a program to end: Ctrl-C, `kill`, a terminal that closes. */
const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

type Ending = (typeof ENDING)[number];

/**
 * Calls back at the first signal that asks the program to end. The same signal again ends it at once.
 *
 * @param but a signal that means something else here.
 * @returns no longer does so.
 */
export function whenToldToEnd(end: (signal: Ending) => void, but?: Ending): () => void {
  const listeners = ENDING.filter((signal) => signal !== but).map((signal) => {
    const listener = () => {
      hungUp ||= signal === 'SIGHUP';
      end(signal);
    };
    process.once(signal, listener);
    return () => process.off(signal, listener);
  });
  return () => {
    for (const remove of listeners) remove();
  };
}

/** Whether the terminal has gone: nobody reads what is printed any more, and what is to be saved still is. */
export function terminalIsGone(): boolean {
  return hungUp;
}

let hungUp = false;
