import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below where systems take the ports of outgoing connections from (Linux 32768, others 49152): between the look and the server's start nothing
 * but another test's choice can take one of these.
 */
const FIRST = 15_000;
const BEHIND = 32_000;
const TRIES = 100;

/** Those that this process was given: what does not listen yet is not free. */
const given = new Set<number>();

/** A port on 127.0.0.1 that nothing listens on, for a server that cannot take one of the system's choice. */
export async function freePort(): Promise<number> {
  for (let i = 0; i < TRIES; i++) {
    const port = randomInt(FIRST, BEHIND);
    if (given.has(port) || !(await mayListen(port))) continue;
    given.add(port);
    return port;
  }
  throw new Error(`none of ${TRIES} ports from ${FIRST} to ${BEHIND} was free`);
}

function mayListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
