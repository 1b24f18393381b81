import type { Protocol } from '../trace/model';
import { dial } from './dial';
import { ConnectionRecorder } from './recorder';
import type { Run } from './run';
import { Transport } from './transport';

/** How long a server may take to close a connection on which nothing is said, milliseconds: one that waits for hello waits longer. */
const WAIT_MS = 500;

/**
 * Opens a connection and says nothing. A server that closes such a connection, too, did not refuse what a client says: a tunnel or proxy
 * without a working target, a connection limit or a refused address does that. Its recording then joins the run, and it is the one that
 * tells; where the server waits nothing is kept of it.
 */
export async function closesUnasked(
  protocol: Protocol,
  address: string,
  port: number,
  run: Run,
): Promise<boolean> {
  if (address.startsWith('/')) return false;
  const recorder = new ConnectionRecorder('live', protocol, { address, port });
  const limits = { timeoutMs: Math.min(WAIT_MS, run.timeoutMs), signal: run.signal };
  let transport: Transport;
  try {
    transport = new Transport(await dial({ address, port, ...limits }, recorder), 'client', recorder);
  } catch {
    return false;
  }
  const closed = await new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(false), limits.timeoutMs);
    const end = (unasked: boolean) => {
      clearTimeout(timer);
      resolve(unasked);
    };
    transport.attach({ handleData: () => end(false), handleClosed: () => end(true) });
  });
  if (closed) await transport.end();
  transport.destroy();
  if (closed) run.addRecorder(recorder);
  return closed;
}
