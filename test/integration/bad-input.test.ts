import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { LabServer } from '../../src/lab/lab-server';
import { startMongoLab } from '../../src/lab/mongo-lab';
import { startPostgresLab } from '../../src/lab/postgres-lab';
import { TargetError, targetFromUri } from '../../src/live/target';
import { compareTraces } from '../../src/trace/compare';
import { freePort } from '../support/free-port';
import { decodeAgain, run, TinyServer } from './support';

/** One of each protocol, so that every sentence is seen for both. */
const URIS = [
  ['PostgreSQL', (where: string) => `postgresql://app_user@${where}/appdb?sslmode=prefer`],
  ['MongoDB', (where: string) => `mongodb://app_user@${where}/?authSource=admin`],
] as const;

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function tiny(...parameters: Parameters<typeof TinyServer.start>): Promise<TinyServer> {
  const server = await TinyServer.start(...parameters);
  stops.push(() => server.stop());
  return server;
}

describe.each(URIS)('what can be wrong with a host: %s', (product, uri) => {
  it('a port that nobody listens on', async () => {
    const port = await freePort();
    const result = await run(uri(`127.0.0.1:${port}`), {}, { password: 'x' });
    expect(result.outcome).toBe('failed');
    expect(result.error?.code).toBe('ECONNREFUSED');
    expect(result.verdict).toMatch(/listen(s|ing) on/);
    expect(result.verdict).toMatch(/check|start/i);
  });

  it('a name that does not resolve', async () => {
    const result = await run(uri('no-such-host.invalid:5000'), {}, { password: 'x' });
    expect(result.outcome).toBe('failed');
    expect(['ENOTFOUND', 'EAI_AGAIN']).toContain(result.error?.code);
    expect(result.verdict).toContain('"no-such-host.invalid"');
    expect(result.verdict).toMatch(/Check the/);
    expect(result.traces[0].steps.map((step) => step.message)).toContain('Resolve name');
  });

  it('an HTTP server on the port', async () => {
    const server = createServer((_request, response) => response.end('hello'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    stops.push(() => new Promise((resolve) => server.close(resolve)));
    const { port } = server.address() as { port: number };
    const result = await run(uri(`127.0.0.1:${port}`), {}, { password: 'x' });
    expect(result.outcome).toBe('failed');
    expect(result.verdict).toMatch(new RegExp(`HTTP server, not ${product}|not ${product}: an HTTP server`));
    expect(result.verdict).toMatch(/check/i);
  });

  it('a server that accepts and says nothing', async () => {
    const server = await tiny(() => {});
    const result = await run(uri(`127.0.0.1:${server.port}`), {}, { password: 'x', timeoutMs: 200 });
    expect(result.outcome).toBe('failed');
    expect(result.error?.code).toBe('TIMEOUT');
    const step = product === 'PostgreSQL' ? 'SSLRequest' : '(hello|isMaster)';
    expect(result.verdict).toMatch(new RegExp(`(answer|to) ${step}`));
    expect(result.verdict).toMatch(/0\.2 s/);
    await expect.poll(() => server.open).toBe(0);
  });

  it('a server that hangs up at once', async () => {
    const server = await tiny((socket) => socket.end());
    const result = await run(uri(`127.0.0.1:${server.port}`), {}, { password: 'x' });
    expect(result.outcome).toBe('failed');
    expect(result.verdict).toMatch(/closed (the connection|it)/);
  });

  it('a server that sends a stream of noise', async () => {
    const noise = Buffer.alloc(64 * 1024, 0xff);
    const server = await tiny((socket) => {
      const timer = setInterval(() => socket.write(noise), 5);
      socket.on('close', () => clearInterval(timer));
    });
    const result = await run(uri(`127.0.0.1:${server.port}`), {}, { password: 'x', timeoutMs: 500 });
    expect(result.outcome).toBe('failed');
    await expect.poll(() => server.open).toBe(0);
  });
});

describe('TLS that the server ends', () => {
  const hangUp = (socket: Socket, first: string) => {
    socket.once('data', () => {
      if (first === '') socket.end();
      else socket.write(first);
      socket.once('data', () => socket.end());
    });
  };

  it('PostgreSQL: hangs up after S', async () => {
    const server = await tiny((socket) => hangUp(socket, 'S'));
    const uri = `postgresql://app_user@127.0.0.1:${server.port}/appdb?sslmode=require`;
    const result = await run(uri, {}, { password: 'x' });
    expect(result.error?.from).toBe('server');
    expect(result.verdict).toMatch(/closed the connection after the ClientHello/);
    const [decoded] = decodeAgain(result.recordings);
    expect(compareTraces(result.traces[0], decoded, { frames: true })).toEqual([]);
  });

  it('MongoDB: hangs up on ClientHello', async () => {
    const server = await tiny((socket) => hangUp(socket, ''));
    const uri = `mongodb://app_user@127.0.0.1:${server.port}/?tls=true`;
    const result = await run(uri, {}, { password: 'x' });
    expect(result.error?.from).toBe('server');
    expect(result.verdict).toMatch(/TLS/);
  });

  it('MongoDB: does not speak TLS at all', async () => {
    const lab = await startMongoLab();
    stops.push(() => lab.close());
    const result = await run(lab.uri, { tls: 'true' }, { password: 'x' });
    expect(result.outcome).toBe('failed');
    expect(result.verdict).toMatch(/TLS/);
  });

  it('MongoDB: speaks nothing but TLS', async () => {
    const lab = await startMongoLab({ tls: true });
    stops.push(() => lab.close());
    const result = await run(lab.uri, { tls: 'false' }, { password: 'x' });
    expect(result.outcome).toBe('failed');
    expect(result.verdict).toMatch(/tls|TLS|closed the connection/);
  });
});

describe('certificates that are wrong', () => {
  const kinds = [
    [
      'for another name',
      { names: ['other.example.test'] },
      /for another name|certificate is for other\.example\.test/,
    ],
    ['expired', { kind: 'expired' }, /has expired|expired on/],
    ['not valid yet', { kind: 'not-yet-valid' }, /not valid (yet|before)/],
  ] as const;

  it.each(kinds)('PostgreSQL: %s', async (_name, certificate, words) => {
    const lab = await startPostgresLab({ certificate });
    stops.push(() => lab.close());
    const result = await run(lab.uri, verifying(lab, 'sslrootcert', { sslmode: 'verify-full' }), {
      password: 'lab-password',
    });
    expect(result.outcome).toBe('failed');
    expect(result.verdict).toMatch(words);
    expect(result.traces).toHaveLength(1);
  });

  it.each(kinds)('MongoDB: %s', async (_name, certificate, words) => {
    const lab = await startMongoLab({ certificate, tls: true });
    stops.push(() => lab.close());
    const result = await run(lab.uri, verifying(lab, 'tlsCAFile'), { password: 'lab-password' });
    expect(result.outcome).toBe('failed');
    expect(result.verdict).toMatch(words);
    const tolerant = { tlsAllowInvalidCertificates: 'true' };
    const accepted = await run(lab.uri, tolerant, { password: 'lab-password' });
    expect(accepted.outcome).toBe('ready');
  });

  it('self-signed, and nobody’s', async () => {
    const lab = await startPostgresLab({ certificate: { kind: 'self-signed' } });
    const other = await startPostgresLab();
    stops.push(
      () => lab.close(),
      () => other.close(),
    );
    const options = verifying(other, 'sslrootcert', { sslmode: 'verify-ca' });
    const result = await run(lab.uri, options, { password: 'lab-password' });
    expect(result.error?.code).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');
    expect(result.verdict).toMatch(/self-signed/);
    const trusted = verifying(lab, 'sslrootcert', { sslmode: 'verify-full' });
    expect((await run(lab.uri, trusted, { password: 'lab-password' })).outcome).toBe('ready');
  });

  it('an authority that the operating system does not know', async () => {
    const lab = await startPostgresLab();
    stops.push(() => lab.close());
    const result = await run(lab.uri, { sslmode: 'verify-full', sslrootcert: 'system' }, { password: 'x' });
    expect(result.error?.from).toBe('client');
    expect(result.verdict).toMatch(/not trusted here|does not trust the authority/);
  });

  it('no name to compare the certificate with', async () => {
    const lab = await startPostgresLab();
    stops.push(() => lab.close());
    const options = verifying(lab, 'sslrootcert', { sslmode: 'verify-full', hostaddr: '127.0.0.1' });
    const result = await run(`postgresql://app_user@:${lab.port}/appdb`, options, { password: 'x' });
    expect(result.error?.code).toBe('HOST_NAME_MISSING');
  });

  it('a root file that is no certificate', async () => {
    const lab = await startPostgresLab();
    stops.push(() => lab.close());
    const options = {
      sslmode: 'verify-full',
      sslrootcert: '-----BEGIN CERTIFICATE-----\nnot one\n-----END CERTIFICATE-----',
    };
    const result = await run(lab.uri, options, { password: 'lab-password' });
    expect(result.outcome).toBe('failed');
    expect(result.error?.from).toBe('client');
  });
});

function verifying(
  lab: LabServer,
  option: string,
  more: Record<string, string> = {},
): Record<string, string> {
  return { ...more, [option]: lab.caCertificatePem };
}

describe('connection strings that cannot be used', () => {
  it.each([
    ['', /Give a connection string/],
    ['hello', /no connection string/],
    ['mysql://localhost/x', /not with mysql/],
    ['postgresql://localhost:99999/x', /invalid port/],
    ['postgresql://localhost/x?sslmode=maybe', /sslmode/],
    ['mongodb://localhost:0/', /not a port/],
    ['mongodb://localhost/?authMechanism=PLAIN', /needs a user/],
    ['mongodb+srv://10.0.0.1/', /not an address/],
  ])('%s', (uri, words) => {
    expect(() => targetFromUri(uri)).toThrow(TargetError);
    expect(() => targetFromUri(uri)).toThrow(words);
  });

  it('an override that is wrong, or of the other database', () => {
    expect(() => targetFromUri('mongodb://localhost/', { tls: 'maybe' })).toThrow(/true or false/);
    expect(() => targetFromUri('mongodb://localhost/', { sslmode: 'require' })).toThrow(/sslmode/);
    expect(() => targetFromUri('postgresql://localhost/x', { tlsCAFile: 'x' })).toThrow(/tlsCAFile/);
  });

  it('an option that the drivers only warn about is a note in the trace', async () => {
    const lab = await startMongoLab();
    stops.push(() => lab.close());
    const result = await run(`${lab.uri}&nonsense=1`, {}, { password: 'lab-password' });
    expect(result.outcome).toBe('ready');
    expect(result.traces[0].steps[0]).toMatchObject({ from: 'local', message: 'Connection string' });
    expect(result.traces[0].steps[0].summary).toContain('nonsense');
  });

  it('never repeats a password', () => {
    for (const uri of [
      'postgresql://u:s3cret@h/x?nonsense=1',
      'postgresql://u:s3cret@[::1/x',
      'mongodb://u:s3cr%zzet@h/',
    ]) {
      let message = '';
      try {
        targetFromUri(uri);
      } catch (error) {
        message = (error as Error).message;
      }
      expect(message).not.toBe('');
      expect(message).not.toContain('s3cr');
    }
  });
});
