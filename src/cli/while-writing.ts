import { abandonUnfinished } from '../files/write-whole';
import { whenToldToEnd } from './signals';

/**
 * Does something that writes files. A signal ends the program, and what is half written goes with it.
 *
 * @param ended called before it does.
 */
export async function whileWriting<T>(write: () => Promise<T>, ended = () => {}): Promise<T> {
  const stop = whenToldToEnd((signal) => {
    abandonUnfinished();
    ended();
    process.kill(process.pid, signal);
  });
  try {
    return await write();
  } finally {
    stop();
  }
}
