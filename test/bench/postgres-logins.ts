/**
 * PostgreSQL logins over TLS with SCRAM. First how long one takes, to ReadyForQuery and against one and the same server: our Connect Test,
 * `pg`, and libpq reconnecting inside one psql. Then how many a second pgbench gets from the lab's backend and from PostgreSQL.
 */
import { execFile } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { spawnTethered } from '../../scripts/toolchain/tether.mjs';
import { LAB_DATABASE, LAB_PASSWORD, POSTGRES_ACCOUNTS } from '../../src/lab/accounts';
import { clientEnvironment, DATABASE, PostgresServer, ROLES } from '../record/postgres-server';
import { type Connector, oursConnector, pgConnector, psqlConnector } from './postgres-connectors';

const ROUNDS = 15;
const CONNECTIONS = 20;
const RATE_ROUNDS = 3;
const SECONDS = 4;
const CLIENTS = 8;

/** PostgreSQL's default; and one, where it is not the client's PBKDF2 that takes the time of both. */
const ITERATIONS = [4096, 1];

const execute = promisify(execFile);

/** One server as pgbench is told of it. */
interface Place {
  readonly name: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const show = (name: string, value: string): void => {
  process.stdout.write(`  ${name.padEnd(44)} ${value}\n`);
};

/** Every connector in turn, each round beginning with another: what the machine does besides hits all alike. */
async function compareTimes(connectors: readonly Connector[]): Promise<void> {
  const times = connectors.map((): number[] => []);
  for (const { connect } of connectors) await connect(CONNECTIONS);
  for (let round = 0; round < ROUNDS; round++) {
    for (let turn = 0; turn < connectors.length; turn++) {
      const i = (round + turn) % connectors.length;
      times[i].push(await connectors[i].connect(CONNECTIONS));
    }
  }
  process.stdout.write(
    `Time to ReadyForQuery, TLS and SCRAM-SHA-256: ${ROUNDS} rounds of ${CONNECTIONS} connections each, medians\n`,
  );
  connectors.forEach(({ name }, i) => {
    const ratio = median(times[0].map((mine, round) => mine / times[i][round]));
    const beside = i === 0 ? '' : `   ours takes ${ratio.toFixed(2)} of it`;
    show(name, `${median(times[i]).toFixed(2).padStart(6)} ms${beside}`);
  });
}

async function rate(program: string, library: string, script: string, place: Place): Promise<number> {
  const args = ['-h', '127.0.0.1', '-p', String(place.port), '-U', place.user, '-n', '-C', '-M', 'simple'];
  const load = ['-c', String(CLIENTS), '-j', '2', '-T', String(SECONDS), '-f', script, place.database];
  const env = {
    ...clientEnvironment(),
    PGPASSWORD: place.password,
    PGSSLMODE: 'require',
    PGGSSENCMODE: 'disable',
    LD_LIBRARY_PATH: library,
  };
  const { stdout } = await execute(program, [...args, ...load], { env });
  const failed = /number of failed transactions: (\d+)/.exec(stdout)?.[1] ?? '0';
  const tps = /^tps = ([\d.]+)/m.exec(stdout)?.[1];
  if (tps === undefined || failed !== '0') throw new Error(`pgbench against ${place.name}:\n${stdout}`);
  return Number(tps);
}

async function compareRates(
  program: string,
  library: string,
  iterations: number,
  places: readonly Place[],
): Promise<void> {
  const script = path.join(tmpdir(), `handshake-bench-${process.pid}.sql`);
  writeFileSync(script, 'SELECT 1;\n');
  const rates = places.map((): number[] => []);
  try {
    for (let round = 0; round < RATE_ROUNDS; round++) {
      for (const [i, place] of places.entries()) rates[i].push(await rate(program, library, script, place));
    }
  } finally {
    rmSync(script, { force: true });
  }
  process.stdout.write(
    `pgbench -C, TLS and SCRAM-SHA-256, scram_iterations = ${iterations}: ${CLIENTS} clients, ${RATE_ROUNDS} rounds of ${SECONDS} s each, medians\n`,
  );
  places.forEach(({ name }, i) => {
    const ratio = median(rates[0].map((mine, round) => mine / rates[i][round]));
    const beside = i === 0 ? '' : `   the lab accepts ${ratio.toFixed(2)} times as many`;
    show(name, `${median(rates[i]).toFixed(0).padStart(6)} connections/s${beside}`);
  });
}

/** The lab in a process of its own, as the server it stands beside has. */
async function startLab(
  module: string,
  iterations: number,
): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const program = spawnTethered(process.execPath, [module, String(iterations)]);
  let errors = '';
  program.process.stderr.on('data', (text: Buffer) => {
    errors += text.toString();
  });
  const port = await new Promise<number>((resolve, reject) => {
    program.process.stdout.once('data', (text: Buffer) => resolve(Number(text.toString())));
    void program.exited.then(() => reject(new Error(`the lab did not start:\n${errors}`)));
  });
  return { port, stop: () => program.stop() };
}

const [, , bin, lib, psql, pgbench, labModule] = process.argv;
const { user, password } = ROLES.scram;
const server = await PostgresServer.start(bin);
try {
  const target = { host: server.host, port: server.port, user, password, database: DATABASE };
  const libpq = psqlConnector(target, psql, lib);
  try {
    await compareTimes([oursConnector(target), pgConnector(target), libpq]);
  } finally {
    libpq.stop();
  }
  if (pgbench) {
    for (const iterations of ITERATIONS) {
      const alter = `ALTER ROLE ${user} PASSWORD '${password}'`;
      await server.sql(`SET scram_iterations = ${iterations}; ${alter}`);
      const lab = await startLab(labModule, iterations);
      const labPlace: Place = {
        name: "the lab's backend",
        port: lab.port,
        user: POSTGRES_ACCOUNTS[0].user,
        password: LAB_PASSWORD,
        database: LAB_DATABASE.postgres,
      };
      try {
        await compareRates(pgbench, lib, iterations, [labPlace, { name: 'PostgreSQL 18', ...target }]);
      } finally {
        await lab.stop();
      }
    }
  } else {
    show('pgbench', 'skipped: not on this machine');
  }
} finally {
  await server.stop();
}
