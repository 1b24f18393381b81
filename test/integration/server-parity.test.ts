/**
 * What a client sees of the lab is what it sees of PostgreSQL 18: for a table of pg_hba.conf rules and credentials, six clients log in
 * to both, with the same pg_hba.conf, the same stored passwords and the same certificates, through a recorder. Compared are what the
 * client says, the SQLSTATE, and every message in order.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { traceRecordings } from '../../src/inspect/trace-recording';
import { CertificateAuthority } from '../../src/lab/certificates';
import { type PostgresLab, startPostgresLab } from '../../src/lab/postgres-lab';
import type { Role } from '../../src/postgres/backend/backend-options';
import { parseHba } from '../../src/postgres/hba/hba-parse';
import type { Step } from '../../src/trace/model';
import { psqlClient } from '../parity/clients';
import { buildKeyLogShim } from '../parity/keylog-shim';
import { Recorder } from '../parity/proxy';
import { inPool } from '../parity/run';
import { PostgresServer } from '../record/postgres-server';
import { describeWith } from '../support/toolchain';
import {
  type Certificate,
  KeyLogTap,
  libpqRow,
  nodePostgres,
  postgresJs,
  type RunRow,
} from './server-parity/clients';
import { allRows, DATABASES, HBA, ROLES_SQL, type Row } from './server-parity/table';

interface Seen {
  readonly outcome: string;
  readonly code: string;
  readonly message: string;
  readonly events: readonly string[];
  /** Some of it was inside TLS, and no key was known. */
  readonly closed: boolean;
}

const REPORT = 'out/server-parity.txt';
const PROTOCOL_3_2 = 'min_protocol_version=3.2 max_protocol_version=3.2';
const rows = allRows();

await describeWith('Parity with the backend', ['postgres18', 'postgres15'], ({ postgres18, postgres15 }) => {
  const results: { row: Row; client: string; real: Seen; lab: Seen }[] = [];
  const tap = new KeyLogTap();
  let logins = 0;
  let folder: string;
  let real: PostgresServer | undefined;
  let lab: PostgresLab | undefined;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'handshake-server-parity-'));
    const authority = await CertificateAuthority.create();
    const certificate = await authority.issueServer();
    real = await PostgresServer.start(postgres18.bin, { certificate, hba: HBA, asksClients: true });
    await real.sql(ROLES_SQL);
    for (const database of DATABASES) await real.sql(`CREATE DATABASE ${database} STRATEGY file_copy`);
    lab = await startPostgresLab({
      certificate,
      hba: parseHba(HBA).value,
      clientCertificates: true,
      roles: await rolesOf(real),
      databases: [...DATABASES, 'postgres'],
    });
    const certificates = new Map<string, Certificate>();
    for (const name of ['scram_user', 'md5_user']) {
      const issued = await authority.issueClient(name);
      const files = { certificate: path.join(folder, `${name}.crt`), key: path.join(folder, `${name}.key`) };
      writeFileSync(files.certificate, issued.certificate);
      writeFileSync(files.key, issued.key, { mode: 0o600 });
      certificates.set(name, { ...issued, files });
    }
    const program = `${postgres15.bin}/psql`;
    const keyLogShim = await buildKeyLogShim(folder);
    const script = path.join(folder, 'one.sql');
    writeFileSync(script, 'SELECT 1;\n');
    const with18 = { library: postgres18.lib, keyLogOption: true, folder };
    const pgbench = psqlClient({
      ...with18,
      program: `${postgres15.bin}/pgbench`,
      commandLine: (connection) => ['-n', '-C', '-M', 'simple', '-t', '1', '-f', script, connection],
    });
    const clients: Record<string, RunRow> = {
      'psql 15': libpqRow(psqlClient({ program, keyLogShim, keyLogOption: false, folder })),
      'psql 18': libpqRow(psqlClient({ ...with18, program })),
      'psql 18, protocol 3.2': libpqRow(psqlClient({ ...with18, program }), PROTOCOL_3_2),
      pgbench: libpqRow(pgbench),
      pg: nodePostgres(tap),
      postgres: postgresJs(tap),
    };
    const jobs = rows.flatMap((row) =>
      Object.entries(clients)
        .filter(([client]) => takes(client, row))
        .map(([client, run]) => ({ row, client, run })),
    );
    logins = jobs.length;
    const ports = { real: real.port, lab: lab.port };
    await inPool(jobs, 4, async ({ row, client, run }) => {
      const given = row.certificate === undefined ? undefined : certificates.get(row.certificate);
      const seen = [];
      for (const port of [ports.real, ports.lab]) seen.push(await look(row, run, port, given));
      results.push({ row, client, real: seen[0], lab: seen[1] });
    });
  }, 400_000);
  afterAll(async () => {
    tap.remove();
    await lab?.close();
    await real?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  function keyLengths(client: string): string[] {
    const events = results.filter((result) => result.client === client).flatMap(({ lab }) => lab.events);
    const keys = events.filter((event) => event.includes('BackendKeyData'));
    return [...new Set(keys.map((event) => event.replace(/.*: /, '')))];
  }

  it('has every client see of the lab what it sees of PostgreSQL 18', () => {
    const different = results.filter(({ real, lab }) => JSON.stringify(real) !== JSON.stringify(lab));
    const lines = different.map(({ row, client, real, lab }) =>
      [`${client}: ${row.name}`, ...diff(real, lab).map((line) => `  ${line}`)].join('\n'),
    );
    mkdirSync('out', { recursive: true });
    writeFileSync(REPORT, `${lines.join('\n\n')}\n`);
    const refused = results.filter(({ real }) => real.outcome === 'failed').length;
    process.stdout.write(
      `server parity: ${rows.length} rows, 6 clients, ${results.length} logins to each (${refused} refused), ` +
        `${results.length - different.length} equal, ${different.length} different\n`,
    );
    expect(results).toHaveLength(logins);
    // Without a C compiler the secrets of libpq 15 cannot be had; all others are read to the end.
    const closed = results.filter(
      ({ client, real, lab }) => client !== 'psql 15' && (real.closed || lab.closed),
    );
    expect(closed.map(({ row }) => row.name)).toEqual([]);
    expect(results.every(({ real }) => real.events.length > 0)).toBe(true);
    // A cancel key has 4 bytes in protocol 3.0 and 32 in 3.2, behind 9 of the message itself.
    expect(keyLengths('psql 18')).toEqual(['13 bytes']);
    expect(keyLengths('psql 18, protocol 3.2')).toEqual(['41 bytes']);
    expect(keyLengths('pgbench')).toEqual(['13 bytes']);
    expect(lines).toEqual([]);
  });
});

/** One login through a recorder of its own. */
async function look(
  row: Row,
  run: RunRow,
  port: number,
  certificate: Certificate | undefined,
): Promise<Seen> {
  const recorder = await Recorder.start('server', port);
  let stopped: Promise<void> | undefined;
  try {
    const view = await run(row, Number(recorder.address), certificate);
    stopped = recorder.stop();
    await stopped;
    const recordings = recorder.seen.map((seen) => ({ ...seen.recorder.recording(), keyLog: view.keyLog }));
    const traces = traceRecordings(recordings).map(({ trace }) => trace);
    const events = traces.flatMap((trace) => [
      'connection',
      ...trace.steps.filter(({ layer }) => layer === 'postgres').map(eventOf),
    ]);
    const closed = traces.some((trace) => trace.outcome === 'encrypted');
    return {
      outcome: view.outcome,
      code: view.code,
      message: view.message.replaceAll(String(recorder.address), 'PORT'),
      events,
      closed,
    };
  } finally {
    await (stopped ?? recorder.stop());
  }
}

/** Whether a client can do what the row asks for: libpq's options are libpq's alone. */
function takes(client: string, { options, parameters }: Row): boolean {
  const libpq = /^(psql|pgbench)/.test(client);
  return libpq ? parameters === undefined : options === undefined;
}

/** A message with what is not random in it: of a cancel key, its length. */
function eventOf({ from, message, summary, bytes }: Step): string {
  return message === 'BackendKeyData'
    ? `${from} ${message}: ${bytes} bytes`
    : `${from} ${message}: ${summary}`;
}

function diff(real: Seen, lab: Seen): string[] {
  const lines: string[] = [];
  for (const key of ['outcome', 'code', 'message'] as const) {
    if (real[key] !== lab[key])
      lines.push(`${key}: PostgreSQL ${real[key]}`, `${key}: lab        ${lab[key]}`);
  }
  const length = Math.max(real.events.length, lab.events.length);
  for (let i = 0; i < length; i++) {
    if (real.events[i] !== lab.events[i]) {
      lines.push(`${i}: PostgreSQL ${real.events[i]}`, `${i}: lab        ${lab.events[i]}`);
    }
  }
  return lines;
}

/** The roles as the real server stores them, so that both have the same salts. */
async function rolesOf(server: PostgresServer): Promise<Role[]> {
  const query = `SELECT json_build_object('name', a.rolname, 'password', a.rolpassword, 'canLogin', a.rolcanlogin,
    'superuser', a.rolsuper, 'replication', a.rolreplication,
    'memberOf', ARRAY(SELECT g.rolname FROM pg_auth_members m JOIN pg_authid g ON g.oid = m.roleid WHERE m.member = a.oid))
    FROM pg_authid a`;
  const lines = (await server.sql(query)).trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Role);
}
