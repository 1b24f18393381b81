import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Effect, Machine, TlsOutcome } from '../../src/base/machine';
import { makeServerCertificate } from '../../src/lab/certificates';
import { dial } from '../../src/live/dial';
import { type RunEnd, runMachine } from '../../src/live/driver';
import { ConnectionRecorder } from '../../src/live/recorder';
import { startClientTls } from '../../src/live/tls-client';
import { Transport } from '../../src/live/transport';

/** A protocol of one line each way: the client says HELLO after TLS, the server OK. */
class ToyClient implements Machine {
  state = 'START';
  readonly effects: Effect[] = [];
  tls: TlsOutcome | undefined;
  key: Uint8Array | undefined;
  constructor(private readonly plan: 'tls' | 'plain' | 'derive' | 'ask') {}
  handleConnected(): void {
    if (this.plan === 'tls') this.go('TLS', { type: 'startTls' });
    else if (this.plan === 'ask') this.go('ASK', { type: 'askPassword' });
    else if (this.plan === 'derive') {
      const bytes = new TextEncoder().encode('x');
      this.go('DERIVE', {
        type: 'derive',
        id: 7,
        hash: 'sha256',
        password: bytes,
        salt: bytes,
        iterations: 1,
        length: 32,
      });
    } else this.hello();
  }
  handleBytes(bytes: Uint8Array): void {
    if (new TextDecoder().decode(bytes) === 'OK') this.go('READY', { type: 'ready' });
    else this.go('BAD', { type: 'fail', error: { from: 'client', code: 'TOY', message: 'not OK' } });
  }
  handleTls(outcome: TlsOutcome): void {
    this.tls = outcome;
    if (outcome.ok) this.hello();
    else if (outcome.error) this.go('BAD', { type: 'fail', error: outcome.error });
  }
  handleDerived(id: number, key: Uint8Array): void {
    expect(id).toBe(7);
    this.key = key;
    this.hello();
  }
  handlePassword(password: string): void {
    this.go(password, { type: 'ready' });
  }
  handleTimer(): void {}
  handleClosed(): void {}
  pollEffect(): Effect | undefined {
    return this.effects.shift();
  }
  private hello(): void {
    this.go('HELLO_SENT', { type: 'write', bytes: new TextEncoder().encode('HELLO') });
  }
  private go(state: string, effect: Effect): void {
    this.state = state;
    this.effects.push(effect);
  }
}

const servers: Server[] = [];
const sockets = new Set<Socket>();
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers.splice(0)) await new Promise((done) => server.close(done));
});

function listen(handle: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    handle(socket);
  });
  servers.push(server);
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
}

async function run(port: number, machine: ToyClient, more: Partial<Parameters<typeof runMachine>[1]> = {}) {
  const recorder = new ConnectionRecorder('live', 'postgres', { address: '127.0.0.1', port });
  const socket = await dial({ address: '127.0.0.1', port, timeoutMs: 2000 }, recorder);
  const transport = new Transport(socket, 'client', recorder);
  const place = { target: `localhost:${port}`, host: 'localhost', port, product: 'PostgreSQL' } as const;
  const end: RunEnd = await runMachine(machine, {
    transport,
    stepMs: 2000,
    stopAtReady: true,
    startTls: () =>
      startClientTls(
        transport,
        {
          serverName: 'localhost',
          verify: 'chain',
          matches: () => true,
          authorities: ca,
          reason: 'the test',
        },
        place,
      ),
    ...more,
  });
  await transport.end();
  return { end, recording: recorder.recording(), transport };
}

let ca = '';

/** A server on our own transport: answers OK to HELLO, inside TLS when asked. */
async function tlsServer(kind: 'valid' | 'expired' | 'self-signed' = 'valid') {
  const made = await makeServerCertificate({ kind });
  const recorders: ConnectionRecorder[] = [];
  const port = await listen((socket) => {
    const recorder = new ConnectionRecorder('lab', 'postgres', { address: '127.0.0.1', port: 1 });
    recorders.push(recorder);
    const transport = new Transport(socket, 'server', recorder);
    transport.attach({
      handleData: () => {
        transport.write(new TextEncoder().encode('OK'));
      },
      handleClosed: () => void transport.end(),
    });
    transport.startTlsServer({ cert: made.certificate, key: made.key }).then(
      () => transport.resume(),
      () => transport.destroy(),
    );
  });
  return { port, made, recorders };
}

function wire(recording: ReturnType<ConnectionRecorder['recording']>, from: 'client' | 'server'): Buffer {
  return Buffer.concat(
    recording.events.flatMap((event) => (event.kind === 'bytes' && event.from === from ? [event.bytes] : [])),
  );
}

describe('runMachine over a transport', () => {
  it('runs TLS, and both ends record the same ciphertext and secrets', async () => {
    const { port, made, recorders } = await tlsServer();
    ca = made.caCertificate;
    const machine = new ToyClient('tls');
    const { end, recording } = await run(port, machine);
    expect(end).toEqual({ kind: 'ready', state: 'READY' });
    expect(machine.tls).toMatchObject({ ok: true, version: 'TLSv1.3' });
    const kinds = recording.events.map((event) => event.kind);
    expect(kinds.slice(0, 3)).toEqual(['connect', 'accept', 'bytes']);
    expect(recording.client.port).toBeGreaterThan(0);
    expect(wire(recording, 'client')[0]).toBe(0x16);
    expect(wire(recording, 'client').includes('HELLO')).toBe(false);
    expect(recording.keyLog).toMatch(/^CLIENT_HANDSHAKE_TRAFFIC_SECRET /m);
    await expect
      .poll(() => recorders[0].recording().events.filter((event) => event.kind === 'close').length)
      .toBe(2);
    const other = recorders[0].recording();
    expect(wire(other, 'client').equals(wire(recording, 'client'))).toBe(true);
    expect(wire(other, 'server').subarray(0, wire(recording, 'server').length)).toEqual(
      wire(recording, 'server'),
    );
    expect(other.keyLog.split('\n').sort()).toEqual(recording.keyLog.split('\n').sort());
    const checked = recording.events.find((event) => event.kind === 'local');
    expect(checked).toMatchObject({
      event: { kind: 'certificate', summary: 'chain checked, as the test asks' },
    });
  });

  it.each([
    ['expired', 'CERT_HAS_EXPIRED'],
    ['self-signed', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  ] as const)('refuses a certificate that is %s and shows it', async (kind, code) => {
    const { port, made } = await tlsServer(kind);
    ca = kind === 'expired' ? made.caCertificate : (await makeServerCertificate()).caCertificate;
    const { end, recording } = await run(port, new ToyClient('tls'));
    expect(end).toMatchObject({ kind: 'failed', error: { code, from: 'client' } });
    const event = recording.events.find((entry) => entry.kind === 'local');
    expect(event).toMatchObject({ event: { kind: 'certificate', error: { code } } });
  });

  it('tells a server that does not speak TLS', async () => {
    const port = await listen((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const { end } = await run(port, new ToyClient('tls'));
    expect(end).toMatchObject({ kind: 'failed', error: { code: 'ERR_SSL_WRONG_VERSION_NUMBER' } });
  });

  it('tells a server that hangs up during the TLS handshake', async () => {
    const port = await listen((socket) => socket.once('data', () => socket.end()));
    const { end } = await run(port, new ToyClient('tls'));
    expect(end).toMatchObject({ kind: 'failed', error: { code: 'TLS_PEER_CLOSED' } });
  });

  it('gives a derived key back', async () => {
    const port = await listen((socket) => socket.once('data', () => socket.write('OK')));
    const machine = new ToyClient('derive');
    const { end } = await run(port, machine);
    expect(end.kind).toBe('ready');
    expect(machine.key).toHaveLength(32);
  });

  it('names the state in which a silent server was waited for', async () => {
    const port = await listen(() => {});
    const { end } = await run(port, new ToyClient('plain'), { stepMs: 50 });
    expect(end).toEqual({ kind: 'timeout', state: 'HELLO_SENT', waitedMs: 50, waitedFor: 'peer' });
  });

  it.each(['tls', 'plain', 'ask'] as const)('can be cancelled while waiting (%s)', async (plan) => {
    const port = await listen(() => {});
    const aborter = new AbortController();
    setTimeout(() => aborter.abort(), 30);
    const { end } = await run(port, new ToyClient(plan), {
      signal: aborter.signal,
      askPassword: () => new Promise<string>(() => {}),
    });
    expect(end.kind).toBe('cancelled');
  });

  it('fails without a password', async () => {
    const port = await listen(() => {});
    const { end } = await run(port, new ToyClient('ask'));
    expect(end).toMatchObject({ kind: 'failed', error: { code: 'NO_PASSWORD' } });
  });

  it('reports a close without a verdict, and records it', async () => {
    const port = await listen((socket) => socket.once('data', () => socket.end()));
    const { end, recording } = await run(port, new ToyClient('plain'));
    expect(end).toEqual({ kind: 'closed', state: 'HELLO_SENT' });
    expect(recording.events.filter((event) => event.kind === 'close')).toMatchObject([
      { from: 'server', how: 'fin' },
      { from: 'client', how: 'fin' },
    ]);
  });
});
