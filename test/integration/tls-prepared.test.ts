import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { connectTest } from '../../src/live/connect';
import { postgresTarget } from '../../src/live/target-postgres';

/** Long enough for a client to have made its ClientHello ready. */
const THINKING_MS = 150;

describe('TLS that is made ready while the server thinks', () => {
  let server: Server | undefined;
  afterEach(() => new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve())));

  /** A server that answers SSLRequest late; what came until then, and what came afterwards until the end. */
  async function answering(answer: string, sslmode: string): Promise<{ before: Buffer; after: Buffer }> {
    const before: Buffer[] = [];
    const after: Buffer[] = [];
    const listening = createServer((socket: Socket) => {
      let answered = false;
      socket.on('error', () => {});
      socket.on('data', (chunk) => (answered ? after : before).push(chunk));
      setTimeout(() => {
        answered = true;
        socket.write(answer);
        setTimeout(() => socket.destroy(), THINKING_MS);
      }, THINKING_MS);
    });
    server = listening;
    await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
    const { port } = listening.address() as { port: number };
    const target = postgresTarget(`host=127.0.0.1 port=${port} user=app_user sslmode=${sslmode}`, {});
    const result = await connectTest(target);
    expect(result.outcome).toBe('failed');
    return { before: Buffer.concat(before), after: Buffer.concat(after) };
  }

  it('sends nothing of it before the server has agreed', async () => {
    const { before, after } = await answering('S', 'require');
    expect(before.toString('hex')).toBe('0000000804d2162f');
    // A TLS record with a ClientHello.
    expect(after[0]).toBe(0x16);
    expect(after[5]).toBe(1);
  });

  it('goes on in the clear without it when the server has no TLS', async () => {
    const { before, after } = await answering('N', 'prefer');
    expect(before.toString('hex')).toBe('0000000804d2162f');
    expect(after.subarray(4, 8).toString('hex')).toBe('00030000');
    expect(after.toString('latin1')).toContain('user\0app_user\0');
  });

  it('sends nothing of it to a server that says more than S', async () => {
    const { after } = await answering('Surplus', 'require');
    expect(after).toHaveLength(0);
  });
});
