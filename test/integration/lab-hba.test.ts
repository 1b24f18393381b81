import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import nodePath from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LAB_PASSWORD } from '../../src/lab/accounts';
import { makeServerCertificate } from '../../src/lab/certificates';
import { type PostgresLab, startPostgresLab } from '../../src/lab/postgres-lab';
import { parseHba } from '../../src/postgres/hba/hba-parse';
import type { HbaRule } from '../../src/postgres/hba/hba-rule';
import { clientEnvironment } from '../record/postgres-server';
import { psql } from '../record/psql';
import { describeWith } from '../support/toolchain';
import { run } from './support';

const execute = promisify(execFile);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(nodePath.join(tmpdir(), 'handshake-hba-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function rules(text: string): readonly HbaRule[] {
  const { value, issues } = parseHba(text);
  expect(issues).toEqual([]);
  return value;
}

async function withLab(hba: string, body: (lab: PostgresLab, log: string[]) => Promise<void>): Promise<void> {
  const log: string[] = [];
  const lab = await startPostgresLab({ hba: rules(hba), onLog: (line) => log.push(line) });
  try {
    await body(lab, log);
  } finally {
    await lab.close();
  }
}

/** Connection options of a client certificate for this common name, as files. */
async function certificateOptions(lab: PostgresLab, commonName: string): Promise<string> {
  const { certificate, key } = await lab.issueClient(commonName);
  const file = nodePath.join(folder, commonName.replace(/\W/g, '-'));
  writeFileSync(`${file}.crt`, certificate);
  writeFileSync(`${file}.key`, key, { mode: 0o600 });
  return `sslmode=require sslcert=${file}.crt sslkey=${file}.key`;
}

function conninfo(lab: PostgresLab, more = ''): string {
  return `host=127.0.0.1 port=${lab.port} dbname=appdb user=app_user ${more}`;
}

await describeWith('psql and the pg_hba.conf of the lab', ['psql'], () => {
  it('takes a client certificate for its user, and no other', async () => {
    await withLab('hostssl all all all cert', async (lab, log) => {
      const right = await psql(conninfo(lab, await certificateOptions(lab, 'app_user')));
      expect(right).toMatchObject({ status: 0, stdout: '1\n' });
      const other = await psql(conninfo(lab, await certificateOptions(lab, 'other_user')));
      expect(other.stderr).toContain('certificate authentication failed for user "app_user"');
      expect(log.join('\n')).toContain('The client certificate is for "other_user".');
      const none = await psql(conninfo(lab, 'sslmode=require'));
      expect(none.stderr).toContain('connection requires a valid client certificate');
    });
  });

  it('asks for the password beside a certificate that only has to be valid', async () => {
    await withLab('hostssl all all all scram-sha-256 clientcert=verify-ca', async (lab) => {
      const more = await certificateOptions(lab, 'anybody');
      expect(await psql(conninfo(lab, more), { password: LAB_PASSWORD })).toMatchObject({ status: 0 });
      expect((await psql(conninfo(lab, more), { password: 'wrong' })).stderr).toContain(
        'password authentication',
      );
    });
    await withLab('hostssl all all all scram-sha-256 clientcert=verify-full', async (lab) => {
      const more = await certificateOptions(lab, 'anybody');
      const refused = await psql(conninfo(lab, more), { password: LAB_PASSWORD });
      expect(refused.stderr).toContain('password authentication failed for user "app_user"');
    });
  });

  it('ends a connection whose client certificate comes from elsewhere', async () => {
    const other = await startPostgresLab();
    try {
      await withLab('hostssl all all all cert', async (lab, log) => {
        const result = await psql(conninfo(lab, await certificateOptions(other, 'app_user')));
        expect(result.status).toBe(2);
        expect(log.join('\n')).toContain('certificate verify failed');
      });
    } finally {
      await other.close();
    }
  });

  it('follows lines by database, user and address, and tells which line came closest', async () => {
    const hba = 'hostssl appdb app_user 127.0.0.0/8 scram-sha-256\nhost postgres all samehost trust';
    await withLab(hba, async (lab, log) => {
      const plain = await psql(conninfo(lab, 'sslmode=disable'), { password: LAB_PASSWORD });
      expect(plain.stderr).toContain('no pg_hba.conf entry for host "127.0.0.1", user "app_user"');
      expect(log.join('\n')).toContain('Line 1 comes closest; it differs in: connection.');
      const trusted = await psql(
        `host=127.0.0.1 port=${lab.port} dbname=postgres user=app_user sslmode=disable`,
      );
      expect(trusted).toMatchObject({ status: 0 });
    });
  });

  it('answers on a Unix socket, always in the clear', async () => {
    const lab = await startPostgresLab({
      host: folder,
      port: 5999,
      hba: rules('local all all scram-sha-256\nhost all all all reject'),
    });
    try {
      const options = `host=${folder} port=5999 dbname=appdb user=app_user`;
      expect(await psql(options, { password: LAB_PASSWORD })).toMatchObject({ status: 0 });
      const ours = await run(lab.uri, { sslmode: 'prefer' }, { password: LAB_PASSWORD });
      expect(ours.traces[0]).toMatchObject({ outcome: 'ready', tls: null });
    } finally {
      await lab.close();
    }
  });

  it('reloads certificates and rules without dropping a connection', async () => {
    await withLab('host all all all scram-sha-256', async (lab) => {
      const before = lab.caCertificatePem;
      const { Client } = await import('pg');
      const options = {
        host: '127.0.0.1',
        port: lab.port,
        user: 'app_user',
        password: LAB_PASSWORD,
        database: 'appdb',
      };
      const kept = new Client({ ...options, ssl: { ca: before, servername: 'localhost' } });
      await kept.connect();
      await lab.reload({
        certificate: await makeServerCertificate(),
        hba: rules('hostssl all app_user all scram-sha-256'),
      });
      expect(lab.caCertificatePem).not.toBe(before);
      expect((await kept.query('select 1')).rows).toHaveLength(1);
      const old = new Client({ ...options, ssl: { ca: before, servername: 'localhost' } });
      await expect(old.connect()).rejects.toThrow(/certificate/);
      const fresh = new Client({ ...options, ssl: { ca: lab.caCertificatePem, servername: 'localhost' } });
      await fresh.connect();
      await fresh.end();
      await expect(new Client({ ...options, ssl: false }).connect()).rejects.toThrow(/no pg_hba.conf entry/);
      await kept.end();
    });
  });

  it('takes pgbench -C and pg_isready', async () => {
    await withLab('host all all all scram-sha-256', async (lab) => {
      const script = nodePath.join(folder, 'one.sql');
      writeFileSync(script, 'SELECT 1;\n');
      const env = { ...clientEnvironment(), PGPASSWORD: LAB_PASSWORD, PGSSLMODE: 'require' };
      const where = ['-h', '127.0.0.1', '-p', String(lab.port), '-U', 'app_user'];
      const bench = await execute(
        'pgbench',
        [...where, '-n', '-C', '-c', '2', '-t', '5', '-f', script, 'appdb'],
        { env },
      );
      expect(bench.stdout).toContain('number of transactions actually processed: 10/10');
      const ready = await execute('pg_isready', [...where, '-d', 'appdb'], { env });
      expect(ready.stdout).toContain('accepting connections');
    });
    const starting = await startPostgresLab({
      fault: (await import('../../src/postgres/faults/faults')).findFault('starting-up'),
    });
    try {
      const asked = execute('pg_isready', ['-h', '127.0.0.1', '-p', String(starting.port)], {
        env: clientEnvironment(),
      });
      await expect(asked).rejects.toMatchObject({
        code: 1,
        stdout: expect.stringContaining('rejecting connections'),
      });
    } finally {
      await starting.close();
    }
  });
});

describe('Connect Test with a client certificate', () => {
  it('logs in by it', async () => {
    await withLab('hostssl all all all cert', async (lab) => {
      const { certificate, key } = await lab.issueClient('app_user');
      const result = await run(lab.uri, { sslcert: certificate, sslkey: key });
      expect(result.verdict).toMatch(/^Connected as app_user to appdb · TLS/);
    });
  });
});
