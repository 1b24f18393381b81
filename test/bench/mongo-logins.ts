/**
 * Authenticated connections per second: through mongos with its users in the cache, with every login fetching from mongod over the
 * wire, and against FerretDB where it can be had. The client is ours and the same for all; most of its time is PBKDF2.
 */
import { randomBytes } from 'node:crypto';
import { MONGO_ACCOUNTS } from '../../src/lab/accounts';
import { type MongoLab, startMongoLab } from '../../src/lab/mongo-lab';
import { dial } from '../../src/live/dial';
import { runMachine } from '../../src/live/driver';
import { ConnectionRecorder } from '../../src/live/recorder';
import { Transport } from '../../src/live/transport';
import { DriverConnection } from '../../src/mongodb/client';
import { startFerretDb } from '../support/ferretdb';

const SECONDS = 5;
const WORKERS = 4;
const PASSWORD = 'correct horse';
const HOST = '127.0.0.1';

const userOf = (worker: number): string => `user_${worker}`;

/** One login as Connect Test makes it. The transport is open afterwards. */
async function login(port: number, user: string): Promise<Transport> {
  const endpoint = { address: HOST, port };
  const recorder = new ConnectionRecorder('live', 'mongodb', { address: HOST, port: 0 }, endpoint);
  const socket = await dial({ address: HOST, port, timeoutMs: 5_000 }, recorder);
  const transport = new Transport(socket, 'client', recorder);
  const machine = new DriverConnection({
    user,
    password: PASSWORD,
    mechanism: 'SCRAM-SHA-256',
    connectTimeoutMs: 0,
    random: randomBytes,
  });
  const end = await runMachine(machine, {
    transport,
    stepMs: 10_000,
    stopAtReady: true,
    startTls: () => Promise.reject(new Error('no TLS here')),
  });
  if (end.kind !== 'ready') throw new Error(`login as ${user} ended ${end.kind} in ${end.state}`);
  return transport;
}

/** Logs in again and again, each worker as a user of its own, and gives the rate. */
async function rate(port: number, user: (worker: number) => string): Promise<number> {
  (await login(port, user(0))).destroy();
  let done = 0;
  const started = performance.now();
  const until = started + SECONDS * 1_000;
  await Promise.all(
    Array.from({ length: WORKERS }, async (_none, worker) => {
      while (performance.now() < until) {
        await (await login(port, user(worker))).end();
        done++;
      }
    }),
  );
  return done / ((performance.now() - started) / 1_000);
}

async function withLab<T>(work: (lab: MongoLab) => Promise<T>): Promise<T> {
  const [account] = MONGO_ACCOUNTS;
  const accounts = Array.from({ length: WORKERS }, (_none, worker) => ({
    ...account,
    user: userOf(worker),
    password: PASSWORD,
  }));
  const lab = await startMongoLab({ accounts });
  try {
    return await work(lab);
  } finally {
    await lab.close();
  }
}

/** A user stays in the cache as long as a connection holds it. */
function warm(): Promise<number> {
  return withLab(async (lab) => {
    const held = await Promise.all(
      Array.from({ length: WORKERS }, (_none, worker) => login(lab.port, userOf(worker))),
    );
    try {
      return await rate(lab.port, userOf);
    } finally {
      for (const transport of held) transport.destroy();
    }
  });
}

/** Nobody holds a user, and no two logins share one: each is fetched. */
function cold(): Promise<number> {
  return withLab((lab) => rate(lab.port, userOf));
}

async function ferret(program: string): Promise<number> {
  const server = await startFerretDb(program, { user: { name: userOf(0), password: PASSWORD } });
  try {
    return await rate(server.port, () => userOf(0));
  } finally {
    await server.stop();
  }
}

const show = (name: string, value: string): void => {
  process.stdout.write(`  ${name.padEnd(44)} ${value}\n`);
};
const perSecond = (value: number): string => `${value.toFixed(0).padStart(6)} logins/s`;

process.stdout.write(`SCRAM-SHA-256, 15,000 iterations, ${WORKERS} clients at once, ${SECONDS} s each\n`);
show('mongos, users in the cache', perSecond(await warm()));
show('mongos, every user fetched from mongod', perSecond(await cold()));
const [, , program, reason] = process.argv;
if (program) show('FerretDB', perSecond(await ferret(program)));
else show('FerretDB', `skipped: ${reason}`);
