/** Logins to a server of MongoDB's protocol, one after the other by several clients at once. */
import { randomBytes } from 'node:crypto';
import type { Effect, Machine } from '../../src/base/machine';
import { dial } from '../../src/live/dial';
import { runMachine } from '../../src/live/driver';
import { ConnectionRecorder } from '../../src/live/recorder';
import { Transport } from '../../src/live/transport';
import { DriverConnection } from '../../src/mongodb/client';

export const HOST = '127.0.0.1';
export const PASSWORD = 'correct horse';

/** Salted passwords by salt and iteration count, as drivers may remember them (Authentication specification, Caching). */
export type Remembered = Map<string, Uint8Array>;

/** A client that derives a key only once for each salt. */
function remembering(driver: DriverConnection, keys: Remembered): Machine {
  const wanted = new Map<number, string>();
  const machine: Machine = Object.create(driver, {
    handleConnected: { value: () => driver.handleConnected() },
    handleBytes: { value: (bytes: Uint8Array) => driver.handleBytes(bytes) },
    handleTimer: { value: (id: string) => driver.handleTimer(id) },
    handleClosed: { value: () => driver.handleClosed() },
    state: { get: () => driver.state },
    handleDerived: {
      value: (id: number, key: Uint8Array) => {
        keys.set(wanted.get(id) ?? '', key);
        driver.handleDerived(id, key);
      },
    },
    pollEffect: {
      value: (): Effect | undefined => {
        for (let effect = driver.pollEffect(); effect; effect = driver.pollEffect()) {
          if (effect.type !== 'derive') return effect;
          const name = `${effect.iterations} ${Buffer.from(effect.salt).toString('base64')}`;
          const known = keys.get(name);
          if (!known) {
            wanted.set(effect.id, name);
            return effect;
          }
          driver.handleDerived(effect.id, known);
        }
        return undefined;
      },
    },
  });
  return machine;
}

/** One login as Connect Test makes it. The transport is open afterwards. */
export async function login(
  port: number,
  user: string,
  keys?: Remembered,
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
  readonly keys: Remembered | undefined;
  user(client: number): string;
}

/** Each client logs in again and again. @returns logins a second */
export async function rate({ port, clients, seconds, keys, user }: Load): Promise<number> {
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
  return done / ((performance.now() - started) / 1_000);
}
