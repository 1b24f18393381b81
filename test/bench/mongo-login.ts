/** Logins to a server of MongoDB's protocol, one after the other by several clients at once. */
import { randomBytes } from 'node:crypto';
import type { Machine } from '../../src/base/machine';
import { dial } from '../../src/live/dial';
import { runMachine } from '../../src/live/driver';
import { ConnectionRecorder } from '../../src/live/recorder';
import { Transport } from '../../src/live/transport';
import { DriverConnection } from '../../src/mongodb/client/client';
import { CachedDerivation, type ScramClientCache } from '../../src/mongodb/server/scram-client-cache';

export const HOST = '127.0.0.1';
export const PASSWORD = 'correct horse';

/** A client that derives a key only once for each salt. */
function remembering(driver: DriverConnection, cache: ScramClientCache): Machine {
  const keys = new CachedDerivation(cache);
  return {
    get state() {
      return driver.state;
    },
    handleConnected: () => driver.handleConnected(),
    handleBytes: (bytes) => driver.handleBytes(bytes),
    handleTls: (outcome) => driver.handleTls(outcome),
    handlePassword: (password) => driver.handlePassword(password),
    handleTimer: (id) => driver.handleTimer(id),
    handleClosed: () => driver.handleClosed(),
    handleDerived: (id, key) => {
      keys.handleDerived(id, key);
      driver.handleDerived(id, key);
    },
    pollEffect: () => {
      for (let effect = driver.pollEffect(); effect; effect = driver.pollEffect()) {
        const known = effect.type === 'derive' ? keys.find(effect) : undefined;
        if (effect.type !== 'derive' || !known) return effect;
        driver.handleDerived(effect.id, known);
      }
      return undefined;
    },
  };
}

/** One login as Connect Test makes it. The transport is open afterwards. */
export async function login(
  port: number,
  user: string,
  keys?: ScramClientCache,
  keeps = false,
): Promise<Transport> {
  const endpoint = { address: HOST, port };
  const recorder = new ConnectionRecorder('live', 'mongodb', endpoint, { address: HOST, port: 0 }, keeps);
  const socket = await dial({ address: HOST, port, timeoutMs: 5_000 }, recorder);
  const transport = new Transport(socket, 'client', recorder);
  const driver = new DriverConnection({
    user,
    password: PASSWORD,
    mechanism: 'SCRAM-SHA-256',
    connectTimeoutMs: 0,
    random: randomBytes,
  });
  const end = await runMachine(keys ? remembering(driver, keys) : driver, {
    transport,
    stepMs: 20_000,
    stopAtReady: true,
    startTls: () => Promise.reject(new Error('no TLS here')),
  });
  if (end.kind !== 'ready') throw new Error(`login as ${user} ended ${end.kind} in ${end.state}`);
  return transport;
}

/** The iteration count that the server asks of this user's clients: `i=` of its server-first-message (RFC 5802 section 5.1). */
export async function iterationsOf(port: number, user: string): Promise<number> {
  const transport = await login(port, user, undefined, true);
  transport.destroy();
  const sent = transport.recorder
    .recording()
    .events.flatMap((event) =>
      event.kind === 'bytes' && event.from === 'server' ? [Buffer.from(event.bytes).toString('latin1')] : [],
    );
  const found = /,s=[A-Za-z0-9+/=]+,i=(\d+)/.exec(sent.join(''))?.[1];
  if (found === undefined) throw new Error('the server sent no iteration count');
  return Number(found);
}

export interface Load {
  readonly port: number;
  readonly clients: number;
  readonly seconds: number;
  readonly keys: ScramClientCache | undefined;
  user(client: number): string;
}

/** Each client logs in again and again. */
export async function rate({ port, clients, seconds, keys, user }: Load): Promise<{
  readonly logins: number;
  readonly perSecond: number;
}> {
  let done = 0;
  const started = performance.now();
  const until = started + seconds * 1_000;
  await Promise.all(
    Array.from({ length: clients }, async (_none, client) => {
      while (performance.now() < until) {
        await (await login(port, user(client), keys)).end();
        done++;
      }
    }),
  );
  return { logins: done, perSecond: done / ((performance.now() - started) / 1_000) };
}
