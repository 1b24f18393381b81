import { setMaxListeners } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { Recording } from '../inspect/recording';
import { traceRecordings } from '../inspect/trace-recording';
import { ConnectionRecorder } from '../live/recorder';
import { Transport } from '../live/transport';
import type { Protocol } from '../trace/model';
import { LAB_LIMITS, type LabListener } from './lab-server';

/** Runs one connection to its end. Never rejects. */
export type ConnectionHandler = (transport: Transport, signal: AbortSignal) => Promise<void>;

/** Listens on loopback, records every connection, and makes a trace of each when it is over. */
export class LoopbackServer {
  readonly #listeners = new Set<LabListener>();
  readonly #open = new Set<Promise<void>>();
  readonly #aborter = new AbortController();
  #count = 0;
  #closed: Promise<void> | undefined;

  private constructor(
    private readonly protocol: Protocol,
    private readonly server: Server,
    readonly host: string,
    private readonly handler: ConnectionHandler,
  ) {
    // One listener for each connection is no leak.
    setMaxListeners(2 * LAB_LIMITS.connections, this.#aborter.signal);
    server.on('connection', (socket) => this.#accept(socket));
  }

  /** Rejects with the system's error (EADDRINUSE, EACCES), or a RangeError for an address that is not loopback. */
  static start(
    protocol: Protocol,
    options: { readonly host: string; readonly port: number },
    handler: ConnectionHandler,
  ): Promise<LoopbackServer> {
    if (!isLoopback(options.host)) {
      return Promise.reject(new RangeError(`a lab server listens on loopback only, not on ${options.host}`));
    }
    const server = createServer({ noDelay: true });
    server.maxConnections = LAB_LIMITS.connections;
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(options.port, options.host, () => {
        server.off('error', reject);
        resolve(new LoopbackServer(protocol, server, options.host, handler));
      });
    });
  }

  get port(): number {
    const address = this.server.address();
    return address !== null && typeof address === 'object' ? address.port : 0;
  }

  get connections(): number {
    return this.#open.size;
  }

  onTrace(listener: LabListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): Promise<void> {
    this.#closed ??= (async () => {
      const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
      this.#aborter.abort();
      await Promise.all([...this.#open]);
      await closed;
    })();
    return this.#closed;
  }

  #accept(socket: Socket): void {
    const recorder = new ConnectionRecorder(
      'lab',
      this.protocol,
      { address: socket.localAddress ?? this.host, port: socket.localPort ?? this.port },
      { address: socket.remoteAddress ?? this.host, port: socket.remotePort ?? 0 },
    );
    recorder.connect();
    recorder.accept();
    const transport = new Transport(socket, 'server', recorder);
    const connection = this.handler(transport, this.#aborter.signal)
      .catch(() => {})
      .then(() => (this.#aborter.signal.aborted ? undefined : transport.end()))
      .then(() => {
        transport.destroy();
        this.#tell(recorder.recording());
      })
      .finally(() => this.#open.delete(connection));
    this.#open.add(connection);
  }

  #tell(recording: Recording): void {
    if (this.#listeners.size === 0) return;
    const [{ trace }] = traceRecordings([recording]);
    trace.id = `t${++this.#count}`;
    for (const listener of this.#listeners) listener(trace, recording);
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
