import { connect, type Socket } from 'node:net';
import { cancellable } from './cancellable';
import { errorCode } from './errors';
import type { ConnectionRecorder } from './recorder';

export interface DialOptions {
  /** An IP literal, or the path of a Unix socket. */
  readonly address: string;
  readonly port: number;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/**
 * Opens a TCP connection (or a Unix socket) and records it: SYN, then SYN+ACK or RST, or one behind the other. Rejects with the system's error, or a
 * `WaitEnded`. No socket is left behind on rejection.
 */
export function dial(options: DialOptions, recorder: ConnectionRecorder): Promise<Socket> {
  const { address, port } = options;
  recorder.connect();
  return cancellable<Socket>(options, (resolve, reject) => {
    const socket = address.startsWith('/') ? connect({ path: address }) : connect({ host: address, port });
    const failed = (error: Error) => {
      const code = errorCode(error);
      if (code === 'ECONNREFUSED') recorder.refuse();
      if (code === 'ECONNRESET') {
        // A reset that answers a SYN is a refusal: the connection was accepted before this one came.
        recorder.accept();
        recorder.close('server', 'rst');
      }
      socket.destroy();
      reject(error);
    };
    socket.once('error', failed);
    socket.once('connect', () => {
      socket.off('error', failed);
      // Between here and the transport's own listener there is no turn of the event loop, but a promise's turn: keep one.
      socket.on('error', () => {});
      if (socket.localAddress !== undefined) {
        recorder.client = { address: socket.localAddress, port: socket.localPort ?? 0 };
      }
      recorder.accept();
      resolve(socket);
    });
    return () => {
      socket.on('error', () => {});
      socket.destroy();
    };
  });
}
