/** What arrived before a reset is read first: the server's last words are the cause, and the reset only their end. */
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { run, TinyServer } from './support';

const encoder = new TextEncoder();

/** An ErrorResponse in which every field is one letter and a text. */
function errorResponse(fields: string): Uint8Array {
  const body = encoder.encode(fields);
  const message = new Uint8Array(5 + body.length);
  message[0] = 0x45;
  new DataView(message.buffer).setUint32(1, 4 + body.length);
  message.set(body, 5);
  return message;
}

const FULL = errorResponse('SFATAL\0VFATAL\0C53300\0Msorry, too many clients already\0\0');
const HANDSHAKE_FAILURE = Uint8Array.of(21, 3, 3, 0, 2, 2, 40);

/** Says these bytes once it was asked, and resets the connection in the same breath. */
function saysAndResets(bytes: Uint8Array) {
  return (socket: Socket) => {
    socket.once('data', () => socket.write(bytes, () => socket.resetAndDestroy()));
  };
}

describe('a server that says why and resets the connection', () => {
  it.each([
    ['PostgreSQL, an error', FULL, 'postgresql://u:p@HOST/d?sslmode=disable', 'PG_CONNECTION_LIMIT'],
    ['MongoDB, an alert', HANDSHAKE_FAILURE, 'mongodb://HOST/?tls=true', 'TLS_NO_COMMON_CIPHER'],
  ])('%s', { timeout: 30_000 }, async (_name, bytes, uri, code) => {
    const server = await TinyServer.start(saysAndResets(bytes));
    try {
      const found: (string | undefined)[] = [];
      for (let i = 0; i < 20; i++) {
        const { decisive } = await run(uri.replace('HOST', `127.0.0.1:${server.port}`));
        found.push(decisive?.diagnosis.code);
      }
      expect(found).toEqual(Array.from({ length: 20 }, () => code));
    } finally {
      await server.stop();
    }
  });
});
