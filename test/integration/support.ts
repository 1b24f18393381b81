import { createServer, type Server, type Socket } from 'node:net';
import { CaptureReader } from '../../src/capture/reader';
import { recordingsToPcapng } from '../../src/inspect/export';
import { Inspector } from '../../src/inspect/inspector';
import type { Recording } from '../../src/inspect/recording';
import { type ConnectOptions, type ConnectResult, connectTest } from '../../src/live/connect';
import { targetFromUri } from '../../src/live/target';
import type { Document } from '../../src/mongodb/wire/bson';
import { BsonView } from '../../src/mongodb/wire/bson-value';
import { bodyOf } from '../../src/mongodb/wire/message-reader';
import { parseHeader, parseMessage } from '../../src/mongodb/wire/wire';
import { buildMsg } from '../../src/mongodb/wire/wire-build';
import type { Trace } from '../../src/trace/model';

/** Runs one Connect Test on a URI; `password` answers the prompt. */
export function run(
  uri: string,
  overrides: Record<string, string> = {},
  options: ConnectOptions & { password?: string } = {},
): Promise<ConnectResult> {
  const { password, ...rest } = options;
  return connectTest(targetFromUri(uri, overrides), {
    timeoutMs: 5_000,
    askPassword: () => Promise.resolve(password),
    ...rest,
  });
}

/** The client's states, each once in a row: the path through the graph. */
export function path(trace: Trace): string[] {
  const states: string[] = [];
  for (const { clientState } of trace.steps) if (states.at(-1) !== clientState) states.push(clientState);
  return states;
}

/** Writes the recordings as a capture and reads that capture back. */
export function decodeAgain(recordings: readonly Recording[]): Trace[] {
  const inspector = new Inspector();
  const reader = new CaptureReader(inspector);
  reader.push(recordingsToPcapng(recordings));
  reader.finish();
  return inspector.finish();
}

/** Names of all messages of a trace, without those of TLS. */
export function messages(trace: Trace): string[] {
  return trace.steps.filter((step) => step.layer !== 'tls').map((step) => step.message);
}

/** A command as a {@link mongoServer} gets it. */
export interface AskedCommand {
  /** Its first key, such as `isMaster` or `ping`. */
  readonly name: string;
  readonly opcode: number;
  readonly command: BsonView;
}

/** A MongoDB server that answers each command with one document, as the test says. Messages must come whole. */
export function mongoServer(answer: (asked: AskedCommand) => Document): Promise<TinyServer> {
  return TinyServer.start((socket) => {
    socket.on('data', (bytes) => {
      const header = parseHeader(bytes);
      if (header.kind !== 'header') throw new Error('no message');
      const { requestId, opcode } = header.header;
      const body = bodyOf(parseMessage(bytes, header.header).value);
      if (!body) throw new Error('no command');
      const command = BsonView.of(bytes, body);
      socket.write(buildMsg(1, requestId, answer({ name: command.firstName, opcode, command })));
    });
  });
}

/** A TCP server of a few lines, on 127.0.0.1 and a free port. */
export class TinyServer {
  readonly #sockets = new Set<Socket>();
  /** Connections so far. */
  connections = 0;

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static start(handle: (socket: Socket) => void): Promise<TinyServer> {
    const server = createServer();
    return new Promise((resolve) => {
      server.listen(0, '127.0.0.1', () => {
        const tiny = new TinyServer(server, (server.address() as { port: number }).port);
        server.on('connection', (socket) => {
          tiny.connections++;
          tiny.#sockets.add(socket);
          socket.on('error', () => {});
          socket.on('close', () => tiny.#sockets.delete(socket));
          handle(socket);
          // Without a reader the end of the stream would not be seen.
          socket.resume();
        });
        resolve(tiny);
      });
    });
  }

  /** Sockets that are still open on the server's side. */
  get open(): number {
    return this.#sockets.size;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
