import { setMaxListeners } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import path from 'node:path';
import type { Recording } from '../inspect/recording';
import { traceRecordings } from '../inspect/trace-recording';
import { ConnectionRecorder } from '../live/recorder';
import { Transport } from '../live/transport';
import type { Endpoint, Protocol } from '../trace/model';
import { LAB_LIMITS, type LabListener } from './lab-server';

/** Runs one connection to its end. Never rejects. `id` is what its trace will be called. */
export type ConnectionHandler = (transport: Transport, signal: AbortSignal, id: string) => Promise<void>;

/** What a lab of several servers has in common. */
export interface LoopbackOptions {
  readonly host: string;
  readonly port: number;
  /** Connections that are taken at once, by default {@link LAB_LIMITS}; what comes beyond is dropped, and there is no trace of it. */
  readonly connections?: number;
  /** Called for every connection that is dropped, with the number of those that are open. */
  readonly onDrop?: (open: number) => void;
  /** Numbers the connections, by default those of this server alone from 1. */
  readonly nextId?: () => number;
  /** The trace for whose sake a client made its connection, if that is known. */
  readonly causeOf?: (client: Endpoint) => string | undefined;
}

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
    private readonly options: LoopbackOptions,
    private readonly handler: ConnectionHandler,
  ) {
    // One listener for each connection is no leak.
    setMaxListeners(2 * (options.connections ?? LAB_LIMITS.connections), this.#aborter.signal);
    server.on('drop', () => options.onDrop?.(this.#open.size));
    server.on('connection', (socket) => this.#accept(socket));
  }

  /**
   * Rejects with the system's error (EADDRINUSE, EACCES), or a RangeError for an address that is not loopback.
   *
   * @param options.host a loopback address, or the folder of a Unix socket, which is named as PostgreSQL names it
   */
  static start(
    protocol: Protocol,
    options: LoopbackOptions,
    handler: ConnectionHandler,
  ): Promise<LoopbackServer> {
    const socketPath = options.host.startsWith('/')
      ? path.join(options.host, `.s.PGSQL.${options.port}`)
      : null;
    if (socketPath === null && !isLoopback(options.host)) {
      return Promise.reject(new RangeError(`a lab server listens on loopback only, not on ${options.host}`));
    }
    const server = createServer({ noDelay: true });
    server.maxConnections = options.connections ?? LAB_LIMITS.connections;
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      const listening = () => {
        server.off('error', reject);
        resolve(new LoopbackServer(protocol, server, options, handler));
      };
      if (socketPath === null) server.listen(options.port, options.host, listening);
      else server.listen(socketPath, listening);
    });
  }

  get host(): string {
    return this.options.host;
  }

  get port(): number {
    const address = this.server.address();
    return address !== null && typeof address === 'object' ? address.port : this.options.port;
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
    // For the traces' listeners alone: a connection that began without one is not told of.
    const recorder = new ConnectionRecorder(
      'lab',
      this.protocol,
      { address: socket.localAddress ?? this.host, port: socket.localPort ?? this.port },
      { address: socket.remoteAddress ?? this.host, port: socket.remotePort ?? 0 },
      this.#listeners.size > 0,
    );
    recorder.connect();
    recorder.accept();
    const transport = new Transport(socket, 'server', recorder);
    const id = `t${this.options.nextId?.() ?? ++this.#count}`;
    const connection = this.handler(transport, this.#aborter.signal, id)
      .catch(() => {})
      .then(() => (this.#aborter.signal.aborted ? undefined : transport.end()))
      .then(() => {
        transport.destroy();
        if (recorder.keeps) this.#tell(recorder.recording(), id);
      })
      .finally(() => this.#open.delete(connection));
    this.#open.add(connection);
  }

  #tell(recording: Recording, id: string): void {
    if (this.#listeners.size === 0) return;
    const [{ trace }] = traceRecordings([recording]);
    trace.id = id;
    const cause = this.options.causeOf?.(recording.client);
    if (cause !== undefined) trace.causedBy = cause;
    for (const listener of this.#listeners) listener(trace, recording);
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
