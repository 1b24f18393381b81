import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Recording } from '../../src/inspect/recording';
import { ConnectionRecorder } from '../../src/live/recorder';
import type { Protocol } from '../../src/trace/model';
import { Relay } from './relay';

/** Addresses for documentation (RFC 5737): a fixture names no machine. */
const CLIENT = '192.0.2.10';
const SERVER = '192.0.2.20';
const FIRST_CLIENT_PORT = 50_000;

/** Passes connections on to a server and records each, byte for byte and close for close. */
export class RecordingProxy {
  readonly #recorders: ConnectionRecorder[] = [];
  readonly #relay = new Relay();

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  /** @param shownPort port of the server in the recording. */
  static start(target: number, protocol: Protocol, shownPort: number): Promise<RecordingProxy> {
    let proxy: RecordingProxy | undefined;
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
      proxy?.pass(socket, target, protocol, shownPort),
    );
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', () => {
        proxy = new RecordingProxy(server, (server.address() as { port: number }).port);
        resolve(proxy);
      });
    });
  }

  /** The recordings so far, in order of connection, with the secrets of `keyLog` added to each. */
  recordings(keyLog = ''): Recording[] {
    return this.#recorders.map((recorder) => ({ ...recorder.recording(), keyLog }));
  }

  /** Waits until all connections have ended (at most a few seconds), then stops listening. */
  async stop(): Promise<void> {
    await this.#relay.finish(20);
    await new Promise((resolve) => this.server.close(resolve));
  }

  private pass(client: Socket, target: number, protocol: Protocol, shownPort: number): void {
    const recorder = new ConnectionRecorder(
      'live',
      protocol,
      { address: SERVER, port: shownPort },
      { address: CLIENT, port: FIRST_CLIENT_PORT + this.#recorders.length },
    );
    this.#recorders.push(recorder);
    recorder.connect();
    recorder.accept();
    const server = connect({ host: '127.0.0.1', port: target, allowHalfOpen: true, noDelay: true });
    this.#relay.join(client, server, recorder);
  }
}
