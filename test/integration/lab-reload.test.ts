/**
 * What PostgreSQL does when it is told to reload: connections to come have the new settings, open ones keep what they have, and what
 * cannot be loaded changes nothing.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { afterEach, expect, it, vi } from 'vitest';
import { lab as commandLine } from '../../src/cli/lab';
import { LAB_PASSWORD } from '../../src/lab/accounts';
import { makeServerCertificate } from '../../src/lab/certificates';
import { type PostgresLab, type PostgresLabOptions, startPostgresLab } from '../../src/lab/postgres-lab';
import { parseHba } from '../../src/postgres/hba/hba-parse';
import { run } from './support';

const stops: (() => unknown)[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  for (const stop of stops.splice(0)) await stop();
});

async function start(hba: string, options: PostgresLabOptions = {}) {
  const log: string[] = [];
  const lab = await startPostgresLab({
    hba: parseHba(hba).value,
    onLog: (line) => log.push(line),
    ...options,
  });
  stops.push(() => lab.close());
  return { lab, log };
}

function login(lab: PostgresLab, options: Record<string, string> = {}) {
  return run(lab.uri, { sslrootcert: lab.caCertificatePem, ...options }, { password: LAB_PASSWORD });
}

it('begins to ask for client certificates when a new line of pg_hba.conf needs one', async () => {
  const { lab } = await start('host all all all scram-sha-256');
  const certificate = await lab.issueClient('app_user');
  const own = { sslcert: certificate.certificate, sslkey: certificate.key };
  const before = await login(lab, { ...own, sslcertmode: 'require' });
  expect(before.error?.message).toContain('server did not request an SSL certificate');
  expect(await lab.reload({ hba: parseHba('hostssl all all all cert').value })).toBe(true);
  const after = await login(lab, { ...own, sslcertmode: 'require' });
  expect(after.verdict).toMatch(/^Connected as .* · TLS/);
  expect((await login(lab)).error?.message).toContain('connection requires a valid client certificate');
  // And stops again.
  await lab.reload({ hba: parseHba('host all all all scram-sha-256').value });
  expect((await login(lab, { ...own, sslcertmode: 'require' })).outcome).toBe('failed');
  expect((await login(lab)).outcome).toBe('ready');
});

it('keeps the certificate that it has when a new one cannot be loaded', async () => {
  const { lab, log } = await start('host all all all scram-sha-256');
  const good = await makeServerCertificate();
  const other = await makeServerCertificate();
  const before = lab.caCertificatePem;
  for (const certificate of [
    { ...good, certificate: '-----BEGIN CERTIFICATE-----\nbroken\n-----END CERTIFICATE-----\n' },
    { ...good, key: other.key },
    { ...good, key: '' },
  ]) {
    log.length = 0;
    expect(await lab.reload({ certificate })).toBe(false);
    expect(lab.caCertificatePem).toBe(before);
    expect(log[0]).toMatch(/^LOG: {2}could not load server certificate: /);
    expect(log[1]).toBe('LOG:  SSL configuration was not reloaded');
    expect((await login(lab, { sslmode: 'verify-ca' })).outcome).toBe('ready');
  }
  // What else was to be changed is changed all the same.
  const broken = { ...good, key: other.key };
  await lab.reload({ certificate: broken, hba: parseHba('hostssl all all all reject').value });
  expect((await login(lab, { sslmode: 'verify-ca' })).error?.code).toBe('28000');
  expect(await lab.reload({ certificate: good, hba: parseHba('host all all all scram-sha-256').value })).toBe(
    true,
  );
  expect(lab.caCertificatePem).not.toBe(before);
  expect((await login(lab, { sslmode: 'verify-ca' })).outcome).toBe('ready');
});

it('turns TLS off and on for connections to come', async () => {
  const { lab } = await start('host all all all scram-sha-256');
  const options = {
    host: '127.0.0.1',
    port: lab.port,
    user: 'app_user',
    password: LAB_PASSWORD,
    database: 'appdb',
  };
  const kept = new Client({ ...options, ssl: { ca: lab.caCertificatePem, servername: 'localhost' } });
  await kept.connect();
  await lab.reload({ ssl: false });
  expect(lab.caCertificatePem).toBe('');
  expect((await login(lab, { sslmode: 'require' })).error?.code).toBe('SSL_REFUSED');
  expect((await kept.query('select 1')).rows).toHaveLength(1);
  await lab.reload({ ssl: true });
  expect((await login(lab, { sslmode: 'verify-ca' })).outcome).toBe('ready');
  await kept.end();
});

it('is told by SIGHUP on the command line, and a pg_hba.conf with an error changes nothing', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'handshake-reload-'));
  stops.push(() => rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'pg_hba.conf');
  writeFileSync(file, 'host all all all scram-sha-256\n');
  let said = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += String(text);
    return true;
  });
  const signal = (name: 'SIGHUP' | 'SIGINT') => process.rawListeners(name).at(-1)?.call(process, name);
  const idle = process.rawListeners('SIGINT').length;
  const running = commandLine('postgres', { port: 0, format: 'json', hba: file });
  try {
    await vi.waitFor(() => expect(process.rawListeners('SIGINT').length).toBeGreaterThan(idle), 10_000);
    const uri = /connect '([^']+)'/.exec(said)?.[1] ?? '';
    const outcome = async () => (await run(uri, {}, { password: LAB_PASSWORD })).error?.code ?? 'ready';
    vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    expect(await outcome()).toBe('ready');
    expect(said).toContain('LOG:  connection authorized: user=app_user database=appdb');
    for (const [text, word, expected] of [
      ['host all all all reject\n', 'was reloaded', '28000'],
      ['host all all nonsense\n', 'was not reloaded', '28000'],
      ['host all all all scram-sha-256\n', 'was reloaded', 'ready'],
    ]) {
      said = '';
      writeFileSync(file, text);
      signal('SIGHUP');
      await vi.waitFor(() => expect(said).toContain(word));
      expect(await outcome()).toBe(expected);
    }
  } finally {
    signal('SIGINT');
  }
  expect(await running).toBe(0);
});
