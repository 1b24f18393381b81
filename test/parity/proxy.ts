import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Recording } from '../../src/inspect/recording';
import { ConnectionRecorder } from '../../src/live/recorder';
import { Relay } from '../record/relay';

/** TCP port on 127.0.0.1, or path of a Unix socket. */
export type Address = number | string;

/** One connection that was seen, and the proxy it came through. */
export interface Seen {
  readonly label: string;
  readonly recording: Recording;
}

/** Order of connections over all proxies of the process. */
let counter = 0;

/** Stands before a server and records what passes, byte for byte and close for close. */
export class Recorder {
  readonly #seen: { readonly order: number; readonly recorder: ConnectionRecorder }[] = [];
  readonly #relay = new Relay();

  private constructor(
    private readonly server: Server,
    /** Name of the server in the events. */
    readonly label: string,
    readonly address: Address,
  ) {}

  /** @param listen path of the Unix socket to listen on; without it a free TCP port. */
  static start(label: string, target: Address, listen?: string): Promise<Recorder> {
    let proxy: Recorder | undefined;
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
      proxy?.pass(socket, target),
    );
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      const up = () => {
        const address = server.address();
        proxy = new Recorder(
          server,
          label,
          typeof address === 'object' && address ? address.port : (listen ?? ''),
        );
        resolve(proxy);
      };
      if (listen) server.listen(listen, up);
      else server.listen(0, '127.0.0.1', up);
    });
  }

  /** Connections so far with their place in the order of all. */
  get seen(): readonly { readonly order: number; readonly recorder: ConnectionRecorder }[] {
    return this.#seen;
  }

  /** Waits until all connections have ended (at most a few seconds), then stops listening. */
  async stop(): Promise<void> {
    await this.#relay.finish(4);
    await new Promise((resolve) => this.server.close(resolve));
  }

  private pass(client: Socket, target: Address): void {
    const order = counter++;
    const recorder = new ConnectionRecorder(
      'live',
      'postgres',
      { address: '192.0.2.20', port: 5432 },
      { address: '192.0.2.10', port: 40_000 + (order % 20_000) },
    );
    this.#seen.push({ order, recorder });
    recorder.connect();
    recorder.accept();
    const options = { allowHalfOpen: true, noDelay: true };
    const server =
      typeof target === 'number'
        ? connect({ host: '127.0.0.1', port: target, ...options })
        : connect({ path: target, ...options });
    this.#relay.join(client, server, recorder);
  }
}
