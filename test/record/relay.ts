import type { Socket } from 'node:net';
import type { Side } from '../../src/base/mark';
import type { ConnectionRecorder } from '../../src/live/recorder';

/** Passes bytes between pairs of sockets and records them, byte for byte and close for close. */
export class Relay {
  readonly #sockets = new Set<Socket>();
  #open = 0;

  /** Both sockets must allow half-open connections. */
  join(client: Socket, server: Socket, recorder: ConnectionRecorder): void {
    this.#open++;
    let halves = 2;
    const pipe = (from: Socket, to: Socket, side: Side) => {
      this.#sockets.add(from);
      from.on('data', (bytes: Buffer) => {
        recorder.bytes(side, bytes);
        to.write(bytes);
      });
      from.on('end', () => {
        recorder.close(side, 'fin');
        to.end();
      });
      from.on('error', () => {
        recorder.close(side, 'rst');
        to.destroy();
      });
      from.on('close', () => {
        this.#sockets.delete(from);
        if (!to.destroyed && !to.writableEnded) to.end();
        if (--halves === 0) this.#open--;
      });
    };
    pipe(client, server, 'client');
    pipe(server, client, 'server');
  }

  /** Waits until all connections have ended, at most a few seconds, and destroys what is left. */
  async finish(pollMs: number): Promise<void> {
    const deadline = Date.now() + 3_000;
    while (this.#open > 0 && Date.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    for (const socket of this.#sockets) socket.destroy();
  }
}
