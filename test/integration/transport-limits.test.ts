/** A peer that does not read what is written to it is not read from either: what waits for it is bounded. */
import { connect, createServer, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { ConnectionRecorder } from '../../src/live/recorder';
import { Transport } from '../../src/live/transport';

const SENT = 64 << 20;

it('stops reading from a peer that takes no answers, and goes on when it does', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
  const client = connect(port, '127.0.0.1');
  try {
    const socket = await accepted;
    const end = { address: '127.0.0.1', port };
    const transport = new Transport(
      socket,
      'server',
      new ConnectionRecorder('lab', 'postgres', end, end, false),
    );
    let [handled, most] = [0, 0];
    transport.attach({
      handleData(bytes) {
        handled += bytes.length;
        transport.write(bytes);
        most = Math.max(most, socket.writableLength);
      },
      handleClosed() {},
    });
    client.pause();
    client.write(Buffer.alloc(SENT));
    await expect.poll(() => socket.isPaused(), { timeout: 20_000 }).toBe(true);
    expect(handled).toBeLessThan(SENT);
    // The limit, and what the last piece had.
    expect(most).toBeLessThan(2 << 20);
    expect(socket.listenerCount('drain')).toBeLessThan(5);
    client.resume();
    await expect.poll(() => handled, { timeout: 20_000 }).toBe(SENT);
  } finally {
    client.destroy();
    server.close();
  }
});
