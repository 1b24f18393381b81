import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import nodePath from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeServerCertificate } from '../../src/lab/certificates';
import type { ConnectResult } from '../../src/live/connect';
import { compareTraces } from '../../src/trace/compare';
import { DATABASE, PostgresServer, ROLES } from '../record/postgres-server';
import { freePort } from '../support/free-port';
import { describeWith } from '../support/toolchain';
import { decodeAgain, messages, path, run } from './support';

const { scram, md5, clear, trust, unlisted } = ROLES;

await describeWith('Connect Test against PostgreSQL 18', ['postgres18', 'psql'], ({ postgres18 }) => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await PostgresServer.start(postgres18.bin);
  });
  afterAll(() => server?.stop());

  function connect(
    user: string,
    options: Record<string, string>,
    password?: string,
    database: string = DATABASE,
  ): Promise<ConnectResult> {
    return run(`postgresql://${user}@localhost:${server.port}/${database}`, options, { password });
  }

  it('walks libpq’s states through TLS and SCRAM', async () => {
    const asked: string[] = [];
    const states: string[] = [];
    const result = await run(
      `postgresql://${scram.user}@127.0.0.1:${server.port}/${DATABASE}`,
      { sslmode: 'require' },
      {
        askPassword: async (prompt) => {
          asked.push(prompt);
          return scram.password;
        },
        onState: (state) => states.push(state),
      },
    );
    expect(result.outcome).toBe('ready');
    expect(asked).toEqual([`Password of ${scram.user} on 127.0.0.1:${server.port}`]);
    const [trace] = result.traces;
    expect(path(trace)).toEqual([
      'CONNECTION_NEEDED',
      'CONNECTION_STARTED',
      'CONNECTION_MADE',
      'CONNECTION_SSL_STARTUP',
      'CONNECTION_MADE',
      'CONNECTION_AWAITING_RESPONSE',
      'CONNECTION_AUTH_OK',
      'CONNECTION_CHECK_TARGET',
      'CONNECTION_OK',
    ]);
    const internal = trace.steps.filter((step) => step.internal).map((step) => step.clientState);
    expect(new Set(internal)).toEqual(new Set(['CONNECTION_NEEDED', 'CONNECTION_CHECK_TARGET']));
    expect(states).toContain('CONNECTION_SSL_STARTUP');
    expect(states.at(-1)).toBe('CONNECTION_OK');
    expect(trace.auth).toEqual({
      mechanism: 'scram-sha-256-plus',
      user: scram.user,
      database: DATABASE,
      outcome: 'ok',
    });
    expect(trace.tls).toMatchObject({ version: 'TLSv1.3', alpn: 'postgresql', decrypted: true });
    expect(trace.tls?.certificates[0].subject).toContain('localhost');
    expect(trace.steps.every((step) => step.from === 'local' || step.bytes > 0 || step.layer === 'tcp')).toBe(
      true,
    );
    // The server was told goodbye, and its log has nothing to complain about.
    expect(server.log).not.toContain('unexpected EOF');
  });

  it('goes on in the clear on the same connection after N', async () => {
    await server.setSsl(false);
    try {
      const result = await connect(scram.user, { sslmode: 'prefer' }, scram.password);
      expect(result.outcome).toBe('ready');
      const [trace] = result.traces.slice(-1);
      expect(trace.ssl).toEqual({ requested: true, answer: 'N', direct: false });
      expect(trace.tls).toBeNull();
      const after = messages(trace).slice(messages(trace).indexOf('SSLRequest'));
      expect(after.slice(0, 3)).toEqual(['SSLRequest', 'SSLResponse N', 'StartupMessage']);

      const refused = await connect(scram.user, { sslmode: 'require' }, scram.password);
      expect(refused.outcome).toBe('failed');
      expect(refused.error?.message).toBe('server does not support SSL, but SSL was required');
      expect(refused.traces.at(-1)?.error?.message).toBe('server does not support SSL, but SSL was required');
    } finally {
      await server.setSsl(true);
    }
  });

  it('fails twice, linked, with a wrong password under prefer', async () => {
    const result = await run(
      `postgresql://${scram.user}@127.0.0.1:${server.port}/${DATABASE}`,
      { sslmode: 'prefer' },
      { password: 'not-the-password' },
    );
    expect(result.outcome).toBe('failed');
    expect(result.error).toMatchObject({ from: 'server', code: '28P01' });
    expect(result.traces.map((trace) => trace.error?.code)).toEqual(['28P01', '28P01']);
    expect(result.traces.map((trace) => trace.tls !== null)).toEqual([true, false]);
    expect(result.traces[1].retryOf).toBe(result.traces[0].id);
    expect(result.traces[1].findings.map((finding) => finding.code)).toContain('PG_DOUBLE_LOGIN');
  });

  it.each([
    ['md5', md5.user, md5.password],
    ['password', clear.user, clear.password],
    ['trust', trust.user, undefined],
  ])('authenticates by %s', async (mechanism, user, password) => {
    const result = await connect(user, { sslmode: 'disable' }, password);
    expect(result.outcome).toBe('ready');
    expect(result.traces.at(-1)?.auth).toMatchObject({ mechanism, outcome: 'ok' });
    if (mechanism === 'password') {
      expect(JSON.stringify(result.traces.at(-1)?.findings)).toMatch(/clear/);
    }
  });

  it('tells a missing pg_hba.conf entry and a missing database apart', async () => {
    const noEntry = await connect(unlisted.user, { sslmode: 'require' });
    expect(noEntry.error).toMatchObject({ from: 'server', code: '28000' });
    const noDatabase = await connect(scram.user, { sslmode: 'require' }, scram.password, 'no_such_database');
    expect(noDatabase.error).toMatchObject({ from: 'server', code: '3D000' });
    expect(noDatabase.traces.at(-1)?.auth.outcome).toBe('ok');
  });

  it('verifies the chain and the name', async () => {
    const options = { sslmode: 'verify-full', sslrootcert: server.rootCertificate };
    const right = await connect(scram.user, options, scram.password);
    expect(right.outcome).toBe('ready');
    const wrong = await run(
      `postgresql://${scram.user}@/${DATABASE}`,
      { ...options, host: 'db.example.test', hostaddr: '127.0.0.1', port: String(server.port) },
      { password: scram.password },
    );
    expect(wrong.outcome).toBe('failed');
    expect(wrong.error).toMatchObject({ from: 'client', code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
    expect(wrong.verdict).toMatch(/but the certificate is for localhost/);
    const check = wrong.traces[0].steps.find((step) => step.message === 'Check certificate');
    expect(JSON.stringify(check?.fields)).toContain('DNS:localhost');
  });

  it('refuses an unknown authority, and a root file that is not there', async () => {
    const folder = mkdtempSync(nodePath.join(tmpdir(), 'handshake-ca-'));
    try {
      const file = nodePath.join(folder, 'other.crt');
      writeFileSync(file, (await makeServerCertificate()).caCertificate);
      const other = await connect(scram.user, { sslmode: 'verify-ca', sslrootcert: file }, scram.password);
      expect(other.error?.from).toBe('client');
      expect(other.verdict).toMatch(/does not trust the authority/);
      // libpq: require with a root file checks the chain as well.
      const asVerifyCa = await connect(scram.user, { sslmode: 'require', sslrootcert: file }, scram.password);
      expect(asVerifyCa.verdict).toMatch(/does not trust the authority/);
      const missing = { sslmode: 'verify-ca', sslrootcert: nodePath.join(folder, 'none.crt') };
      const none = await connect(scram.user, missing, scram.password);
      expect(none.error?.code).toBe('ROOT_CERTIFICATE_MISSING');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('starts TLS directly', async () => {
    const result = await connect(
      scram.user,
      { sslmode: 'require', sslnegotiation: 'direct' },
      scram.password,
    );
    expect(result.outcome).toBe('ready');
    expect(result.traces.at(-1)?.ssl).toEqual({ requested: false, answer: null, direct: true });
  });

  it('connects through a Unix socket, never with TLS', async () => {
    const uri = `postgresql://postgres@/postgres?host=${encodeURIComponent(server.folder)}&port=${server.port}`;
    const result = await run(uri, { sslmode: 'prefer' });
    expect(result.outcome).toBe('ready');
    expect(result.traces[0]).toMatchObject({ ssl: { requested: false }, tls: null });
    expect(decodeAgain(result.recordings)[0].outcome).toBe('ready');
  });

  it('tries the next host when nobody listens on the first', async () => {
    const nobody = await freePort();
    const result = await run(
      `postgresql://${trust.user}@127.0.0.1:${nobody},127.0.0.1:${server.port}/${DATABASE}`,
      { sslmode: 'disable' },
    );
    expect(result.outcome).toBe('ready');
    expect(result.traces.map((trace) => trace.outcome)).toEqual(['failed', 'ready']);
  });

  it('speaks protocol 3.2', async () => {
    const result = await connect(
      scram.user,
      { sslmode: 'disable', max_protocol_version: 'latest' },
      scram.password,
    );
    expect(result.outcome).toBe('ready');
  });

  it('asks for a password once, and says so when there is none', async () => {
    let asked = 0;
    const result = await run(
      `postgresql://${scram.user}@127.0.0.1:${server.port}/${DATABASE}`,
      { sslmode: 'prefer' },
      {
        askPassword: async () => {
          asked++;
          return 'not-the-password';
        },
      },
    );
    expect(result.traces).toHaveLength(2);
    expect(asked).toBe(1);
    const none = await connect(scram.user, { sslmode: 'require' });
    expect(none.error?.code).toBe('NO_PASSWORD');
  });

  describe('the trace of a live run equals the trace of its capture', () => {
    it.each([
      ['TLS and SCRAM', scram.user, { sslmode: 'require' }, scram.password],
      ['direct TLS', scram.user, { sslmode: 'require', sslnegotiation: 'direct' }, scram.password],
      ['plain SCRAM', scram.user, { sslmode: 'disable' }, scram.password],
      ['md5', md5.user, { sslmode: 'disable' }, md5.password],
      ['a password in the clear', clear.user, { sslmode: 'disable' }, clear.password],
      ['two failed logins', scram.user, { sslmode: 'prefer' }, 'not-the-password'],
      ['no entry', unlisted.user, { sslmode: 'disable' }, undefined],
    ])('%s', async (_name, user, options, password) => {
      const result = await run(`postgresql://${user}@127.0.0.1:${server.port}/${DATABASE}`, options, {
        password,
      });
      const decoded = decodeAgain(result.recordings);
      expect(decoded).toHaveLength(result.traces.length);
      for (const [index, live] of result.traces.entries()) {
        // A note on why it is tried again comes before the SYN and moves the live trace's start.
        const options = { times: index === 0, addresses: true, frames: true };
        expect(compareTraces(live, decoded[index], options)).toEqual([]);
        expect(decoded[index].retryOf).toBe(live.retryOf);
        expect(decoded[index].verdict).toBe(live.verdict);
      }
    });
  });
});
