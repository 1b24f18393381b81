import { execFile } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { spawnTethered } from '../../scripts/toolchain/tether.mjs';
import { LAB_DATABASE, LAB_PASSWORD, POSTGRES_ACCOUNTS } from '../../src/lab/accounts';
import { clientEnvironment } from '../record/postgres-server';
import { median, show, turns, verdict } from './report';

/** Odd, so that the median is one that was measured. */
const ROUNDS = 5;
const SECONDS = 4;

/** Until a Node process under load has compiled what it runs: the rate rises for about so long. Both servers get it. */
const WARM_UP_SECONDS = 10;

/**
 * As many as there are connections: pgbench opens one after the other in each thread, and waits for it. With fewer threads fewer logins
 * are under way at once than `-c` says, and what is measured is how long one takes.
 */
const CLIENTS = 8;

/** How many times as many connections as PostgreSQL the lab should take. */
const TARGET = { atLeast: 2 };

const execute = promisify(execFile);

/** One server as pgbench is told of it. */
export interface Place {
  readonly name: string;
  /** It does more than the server it stands beside: no target is set for it. */
  readonly more?: boolean;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

export interface Pgbench {
  readonly program: string;
  /** Folder of the libpq to use. */
  readonly library: string;
}

async function rate(
  { program, library }: Pgbench,
  script: string,
  place: Place,
  seconds: number,
): Promise<number> {
  const args = ['-h', '127.0.0.1', '-p', String(place.port), '-U', place.user, '-n', '-C', '-M', 'simple'];
  const count = String(CLIENTS);
  const load = ['-c', count, '-j', count, '-T', String(seconds), '-f', script, place.database];
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

/** Connections a second of each place, beside those of the last one. */
export async function compareRates(pgbench: Pgbench, title: string, places: readonly Place[]): Promise<void> {
  const script = path.join(tmpdir(), `handshake-bench-${process.pid}.sql`);
  writeFileSync(script, 'SELECT 1;\n');
  const rates = places.map((): number[] => []);
  try {
    for (const place of places) await rate(pgbench, script, place, WARM_UP_SECONDS);
    for (let round = 0; round < ROUNDS; round++) {
      for (const i of turns(places.length, round)) {
        rates[i].push(await rate(pgbench, script, places[i], SECONDS));
      }
    }
  } finally {
    rmSync(script, { force: true });
  }
  process.stdout.write(
    `pgbench -C, TLS and SCRAM-SHA-256, ${title}: ${CLIENTS} clients, ${ROUNDS} rounds of ${SECONDS} s each, medians\n`,
  );
  const theirs = rates[places.length - 1];
  places.forEach(({ name, more }, i) => {
    const ratio = median(rates[i].map((one, round) => one / theirs[round]));
    const judged = more ? '' : ` ${verdict(ratio, TARGET)}`;
    const beside = rates[i] === theirs ? '' : `   ${ratio.toFixed(2)} times as many${judged}`;
    show(name, `${median(rates[i]).toFixed(0).padStart(6)} connections/s${beside}`);
  });
}

/**
 * The lab in a process of its own, as the server it stands beside has.
 *
 * @param module bundle of postgres-lab-process
 * @param traced every connection is recorded and its trace made, as on the command line
 */
export async function startLab(
  module: string,
  iterations: number,
  traced = false,
): Promise<{ readonly place: Place; stop(): Promise<void> }> {
  const args = [module, String(iterations), ...(traced ? ['traced'] : [])];
  const program = spawnTethered(process.execPath, args);
  let errors = '';
  program.process.stderr.on('data', (text: Buffer) => {
    errors += text.toString();
  });
  const port = await new Promise<number>((resolve, reject) => {
    program.process.stdout.once('data', (text: Buffer) => resolve(Number(text.toString())));
    void program.exited.then(() => reject(new Error(`the lab did not start:\n${errors}`)));
  });
  const place = {
    name: traced ? 'the lab, decoding each for a trace' : "the lab's backend",
    more: traced,
    port,
    user: POSTGRES_ACCOUNTS[0].user,
    password: LAB_PASSWORD,
    database: LAB_DATABASE.postgres,
  };
  return { place, stop: () => program.stop() };
}
