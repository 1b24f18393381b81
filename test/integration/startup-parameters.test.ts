/**
 * What a client asks of a session in its StartupMessage does in the lab what it does in PostgreSQL 18: the same ParameterStatus values,
 * notices and FATAL errors, message for message, for a superuser and for a plain role. And the lab's table of parameters is the
 * server's.
 */
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { concat } from '../../src/base/bytes';
import { type PostgresLab, startPostgresLab } from '../../src/lab/postgres-lab';
import { allParameters } from '../../src/postgres/backend/parameter-table';
import { parseHba } from '../../src/postgres/hba/hba-parse';
import { serverError } from '../../src/postgres/messages/error-fields';
import { frameTyped } from '../../src/postgres/messages/frame';
import { parseBackend } from '../../src/postgres/messages/message-backend';
import { buildFrontend } from '../../src/postgres/messages/message-build';
import type { BackendMessage } from '../../src/postgres/messages/message-types';
import { PostgresServer } from '../record/postgres-server';
import { describeWith } from '../support/toolchain';
import { PARAMETERS, TOGETHER } from './server-parity/parameters';

const HBA = 'local all all trust\nhost all all 127.0.0.1/32 trust\n';
const USERS = ['postgres', 'plain_role'] as const;

/** Not in `pg_settings`, and there all the same (GUC_NO_SHOW_ALL). */
const HIDDEN = ['is_superuser', 'role', 'seed', 'session_authorization'];

type Pairs = readonly (readonly [string, string])[];

await describeWith('Start-up parameters', ['postgres18'], ({ postgres18 }) => {
  let real: PostgresServer;
  let lab: PostgresLab;

  beforeAll(async () => {
    real = await PostgresServer.start(postgres18.bin, { hba: HBA, ssl: false });
    await real.sql('CREATE ROLE plain_role LOGIN; CREATE ROLE other_role LOGIN');
    lab = await startPostgresLab({
      ssl: false,
      hba: parseHba(HBA).value,
      databases: ['postgres'],
      roles: [
        { name: 'postgres', password: null, superuser: true },
        { name: 'plain_role', password: null },
        { name: 'other_role', password: null },
      ],
    });
  }, 60_000);
  afterAll(async () => {
    await lab?.close();
    await real?.stop();
  });

  it('has of the lab the answers of PostgreSQL 18', { timeout: 60_000 }, async () => {
    const single = Object.entries(PARAMETERS).flatMap(([name, values]) =>
      values.map((value): Pairs => [[name, value]]),
    );
    const different: object[] = [];
    let compared = 0;
    let refused = 0;
    for (const user of USERS) {
      for (const parameters of [...single, ...TOGETHER]) {
        const expected = await start(real.port, user, parameters);
        const got = await start(lab.port, user, parameters);
        compared++;
        if (expected.some((line) => line.startsWith('FATAL'))) refused++;
        if (JSON.stringify(expected) === JSON.stringify(got)) continue;
        different.push({ user, parameters, PostgreSQL: without(expected, got), lab: without(got, expected) });
      }
    }
    process.stdout.write(
      `start-up parameters: ${compared} sessions (${refused} refused), ${compared - different.length} equal, ${different.length} different\n`,
    );
    expect(refused).toBeGreaterThan(50);
    expect(different).toEqual([]);
  });

  it('knows the parameters that PostgreSQL 18 has, and who may set them', async () => {
    const rows = await real.sql(
      "SELECT name || ' ' || context || CASE WHEN context IN ('sighup', 'postmaster', 'internal') THEN '' ELSE ' ' || vartype || ' ' || " +
        "concat_ws(' ', min_val, max_val, nullif(unit, ''), array_to_string(enumvals, ',')) END FROM pg_settings",
    );
    const server = rows
      .trim()
      .split('\n')
      .map((row) => row.trim());
    const ours = allParameters()
      .filter(({ name }) => !HIDDEN.includes(name))
      .map(({ name, context, type, range, values }) => {
        if (['sighup', 'postmaster', 'internal'].includes(context)) return `${name} ${context}`;
        const { min = '', max = '', unit = '' } = range ?? {};
        return [name, context, type, min, max, unit, values?.join(',')].filter(Boolean).join(' ');
      });
    expect(ours.sort()).toEqual(server.sort());
  });
});

function without(lines: readonly string[], others: readonly string[]): string[] {
  return lines.filter((line) => !others.includes(line));
}

/** Starts a session and tells all that the server says until it waits or closes. */
function start(port: number, user: string, parameters: Pairs): Promise<string[]> {
  const packet = buildFrontend({
    name: 'StartupMessage',
    version: { major: 3, minor: 0 },
    parameters: [['user', user], ['database', 'postgres'], ...parameters],
  });
  return new Promise((resolve) => {
    const lines: string[] = [];
    let input: Uint8Array = new Uint8Array(0);
    const socket = connect(port, '127.0.0.1', () => socket.write(packet));
    socket.on('error', () => {});
    socket.on('close', () => resolve(lines));
    socket.on('data', (bytes) => {
      input = concat(input, bytes);
      for (;;) {
        const framing = frameTyped(input, { min: 4, max: 30_000 });
        if (framing.kind !== 'frame') return;
        const { value } = parseBackend(input.subarray(0, framing.length));
        input = input.subarray(framing.length);
        if (value) lines.push(lineOf(value));
        if (value?.name === 'ReadyForQuery') socket.end();
      }
    });
  });
}

function lineOf(message: BackendMessage): string {
  switch (message.name) {
    case 'ParameterStatus':
      return `${message.parameter} = ${message.value}`;
    case 'ErrorResponse':
    case 'NoticeResponse': {
      const { severity, code, message: text, detail, hint } = serverError(message.fields);
      return [`${severity} ${code}: ${text}`, detail, hint].filter(Boolean).join(' | ');
    }
    case 'BackendKeyData':
      return `${message.name} of ${message.secretKey.length} bytes`;
    default:
      return message.name;
  }
}
