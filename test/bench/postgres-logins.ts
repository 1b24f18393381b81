/**
 * PostgreSQL logins over TLS with SCRAM. First how long one takes, to ReadyForQuery and against one and the same server: our Connect Test,
 * `pg`, and libpq reconnecting inside one psql. Then how many a second pgbench gets from the lab's backend and from PostgreSQL.
 */
import { DATABASE, PostgresServer, ROLES } from '../record/postgres-server';
import { type Connector, oursConnector, pgConnector, psqlConnector } from './postgres-connectors';
import { compareRates, startLab } from './postgres-rates';
import { median, show, turns, verdict } from './report';

const ROUNDS = 15;
const CONNECTIONS = 20;

/** Connections before the clock counts, so that what is compared is compiled: a client that stays connects more than once. */
const WARM_UP = 60;

/** Of the time of the others, in their order. */
const TARGETS = [1.0, 1.3];

async function compareTimes(connectors: readonly Connector[]): Promise<void> {
  const times = connectors.map((): number[] => []);
  for (const { connect } of connectors) await connect(WARM_UP);
  for (let round = 0; round < ROUNDS; round++) {
    for (const i of turns(connectors.length, round)) times[i].push(await connectors[i].connect(CONNECTIONS));
  }
  process.stdout.write(
    `Time to ReadyForQuery, TLS and SCRAM-SHA-256: ${ROUNDS} rounds of ${CONNECTIONS} connections each, medians\n`,
  );
  connectors.forEach(({ name }, i) => {
    const ratio = median(times[0].map((mine, round) => mine / times[i][round]));
    const words = `   ours takes ${ratio.toFixed(2)} of it ${verdict(ratio, { atMost: TARGETS[i - 1] })}`;
    show(name, `${median(times[i]).toFixed(2).padStart(6)} ms${i === 0 ? '' : words}`);
  });
}

const [, , bin, lib, psql, program, labModule] = process.argv;
const { user, password } = ROLES.scram;
const server = await PostgresServer.start(bin);

/** The same role with so many iterations on both servers, and also a lab that makes traces if wanted. */
async function ratesWith(iterations: number, traced: boolean): Promise<void> {
  await server.sql(`SET scram_iterations = ${iterations}; ALTER ROLE ${user} PASSWORD '${password}'`);
  const labs = [await startLab(labModule, iterations)];
  try {
    if (traced) labs.push(await startLab(labModule, iterations, true));
    const postgres = { name: 'PostgreSQL 18', port: server.port, user, password, database: DATABASE };
    const places = [...labs.map((lab) => lab.place), postgres];
    await compareRates({ program, library: lib }, `scram_iterations = ${iterations}`, places);
  } finally {
    for (const lab of labs) await lab.stop();
  }
}

try {
  const target = { host: server.host, port: server.port, user, password, database: DATABASE };
  const libpq = psqlConnector(target, psql, lib);
  try {
    await compareTimes([oursConnector(target), pgConnector(target), libpq]);
  } finally {
    libpq.stop();
  }
  if (program) {
    // One iteration: what is left is the servers' own work.
    await ratesWith(1, true);
    await ratesWith(4096, false);
    process.stdout.write(
      '  With 4096, the default, pgbench computes the PBKDF2 of each login on the processors that the servers run on, which bounds the ratio\n' +
        '  whatever a server does. The figure of the servers themselves is the one with one iteration.\n',
    );
  } else {
    show('pgbench', 'skipped: not on this machine');
  }
} finally {
  await server.stop();
}
