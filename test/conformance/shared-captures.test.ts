/** Captures recorded by other people: real traffic that this project did not produce. Skipped, and said so, where they are absent. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import { describe, expect, it } from 'vitest';
import schema from '../../media/trace-v2.schema.json';
import { CaptureFileError } from '../../src/files/errors';
import { readCapture } from '../../src/files/read-capture';
import { readKeyLog } from '../../src/files/read-key-log';
import type { Trace } from '../../src/trace/model';
import { redactTrace } from '../../src/trace/redact';
import { besidePath, isBeside, notBeside } from '../support/beside';

const folder = besidePath('captures');
const present = isBeside('captures');
const validate = new Ajv({ allErrors: true }).compile(schema);

async function traces(file: string): Promise<readonly Trace[]> {
  const { document } = await readCapture(join(folder, file));
  expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
  return document.traces;
}

describe.skipIf(!present)('captures recorded by other people', () => {
  it('reads a SCRAM login after a refused SSLRequest', async () => {
    const [trace, ...more] = await traces('postgres/psql-login.pcap');
    expect(more).toEqual([]);
    expect(trace).toMatchObject({
      protocol: 'postgres',
      ssl: { requested: true, answer: 'N', direct: false },
      auth: { mechanism: 'scram-sha-256', outcome: 'ok' },
      outcome: 'ready',
      error: null,
    });
    expect(trace.steps.map((step) => step.clientState)).toContain('CONNECTION_OK');
  });

  it('reads a wrong password', async () => {
    const [trace] = await traces('postgres/psql-login-wrong.pcap');
    expect(trace).toMatchObject({
      outcome: 'failed',
      auth: { mechanism: 'scram-sha-256', outcome: 'failed' },
      error: { from: 'server', code: '28P01' },
    });
  });

  it('reads a role that does not exist: authentication is ok, the connection is not', async () => {
    const [trace] = await traces('postgres/psql-login-no-role.pcap');
    expect(trace).toMatchObject({ outcome: 'failed', auth: { outcome: 'ok' }, error: { code: '28000' } });
  });

  it('stops at what TLS hides, on a port that is not 5432', async () => {
    const found = await traces('postgres/psql-aws-ssl-require-15432.pcap');
    expect(found[0]).toMatchObject({
      ssl: { requested: true, answer: 'S' },
      tls: { version: 'TLSv1.2', cipher: 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384', decrypted: false },
      outcome: 'encrypted',
    });
  });

  it('reads a cancel request', async () => {
    const found = await traces('postgres/pgsql-cancel-request.pcap');
    expect(found.some((trace) => trace.outcome === 'cancel')).toBe(true);
    expect(found.some((trace) => trace.auth.mechanism === 'md5' && trace.auth.outcome === 'ok')).toBe(true);
  });

  it('finds a password in the clear and masks it', async () => {
    const [trace] = await traces('postgres/pgsql-pwd-output-disabled.pcap');
    expect(trace.auth).toMatchObject({ mechanism: 'password', outcome: 'ok' });
    expect(trace.findings.map((finding) => finding.code).join()).toMatch(/PG.*CLEAR|PG\d/);
    const secret = trace.steps.flatMap((step) => step.fields).filter((field) => field.secret);
    expect(secret).not.toEqual([]);
    const masked = JSON.stringify(redactTrace(trace));
    for (const field of secret) {
      if (field.value.length > 3) expect(masked).not.toContain(JSON.stringify(field.value).slice(1, -1));
    }
  });

  it('reads a client that gave up when a password was asked for', async () => {
    const [trace] = await traces('postgres/postgres-badpass.pcap');
    expect(trace.auth).toMatchObject({ mechanism: 'md5', outcome: 'abandoned' });
  });

  it.each(['postgres/http-on-port-5432.pcap', 'postgres/mysql-on-port-5432.pcap'])(
    'does not take %s for PostgreSQL',
    async (file) => {
      expect(await traces(file)).toEqual([]);
    },
  );

  it('reads MongoDB commands without authentication', async () => {
    const found = await traces('mongodb/op_command_2inserts.pcap');
    for (const trace of found) expect(trace.auth).toMatchObject({ mechanism: null, outcome: 'unknown' });
  });

  it('shows nothing but reads on where TLS holds no PostgreSQL or MongoDB', async () => {
    const keyLog = await readKeyLog(join(folder, 'tls/tls13-illustrated.keylog'));
    const { document } = await readCapture(join(folder, 'tls/tls13-illustrated.pcap'), { keyLog });
    expect(document.traces).toEqual([]);
  });

  const everything = present
    ? readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .flatMap((entry) => readdirSync(join(folder, entry.name)).map((name) => `${entry.name}/${name}`))
        .filter((name) => /\.(pcap|pcapng|cap|gz)$/.test(name))
    : [];

  it.each(everything)('reads %s to a document or to one clear error', async (file) => {
    try {
      const { document } = await readCapture(join(folder, file));
      expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
    } catch (error) {
      expect(error).toBeInstanceOf(CaptureFileError);
    }
  });
});

if (!present) {
  it.skip(`captures recorded by other people: ${notBeside('captures')}`);
}
