import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import nodePath from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { concat } from '../../src/base/bytes';
import { LAB_PASSWORD, POSTGRES_ACCOUNTS } from '../../src/lab/accounts';
import { LAB_LIMITS, type LabServer } from '../../src/lab/lab-server';
import { startPostgresLab } from '../../src/lab/postgres-lab';
import { frameTyped } from '../../src/postgres/messages/frame';
import { parseBackend } from '../../src/postgres/messages/message-backend';
import { buildFrontend } from '../../src/postgres/messages/message-build';
import { compareTraces } from '../../src/trace/compare';
import type { Trace } from '../../src/trace/model';
import { psql } from '../record/psql';
import { describeWith } from '../support/toolchain';
import { decodeAgain, path, run } from './support';

let lab: LabServer;
let folder: string;
let ca: string;
const log: string[] = [];
beforeAll(async () => {
  lab = await startPostgresLab({ onLog: (line) => log.push(line) });
  folder = mkdtempSync(nodePath.join(tmpdir(), 'handshake-lab-'));
  ca = nodePath.join(folder, 'ca.crt');
  writeFileSync(ca, lab.caCertificatePem);
});
afterAll(async () => {
  await lab?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The traces of the connections that are made while `work` runs. */
async function tracesOf(work: () => Promise<unknown>): Promise<Trace[]> {
  await expect.poll(() => lab.connections).toBe(0);
  const traces: Trace[] = [];
  const remove = lab.onTrace((trace) => traces.push(trace));
  try {
    await work();
    await expect.poll(() => lab.connections).toBe(0);
  } finally {
    remove();
  }
  return traces;
}

/** The key that a session is given at its start. */
function backendKeyData(socket: Socket): Promise<{ processId: number; secretKey: Uint8Array }> {
  return new Promise((resolve, reject) => {
    let input: Uint8Array = new Uint8Array(0);
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('closed without a key')));
    socket.on('data', (bytes) => {
      input = concat(input, bytes);
      for (let framing = frame(input); framing.kind === 'frame'; framing = frame(input)) {
        const { value } = parseBackend(input.subarray(0, framing.length));
        input = input.subarray(framing.length);
        if (value?.name === 'BackendKeyData') resolve(value);
      }
    });
  });
}

function frame(input: Uint8Array) {
  return frameTyped(input, { min: 4, max: 30_000 });
}

function conninfo(user: string, more: string): string {
  return `host=localhost hostaddr=127.0.0.1 port=${lab.port} dbname=appdb user=${user} ${more}`;
}

await describeWith('psql against the PostgreSQL lab', ['postgres18', 'psql'], ({ postgres18 }) => {
  describe.each([
    ['its own libpq', undefined],
    ['libpq 18', postgres18.lib],
  ])('with %s', (_name, libpq) => {
    it.each(POSTGRES_ACCOUNTS.map((account) => [account.user, account]))(
      '%s logs in',
      async (user, account) => {
        for (const more of ['sslmode=disable', `sslmode=verify-full sslrootcert=${ca}`]) {
          const traces = await tracesOf(async () => {
            const result = await psql(conninfo(user, more), { libpq, password: LAB_PASSWORD });
            expect(result).toMatchObject({ status: 0, stdout: '1\n' });
          });
          expect(traces).toHaveLength(1);
          expect(traces[0]).toMatchObject({ source: 'lab', outcome: 'ready', auth: { user, outcome: 'ok' } });
          expect(traces[0].auth.mechanism?.replace(/-plus$/, '')).toBe(account.mechanism);
          expect(traces[0].tls !== null).toBe(more !== 'sslmode=disable');
        }
      },
    );

    it('is refused twice under prefer with a wrong password', async () => {
      const traces = await tracesOf(async () => {
        const result = await psql(conninfo('app_user', 'sslmode=prefer'), { libpq, password: 'wrong' });
        expect(result.status).toBe(2);
        expect(result.stderr.match(/password authentication failed/g)).toHaveLength(2);
      });
      expect(traces.map((trace) => trace.error?.code)).toEqual(['28P01', '28P01']);
    });

    it('is told that it has no pg_hba.conf entry', async () => {
      const result = await psql(conninfo('stranger', 'sslmode=disable'), { libpq, password: 'x' });
      expect(result.stderr).toContain('no pg_hba.conf entry');
    });
  });

  it('speaks direct TLS, and protocol 3.2', async () => {
    const libpq = postgres18.lib;
    const direct = await tracesOf(() =>
      psql(conninfo('app_user', 'sslmode=require sslnegotiation=direct'), { libpq, password: LAB_PASSWORD }),
    );
    expect(direct[0]).toMatchObject({ outcome: 'ready', ssl: { requested: false, direct: true } });
    const newer = await psql(conninfo('app_user', 'sslmode=disable max_protocol_version=latest'), {
      libpq,
      password: LAB_PASSWORD,
    });
    expect(newer.status).toBe(0);
  });
});

describe('other clients against the PostgreSQL lab', () => {
  it('pg logs in, with and without TLS', async () => {
    for (const ssl of [false, { ca: lab.caCertificatePem }]) {
      const traces = await tracesOf(async () => {
        const client = new Client({
          host: 'localhost',
          port: lab.port,
          user: 'app_user',
          password: LAB_PASSWORD,
          database: 'appdb',
          ssl,
        });
        await client.connect();
        expect((await client.query('SELECT 1')).rows).toHaveLength(1);
        await client.end();
      });
      expect(traces).toHaveLength(1);
      expect(traces[0]).toMatchObject({ outcome: 'ready', auth: { outcome: 'ok' } });
    }
  });

  it('Connect Test reaches CONNECTION_OK, and both ends tell the same story', async () => {
    const asked: string[] = [];
    let live: Awaited<ReturnType<typeof run>> | undefined;
    const traces = await tracesOf(async () => {
      live = await run(
        lab.uri,
        { sslmode: 'verify-full', sslrootcert: lab.caCertificatePem },
        {
          askPassword: async (prompt) => {
            asked.push(prompt);
            return LAB_PASSWORD;
          },
        },
      );
    });
    expect(asked).toHaveLength(1);
    expect(live?.outcome).toBe('ready');
    if (!live) return;
    expect(path(live.traces[0]).at(-1)).toBe('CONNECTION_OK');
    // The same bytes, seen from the other end; only how they were cut into packets may differ.
    const differences = compareTraces(live.traces[0], traces[0]).filter((line) => !/frames/.test(line));
    expect(differences).toEqual([]);
    expect(
      compareTraces(live.traces[0], decodeAgain(live.recordings)[0], { times: true, frames: true }),
    ).toEqual([]);
  });

  it('steps arrive while they happen, each once', async () => {
    const seen: string[] = [];
    const result = await run(
      lab.uri,
      {},
      {
        password: LAB_PASSWORD,
        onStep: (attempt, step) => seen.push(`${attempt} ${step.index} ${step.message}`),
      },
    );
    expect(seen).toEqual(result.traces[0].steps.map((step) => `0 ${step.index} ${step.message}`));
  });

  it('notes cancel requests in its log, with whose key was wrong', async () => {
    const packet = Buffer.alloc(16);
    packet.writeUInt32BE(16, 0);
    packet.writeUInt32BE(80877102, 4);
    packet.writeUInt32BE(4242, 8);
    const traces = await tracesOf(
      () =>
        new Promise((resolve) => {
          const socket = connect(lab.port, '127.0.0.1', () => socket.end(packet));
          socket.once('close', resolve);
          socket.resume();
        }),
    );
    expect(traces[0].outcome).toBe('cancel');
    expect(log).toContain('LOG:  PID 4242 in cancel request did not match any process');
  });

  it.each([
    [0, 4],
    [2, 32],
  ])('knows the cancel keys of protocol 3.%i, which have %i bytes', async (minor, length) => {
    const trusting = await startPostgresLab({
      hba: [{ type: 'host', database: 'all', user: 'all', method: 'trust' }],
      onLog: (line) => log.push(line),
    });
    try {
      const session = connect(trusting.port, '127.0.0.1');
      const parameters = [
        ['user', 'app_user'],
        ['database', 'appdb'],
      ] as const;
      session.write(buildFrontend({ name: 'StartupMessage', version: { major: 3, minor }, parameters }));
      const keyData = await backendKeyData(session);
      expect(keyData.secretKey).toHaveLength(length);
      const { processId, secretKey } = keyData;
      const wrong = secretKey.map((byte) => byte ^ 1);
      for (const [key, words] of [
        [secretKey, `cancel request for process ${processId}`],
        [wrong, `wrong key in cancel request for process ${processId}`],
        // The beginning of a key is no key.
        [secretKey.subarray(0, length - 1), `wrong key in cancel request for process ${processId}`],
      ] as const) {
        log.length = 0;
        await new Promise((resolve) => {
          const request = buildFrontend({ name: 'CancelRequest', processId, secretKey: key });
          const socket = connect(trusting.port, '127.0.0.1', () => socket.write(request));
          socket.once('close', resolve);
          socket.resume();
        });
        expect(log).toEqual([`LOG:  ${words}`]);
      }
      session.destroy();
    } finally {
      await trusting.close();
    }
  });

  it('takes nothing that comes in the clear behind SSLRequest', async () => {
    const packet = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47, 0, 0, 0, 8]);
    const answer = await new Promise<string>((resolve) => {
      let text = '';
      const socket = connect(lab.port, '127.0.0.1', () => socket.write(packet));
      socket.on('data', (bytes) => {
        text += bytes.toString('latin1');
      });
      socket.once('close', () => resolve(text));
    });
    expect(answer).toBe('S');
  });

  it('refuses one client more than it takes in its own words, in log and trace, until another is gone', async () => {
    const lines: string[] = [];
    const small = await startPostgresLab({
      maxConnections: 2,
      ssl: false,
      onLog: (line) => lines.push(line),
    });
    const traces: Trace[] = [];
    small.onTrace((trace) => traces.push(trace));
    const held = [1, 2].map(() => connect(small.port, '127.0.0.1'));
    try {
      await expect.poll(() => small.connections).toBe(2);
      const refused = await run(small.uri, {}, { password: LAB_PASSWORD });
      expect(refused.error).toMatchObject({
        code: '53300',
        message: expect.stringContaining('sorry, too many clients already'),
      });
      expect(lines).toContainEqual(
        expect.stringMatching(/^\[\d+\] FATAL: {2}sorry, too many clients already$/),
      );
      await expect.poll(() => traces.map(({ error }) => error?.code)).toEqual(['53300']);
      // What is beyond even those that are told is dropped, and that is logged too.
      held.push(...[3, 4, 5].map(() => connect(small.port, '127.0.0.1')));
      for (const socket of held) socket.on('error', () => {});
      await expect.poll(() => lines).toContain('LOG:  connection dropped: 4 are open already');
      for (const socket of held) socket.destroy();
      await expect.poll(() => small.connections).toBe(0);
      expect((await run(small.uri, {}, { password: LAB_PASSWORD })).outcome).toBe('ready');
    } finally {
      for (const socket of held) socket.destroy();
      await small.close();
    }
  });

  it.each([
    ['says nothing', new Uint8Array(0)],
    ['sends the beginning of a startup packet', Uint8Array.of(0, 0, 0, 40, 0, 3)],
    ['asks for TLS and does not begin it', Uint8Array.of(0, 0, 0, 8, 4, 210, 22, 47)],
    ['begins TLS and no more', Uint8Array.of(22, 3, 1, 2, 0, 1)],
  ])('drops a client that %s, and says so in the log', async (_what, bytes) => {
    const lines: string[] = [];
    const small = await startPostgresLab({ silentTimeoutMs: 50, onLog: (line) => lines.push(line) });
    const socket = connect(small.port, '127.0.0.1', () => socket.write(bytes));
    try {
      await new Promise((resolve) =>
        socket
          .resume()
          .on('error', () => {})
          .on('close', resolve),
      );
      expect(lines).toEqual([
        expect.stringMatching(/^\[\d+\] LOG: {2}no startup packet within 50 ms: the connection is closed$/),
      ]);
    } finally {
      socket.destroy();
      await small.close();
    }
  });

  it('waits for a password longer than for a startup packet', async () => {
    const lines: string[] = [];
    const limits = { silentTimeoutMs: 50, handshakeTimeoutMs: 400 };
    const small = await startPostgresLab({ ...limits, ssl: false, onLog: (line) => lines.push(line) });
    const startup = buildFrontend({
      name: 'StartupMessage',
      version: { major: 3, minor: 0 },
      parameters: [
        ['user', POSTGRES_ACCOUNTS[0].user],
        ['database', 'appdb'],
      ],
    });
    const socket = connect(small.port, '127.0.0.1', () => socket.write(startup));
    try {
      await new Promise((resolve) =>
        socket
          .resume()
          .on('error', () => {})
          .on('close', resolve),
      );
      expect(lines.at(-1)).toMatch(/FATAL: {2}canceling authentication due to timeout$/);
    } finally {
      socket.destroy();
      await small.close();
    }
  });

  it('drops a client that says nothing, and the one connection too many', async () => {
    const small = await startPostgresLab({
      handshakeTimeoutMs: 300,
      maxConnections: LAB_LIMITS.connections / 2,
    });
    const sockets = Array.from({ length: LAB_LIMITS.connections + 1 }, () =>
      connect(small.port, '127.0.0.1'),
    );
    try {
      let closed = 0;
      for (const socket of sockets) {
        socket.on('error', () => {});
        socket.on('close', () => closed++);
        socket.resume();
      }
      await expect.poll(() => small.connections).toBe(LAB_LIMITS.connections);
      await expect.poll(() => closed, { timeout: 5_000 }).toBe(LAB_LIMITS.connections + 1);
      await expect.poll(() => small.connections).toBe(0);
    } finally {
      for (const socket of sockets) socket.destroy();
      await small.close();
    }
  });

  it('listens on loopback only, and says when a port is taken', async () => {
    await expect(startPostgresLab({ host: '0.0.0.0' })).rejects.toThrow(/loopback/);
    await expect(startPostgresLab({ port: lab.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
