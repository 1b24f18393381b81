import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { startMongoLab } from '../../src/lab/mongo-lab';
import { startPostgresLab } from '../../src/lab/postgres-lab';
import { run, TinyServer } from './support';

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** A server that says `answers` to what comes, one for each chunk, and then nothing more. */
async function scripted(...answers: readonly Buffer[]): Promise<TinyServer> {
  const server = await TinyServer.start((socket: Socket) => {
    const left = [...answers];
    socket.on('data', () => {
      const next = left.shift();
      if (next) socket.write(next);
    });
  });
  stops.push(() => server.stop());
  return server;
}

/** Cancels as soon as the client is in `state`. */
async function cancelIn(state: string, uri: string, options: Record<string, string> = {}) {
  const aborter = new AbortController();
  const result = await run(uri, options, {
    password: 'lab-password',
    signal: aborter.signal,
    timeoutMs: 20_000,
    onState: (reached) => {
      if (reached === state) setTimeout(() => aborter.abort(), 30);
    },
  });
  // Not the time-out, which would be another code.
  expect(result).toMatchObject({ outcome: 'incomplete', cancelled: true });
  expect(result.error?.code).toBe('CANCELLED');
  return result;
}

const AUTH_SASL = Buffer.from('R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0', 'latin1');

describe('cancel', () => {
  it('before anything began', async () => {
    const lab = await startPostgresLab();
    stops.push(() => lab.close());
    const result = await run(lab.uri, {}, { signal: AbortSignal.abort() });
    expect(result).toMatchObject({ outcome: 'incomplete', cancelled: true });
  });

  it('while waiting for the answer to SSLRequest', async () => {
    const server = await scripted();
    const uri = `postgresql://app_user@127.0.0.1:${server.port}/appdb?sslmode=prefer`;
    const result = await cancelIn('CONNECTION_SSL_STARTUP', uri);
    expect(result.verdict).toContain('waiting for the answer to SSLRequest');
    // A cancel ends the run: no second attempt.
    expect(server.connections).toBe(1);
    await expect.poll(() => server.open).toBe(0);
  });

  it('during the TLS handshake', async () => {
    const aborter = new AbortController();
    const server = await TinyServer.start((socket) => {
      socket.once('data', () => {
        // What comes next is the ClientHello, which is not answered.
        socket.once('data', () => aborter.abort());
        socket.write('S');
      });
    });
    stops.push(() => server.stop());
    const uri = `postgresql://app_user@127.0.0.1:${server.port}/appdb?sslmode=require`;
    const result = await run(uri, {}, { signal: aborter.signal, timeoutMs: 20_000 });
    expect(result.verdict).toContain('doing the TLS handshake');
    await expect.poll(() => server.open).toBe(0);
  });

  it('while the server thinks about the startup packet', async () => {
    const server = await scripted();
    const uri = `postgresql://app_user@127.0.0.1:${server.port}/appdb?sslmode=disable`;
    await cancelIn('CONNECTION_AWAITING_RESPONSE', uri);
    await expect.poll(() => server.open).toBe(0);
  });

  it('in the middle of SCRAM', async () => {
    const server = await scripted(AUTH_SASL);
    const uri = `postgresql://app_user@127.0.0.1:${server.port}/appdb?sslmode=disable`;
    const result = await cancelIn('CONNECTION_AWAITING_RESPONSE', uri);
    expect(result.traces[0].steps.map((step) => step.message)).toContain('AuthenticationSASL');
    await expect.poll(() => server.open).toBe(0);
  });

  it('while a password is asked for', async () => {
    const lab = await startPostgresLab();
    stops.push(() => lab.close());
    const aborter = new AbortController();
    let told = false;
    const result = await run(
      lab.uri,
      {},
      {
        signal: aborter.signal,
        askPassword: (_prompt, signal) => {
          signal.addEventListener('abort', () => {
            told = true;
          });
          setTimeout(() => aborter.abort(), 30);
          return new Promise(() => {});
        },
      },
    );
    expect(result.cancelled).toBe(true);
    expect(told).toBe(true);
    await expect.poll(() => lab.connections).toBe(0);
  });

  it.each([
    ['HANDSHAKE', ''],
    ['TLS_HANDSHAKE', '&tls=true'],
  ])('MongoDB: in %s', async (state, more) => {
    const server = await scripted();
    await cancelIn(state, `mongodb://app_user@127.0.0.1:${server.port}/?authSource=admin${more}`);
    await expect.poll(() => server.open).toBe(0);
  });

  it('of a lab: closing it ends its connections', async () => {
    for (const start of [startPostgresLab, startMongoLab]) {
      const lab = await start();
      const aborter = new AbortController();
      const waiting = run(lab.uri, {}, { signal: aborter.signal, askPassword: () => new Promise(() => {}) });
      await expect.poll(() => lab.connections).toBe(1);
      await lab.close();
      expect(lab.connections).toBe(0);
      expect((await waiting).outcome).toBe('failed');
      aborter.abort();
    }
  });
});
