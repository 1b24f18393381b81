/**
 * Authenticated connections a second: through mongos with its user in the cache, with every login fetching from mongod over the wire,
 * and against FerretDB where it can be had, each a process of its own. The client is ours and the same for all, and so is the iteration
 * count, which is read from the conversation. Once each client derives its key anew, once it remembers it, so that the servers' own work
 * is seen.
 */
import { spawnTethered } from '../../scripts/toolchain/tether.mjs';
import { ScramClientCache } from '../../src/mongodb/server/scram-client-cache';
import { startFerretDb } from '../support/ferretdb';
import { iterationsOf, login, PASSWORD, rate } from './mongo-login';
import { processorTime } from './processor-time';

const ROUNDS = 5;
const SECONDS = 2;
const WARM_UP_SECONDS = 4;
const CLIENTS = 4;
/** Where FerretDB is not there to be asked: the server's default. */
const DEFAULT_ITERATIONS = 15_000;

interface Place {
  readonly name: string;
  readonly port: number;
  readonly tether: number | undefined;
  readonly user: (client: number) => string;
  stop(): Promise<void>;
}

const userOf = (client: number): string => `user_${client}`;

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const show = (name: string, value: string): void => {
  process.stdout.write(`  ${name.padEnd(44)} ${value}\n`);
};

async function startLab(module: string, iterations: number): Promise<Omit<Place, 'name' | 'user'>> {
  const program = spawnTethered(process.execPath, [module, PASSWORD, String(CLIENTS), String(iterations)]);
  let errors = '';
  program.process.stderr.on('data', (text: Buffer) => {
    errors += text.toString();
  });
  const port = await new Promise<number>((resolve, reject) => {
    program.process.stdout.once('data', (text: Buffer) => resolve(Number(text.toString())));
    void program.exited.then(() => reject(new Error(`the lab did not start:\n${errors}`)));
  });
  return { port, tether: program.process.pid, stop: () => program.stop() };
}

/** A user stays in the cache as long as a connection holds it; FerretDB has one user, so this has one. */
async function warmLab(module: string, iterations: number): Promise<Place> {
  const lab = await startLab(module, iterations);
  const held = await login(lab.port, userOf(0));
  return {
    ...lab,
    name: 'mongos, its user in the cache',
    user: () => userOf(0),
    stop: async () => {
      held.destroy();
      await lab.stop();
    },
  };
}

/** Nobody holds a user, and no two clients share one: each login fetches. */
async function coldLab(module: string, iterations: number): Promise<Place> {
  const lab = await startLab(module, iterations);
  return { ...lab, name: 'mongos, every user fetched from mongod', user: userOf };
}

/** Every place in turn, each round beginning with another: what the machine does besides hits all alike. */
async function compare(
  places: readonly Place[],
  how: string,
  newKeys: () => ScramClientCache | undefined,
): Promise<void> {
  const keys = places.map(newKeys);
  const rates = places.map((): number[] => []);
  const times = places.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (let turn = 0; turn < places.length; turn++) {
      const i = (round + turn) % places.length;
      const { port, user, tether } = places[i];
      const before = processorTime(tether);
      const done = await rate({ port, user, clients: CLIENTS, seconds: SECONDS, keys: keys[i] });
      rates[i].push(done.perSecond);
      const after = processorTime(tether);
      if (before !== undefined && after !== undefined) times[i].push((after - before) / done.logins);
    }
  }
  process.stdout.write(
    `${how}: ${CLIENTS} clients at once, ${ROUNDS} rounds of ${SECONDS} s each, medians\n`,
  );
  places.forEach(({ name }, i) => {
    const ratio = median(rates[0].map((mine, round) => mine / rates[i][round]));
    const beside = i === 0 ? '' : `   the cache takes ${ratio.toFixed(2)} times as many`;
    const time =
      times[i].length > 0 ? `, ${median(times[i]).toFixed(2)} ms of the server's processor each` : '';
    show(name, `${median(rates[i]).toFixed(0).padStart(6)} logins/s${time}${beside}`);
  });
}

const [, , labModule, program, reason] = process.argv;
const places: Place[] = [];
try {
  const ferret = program
    ? await startFerretDb(program, { user: { name: userOf(0), password: PASSWORD } })
    : undefined;
  const iterations = ferret ? await iterationsOf(ferret.port, userOf(0)) : DEFAULT_ITERATIONS;
  places.push(await warmLab(labModule, iterations), await coldLab(labModule, iterations));
  if (ferret) places.push({ ...ferret, name: 'FerretDB', user: () => userOf(0) });
  const asked = await Promise.all(places.map(({ port }) => iterationsOf(port, userOf(0))));
  if (new Set(asked).size !== 1) throw new Error(`iteration counts differ: ${asked.join(', ')}`);
  process.stdout.write(`MongoDB logins by SCRAM-SHA-256, ${iterations} iterations at every server\n`);
  // Until the machine code of what runs often is made: a server runs for days.
  for (const { port, user } of places) {
    await rate({ port, user, clients: CLIENTS, seconds: WARM_UP_SECONDS, keys: new ScramClientCache() });
  }
  await compare(places, 'each client derives its key', () => undefined);
  await compare(places, 'each client remembers its key', () => new ScramClientCache());
  if (!ferret) show('FerretDB', `skipped: ${reason}`);
} finally {
  for (const place of places) await place.stop();
}
