import { connect, type Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LAB_DATABASE, LAB_PASSWORD, POSTGRES_ACCOUNTS } from '../../src/lab/accounts';
import { type PostgresLab, startPostgresLab } from '../../src/lab/postgres-lab';
import { buildFrontend } from '../../src/postgres/messages/message-build';
import type { Trace } from '../../src/trace/model';

// Without a listener for traces TLS has the socket to itself: it must end as well as it does under a recorder.
describe('the PostgreSQL lab when nobody listens for traces', () => {
  let lab: PostgresLab;
  const log: string[] = [];
  beforeAll(async () => {
    lab = await startPostgresLab({ onLog: (line) => log.push(line) });
  });
  afterAll(() => lab?.close());

  const options = {
    host: '127.0.0.1',
    user: POSTGRES_ACCOUNTS[0].user,
    password: LAB_PASSWORD,
    database: LAB_DATABASE.postgres,
    ssl: { rejectUnauthorized: false },
  };

  async function login(): Promise<void> {
    const client = new Client({ ...options, port: lab.port });
    await client.connect();
    expect((await client.query('select 1')).rows).toHaveLength(1);
    await client.end();
  }

  /** A socket on which the lab has answered S. */
  async function accepted(): Promise<Socket> {
    const socket = connect({ host: '127.0.0.1', port: lab.port });
    socket.on('error', () => {});
    socket.write(buildFrontend({ name: 'SSLRequest' }));
    const answer = await new Promise<Buffer>((resolve) => socket.once('data', resolve));
    expect(answer.toString()).toBe('S');
    return socket;
  }

  const isClosed = (socket: Socket) =>
    new Promise<void>((resolve) => {
      socket.resume();
      socket.once('close', () => resolve());
    });

  it('logs in, also several at once, and forgets them', async () => {
    await login();
    await Promise.all(Array.from({ length: 12 }, login));
    await expect.poll(() => lab.connections).toBe(0);
  });

  it.each([
    ['ends the connection', (socket: Socket) => socket.end()],
    ['resets the connection', (socket: Socket) => socket.resetAndDestroy()],
    ['sends no TLS', (socket: Socket) => socket.write('no TLS at all\r\n\r\n')],
    ['sends an alert', (socket: Socket) => socket.write(Buffer.from([21, 3, 1, 0, 2, 2, 40]))],
  ])('survives a client that %s instead of the handshake', async (_name, act) => {
    log.length = 0;
    const socket = await accepted();
    const closed = isClosed(socket);
    act(socket);
    await closed;
    await expect.poll(() => lab.connections).toBe(0);
    expect(log.join('\n')).toContain('could not accept SSL connection');
    await login();
  });

  it('survives a client that resets the connection inside TLS', async () => {
    const socket = await accepted();
    const tls = tlsConnect({ socket, rejectUnauthorized: false, ALPNProtocols: ['postgresql'] });
    tls.on('error', () => {});
    await new Promise<void>((resolve) => tls.once('secureConnect', resolve));
    socket.resetAndDestroy();
    await expect.poll(() => lab.connections).toBe(0);
    await login();
  });

  it('takes direct TLS', async () => {
    const socket = connect({ host: '127.0.0.1', port: lab.port });
    const tls = tlsConnect({ socket, rejectUnauthorized: false, ALPNProtocols: ['postgresql'] });
    await new Promise<void>((resolve, reject) => {
      tls.once('secureConnect', resolve);
      tls.once('error', reject);
    });
    const version = { major: 3, minor: 0 };
    const parameters: [string, string][] = [
      ['user', options.user],
      ['database', options.database],
    ];
    tls.write(buildFrontend({ name: 'StartupMessage', version, parameters }));
    const answer = await new Promise<Buffer>((resolve) => tls.once('data', resolve));
    expect(answer.toString('latin1')).toContain('SCRAM-SHA-256-PLUS');
    tls.destroy();
    await expect.poll(() => lab.connections).toBe(0);
  });

  it('tells of connections that begin after somebody listens', async () => {
    const traces: Trace[] = [];
    const remove = lab.onTrace((trace) => traces.push(trace));
    await login();
    await expect.poll(() => traces.length).toBe(1);
    remove();
    expect(traces[0].outcome).toBe('ready');
    await login();
    await expect.poll(() => lab.connections).toBe(0);
    expect(traces).toHaveLength(1);
  });
});
