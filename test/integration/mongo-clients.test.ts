/** Real clients against the lab's mongos: each mechanism they speak, to an authenticated ping and to each refusal. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LAB_PASSWORD } from '../../src/lab/accounts';
import { type MongoLab, startMongoLab } from '../../src/lab/mongo-lab';
import type { Trace } from '../../src/trace/model';
import type { LoginAnswer, MongoTestClient } from '../support/mongo-clients/answer';
import { nodeDrivers } from '../support/mongo-clients/node-drivers';
import { programClients } from '../support/mongo-clients/programs';

/** The empty one is what a client does when no mechanism is named. */
const MECHANISMS = ['', 'SCRAM-SHA-256', 'SCRAM-SHA-1', 'MONGODB-CR'] as const;
type Asked = (typeof MECHANISMS)[number];

/** Mechanisms that a client refuses to hear of. */
const NOT_SPOKEN: Readonly<Record<string, readonly Asked[]>> = {
  mongodb: ['MONGODB-CR'],
  mongosh: ['MONGODB-CR'],
  mongodb2: ['SCRAM-SHA-256'],
};

interface Case {
  readonly name: string;
  readonly lab: 'plain' | 'disabled' | 'tls';
  readonly user?: string;
  readonly password?: string;
  readonly source?: string;
  /** The client uses TLS. */
  readonly tls?: boolean;
  /** Code of the server's refusal; absent where the client is let in, null where the server says nothing. */
  readonly code?: (asked: Asked) => string | null;
}

const CASES: readonly Case[] = [
  { name: 'logs in', lab: 'plain' },
  { name: 'logs in over TLS', lab: 'tls', tls: true },
  { name: 'wrong password', lab: 'plain', password: 'not-the-password', code: () => '18' },
  { name: 'unknown user', lab: 'plain', user: 'nobody', code: () => '18' },
  { name: 'wrong authSource', lab: 'plain', source: 'app', code: () => '18' },
  {
    name: 'mechanism disabled',
    lab: 'disabled',
    code: (asked) => (asked === 'MONGODB-CR' ? '2' : '334'),
  },
  { name: 'TLS required', lab: 'tls', code: () => null },
];

const labs = new Map<string, MongoLab>();
const traces: { readonly port: number; readonly trace: Trace }[] = [];
const table: string[][] = [['client', 'mechanism', ...CASES.map((each) => each.name)]];
const folder = mkdtempSync(path.join(os.tmpdir(), 'handshake-clients-'));
const pemFile = (name: string): string => path.join(folder, `${name}.pem`);
const caFile = pemFile('ca');

async function addLab(name: string, options: Parameters<typeof startMongoLab>[0]): Promise<void> {
  const lab = await startMongoLab(options);
  // Not those of mongos’ own connections to mongod.
  lab.onTrace((trace) => trace.server.port === lab.port && traces.push({ port: lab.port, trace }));
  labs.set(name, lab);
}

/** Writes a client's certificate and key where `pemFile` says. */
async function issue(lab: string, commonName: string, user = true): Promise<void> {
  const issued = await labs.get(lab)?.issueClient(commonName, { user });
  writeFileSync(pemFile(commonName), `${issued?.certificate}\n${issued?.key}`);
}

function labFor({ lab }: Case, asked: Asked): MongoLab {
  const found = labs.get(lab === 'disabled' ? `without ${asked || 'SCRAM'}` : lab);
  if (!found) throw new Error(`no lab ${lab}`);
  return found;
}

const userOf = (each: Case, asked: Asked): string =>
  each.user ?? (asked === 'MONGODB-CR' ? 'cr_user' : 'app_user');

function uriOf(each: Case, asked: Asked): string {
  const options = new URLSearchParams({
    authSource: each.source ?? 'admin',
    connectTimeoutMS: '2000',
    serverSelectionTimeoutMS: '2000',
    ...(asked ? { authMechanism: asked } : {}),
    ...(each.tls ? { tls: 'true', tlsCAFile: caFile } : {}),
  });
  const password = each.password ?? LAB_PASSWORD;
  return `mongodb://${userOf(each, asked)}:${password}@localhost:${labFor(each, asked).port}/?${options}`;
}

/** What the server saw of this case: the connections on which its user was named. */
function seen(each: Case, asked: Asked): Trace[] {
  const { port } = labFor(each, asked);
  return traces
    .filter((one) => one.port === port)
    .map((one) => one.trace)
    .filter(
      ({ auth }) =>
        (asked === '' || auth.mechanism === asked) &&
        auth.user === userOf(each, asked) &&
        auth.database === (each.source ?? 'admin'),
    );
}

function check(each: Case, asked: Asked, answer: LoginAnswer): void {
  const what = `${asked || 'negotiated'}, ${each.name}: ${JSON.stringify(answer)}`;
  if (!each.code) {
    expect(answer, what).toEqual({ users: [userOf(each, asked)] });
    expect(
      seen(each, asked).some((trace) => trace.auth.outcome === 'ok'),
      what,
    ).toBe(true);
    return;
  }
  expect(answer, what).toHaveProperty('message');
  const code = each.code(asked);
  if (code === null) {
    // Some had sent the start of an authentication inside hello: it was not answered.
    const { port } = labFor(each, asked);
    const plain = traces.filter((one) => one.port === port && one.trace.tls === null);
    expect(plain.length, what).toBeGreaterThan(0);
    for (const { trace } of plain) {
      const answers = trace.steps.filter((step) => step.from === 'server' && step.layer === 'mongodb');
      expect(answers, what).toEqual([]);
      expect(trace.outcome, what).not.toBe('ready');
    }
    // Not all: a client may leave a connection before it says anything.
    expect(
      plain.map(({ trace }) => trace.outcome),
      what,
    ).toContain('failed');
    return;
  }
  expect(
    seen(each, asked).map((trace) => trace.error?.code),
    what,
  ).toContain(code);
}

/** The answer in a word or two, for the table. */
function shown(answer: LoginAnswer): string {
  if ('users' in answer) return `ok ${answer.users.join()}`;
  const words = answer.message
    .replaceAll(/localhost:\d+|127\.0\.0\.1:\d+/g, '…')
    .split(/[.,\n]/)[0]
    .slice(0, 34);
  return `${answer.code ?? '–'} ${words}`;
}

/** All mechanisms and cases of one client, in one run of its program. */
async function runTable(client: MongoTestClient): Promise<void> {
  traces.length = 0;
  const rows = MECHANISMS.flatMap((asked) => {
    const cases = NOT_SPOKEN[client.name]?.includes(asked) ? CASES.slice(0, 1) : CASES;
    return cases.map((each) => ({ asked, each }));
  });
  const answers = await client.login(rows.map(({ asked, each }) => uriOf(each, asked)));
  for (const lab of labs.values()) await expect.poll(() => lab.connections).toBe(0);
  expect(answers).toHaveLength(rows.length);
  for (const asked of MECHANISMS) {
    const own = rows.flatMap((row, at) => (row.asked === asked ? [shown(answers[at])] : []));
    table.push([client.name, asked || '(negotiated)', ...own]);
  }
  rows.forEach(({ asked, each }, at) => {
    const answer = answers[at];
    if (NOT_SPOKEN[client.name]?.includes(asked)) {
      expect(answer).toMatchObject({ message: expect.stringMatching(/authMechanism/) });
    } else {
      check(each, asked, answer);
    }
  });
}

/** The certificate is the credential: with a user for it, without one, where the mechanism is disabled, and without TLS. */
async function runX509(client: MongoTestClient): Promise<void> {
  traces.length = 0;
  const uri = (lab: string, options: Record<string, string>) => {
    const query = new URLSearchParams({
      authMechanism: 'MONGODB-X509',
      authSource: '$external',
      connectTimeoutMS: '2000',
      serverSelectionTimeoutMS: '2000',
      ...options,
    });
    return `mongodb://localhost:${labs.get(lab)?.port}/?${query}`;
  };
  const answers = await client.login([
    uri('tls', { tls: 'true', tlsCAFile: caFile, tlsCertificateKeyFile: pemFile('app_client') }),
    uri('tls', { tls: 'true', tlsCAFile: caFile, tlsCertificateKeyFile: pemFile('stranger') }),
    uri('without MONGODB-X509', {
      tls: 'true',
      tlsCAFile: pemFile('other-ca'),
      tlsCertificateKeyFile: pemFile('other_client'),
    }),
    uri('plain', {}),
  ]);
  for (const lab of labs.values()) await expect.poll(() => lab.connections).toBe(0);
  const [known, unknown, disabled, plain] = answers.map(shown);
  table.push([client.name, 'MONGODB-X509', '', known, '', unknown, '', disabled, plain]);
  expect(answers[0]).toEqual({ users: ['CN=app_client'] });
  for (const refused of answers.slice(1)) expect(refused).toHaveProperty('message');
  const codes = traces.flatMap(({ trace }) =>
    trace.auth.mechanism === 'MONGODB-X509' ? [trace.error?.code] : [],
  );
  // Let in; no user for the subject; disabled. Without TLS some do not even ask; to those that do it is 17.
  const expected = [undefined, '18', '2', ...(codes.includes('17') ? ['17'] : [])];
  expect(new Set(codes)).toEqual(new Set(expected));
}

function printTable(skipped: readonly string[]): void {
  const widths = table[0].map((_cell, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  const lines = table.map((row) => row.map((cell, column) => cell.padEnd(widths[column])).join('  '));
  for (const reason of skipped) lines.push(`skipped: ${reason}`);
  process.stdout.write(`\n${lines.join('\n')}\n`);
}

const { clients, skipped } = await programClients();

describe('clients against the lab’s mongos', () => {
  beforeAll(async () => {
    const scram = ['SCRAM-SHA-1', 'SCRAM-SHA-256'] as const;
    await addLab('plain', {});
    await addLab('tls', { tls: true });
    await addLab('without SCRAM', { service: { mechanisms: ['MONGODB-CR'] } });
    await addLab('without SCRAM-SHA-256', { service: { mechanisms: ['MONGODB-CR', 'SCRAM-SHA-1'] } });
    await addLab('without SCRAM-SHA-1', { service: { mechanisms: ['MONGODB-CR', 'SCRAM-SHA-256'] } });
    await addLab('without MONGODB-CR', { service: { mechanisms: scram } });
    await addLab('without MONGODB-X509', { tls: true, service: { mechanisms: scram } });
    await issue('tls', 'app_client');
    await issue('tls', 'stranger', false);
    await issue('without MONGODB-X509', 'other_client');
    writeFileSync(caFile, labs.get('tls')?.caCertificatePem ?? '');
    writeFileSync(pemFile('other-ca'), labs.get('without MONGODB-X509')?.caCertificatePem ?? '');
  });

  afterAll(async () => {
    await Promise.all([...labs.values()].map((lab) => lab.close()));
    rmSync(folder, { recursive: true, force: true });
    printTable(skipped);
  });

  for (const client of [...nodeDrivers(), ...clients]) {
    it(`${client.name}: every mechanism, let in and refused`, () => runTable(client), 180_000);
    it(`${client.name}: client certificates`, () => runX509(client), 60_000);
  }
  for (const reason of skipped) it.skip(`skipped: ${reason}`, () => {});
});
