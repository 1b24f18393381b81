import { createHmac, pbkdf2Sync } from 'node:crypto';
import type { DeriveEffect, Effect, RandomBytes } from '../../../src/base/machine';
import type { Side } from '../../../src/base/mark';
import { DriverConnection } from '../../../src/mongodb/client/client';
import type { DriverOptions } from '../../../src/mongodb/client/client-options';
import { MongosConnection } from '../../../src/mongodb/server/connection';
import type { MongosEffect } from '../../../src/mongodb/server/effects';
import { MongosService, type ServiceOptions } from '../../../src/mongodb/server/service';
import { type NewUser, UserStore } from '../../../src/mongodb/server/user-store';

/** Repeatable bytes that no two seeds share. */
export function seededRandom(seed: string): RandomBytes {
  let counter = 0;
  return (length) => {
    const parts: Uint8Array[] = [];
    for (let have = 0; have < length; have += 32) {
      parts.push(createHmac('sha256', seed).update(String(counter++)).digest());
    }
    return new Uint8Array(Buffer.concat(parts).subarray(0, length));
  };
}

export function derive(
  request: Pick<DeriveEffect, 'hash' | 'password' | 'salt' | 'iterations' | 'length'>,
): Uint8Array {
  const { password, salt, iterations, length, hash } = request;
  return new Uint8Array(pbkdf2Sync(password, salt, iterations, length, hash));
}

export interface Lab {
  readonly service: MongosService;
  readonly store: UserStore;
  readonly log: string[];
}

export async function makeLab(
  users: readonly NewUser[],
  options: Partial<ServiceOptions> = {},
  schema = 5,
): Promise<Lab> {
  const log: string[] = [];
  const random = seededRandom('server');
  const service = new MongosService({
    random,
    now: () => 0,
    log: (entry) => log.push(`${entry.component} ${entry.message}`),
    ...options,
  });
  const store = new UserStore({ schemaVersion: schema });
  for (const user of users) {
    const made = await store.createUser(user, derive, random);
    if (!made.ok) throw new Error(made.status.message);
  }
  return { service, store, log };
}

export type PairEvent =
  | { readonly kind: 'open'; readonly from: Side }
  | { readonly kind: 'bytes'; readonly from: Side; readonly bytes: Uint8Array }
  | { readonly kind: 'close'; readonly from: Side };

export interface PairResult {
  readonly client: DriverConnection;
  readonly server: MongosConnection;
  readonly events: PairEvent[];
  readonly effects: Effect[];
  readonly error: Extract<Effect, { type: 'fail' }>['error'] | undefined;
  readonly ready: boolean;
}

export interface PairHooks {
  /** Sees each event as it happens, before the peer handles it. */
  readonly watch?: (event: PairEvent, client: DriverConnection, server: MongosConnection) => void;
  /** May change what the server sends. */
  readonly tamper?: (bytes: Uint8Array) => Uint8Array;
  readonly password?: string;
  readonly tlsSubject?: string;
}

/** Runs a driver against a mongos in memory until neither has anything to do. Time-outs never run out, sleeps take no time. */
export function runPair(lab: Lab, options: Partial<DriverOptions>, hooks: PairHooks = {}): PairResult {
  const client = new DriverConnection({ random: seededRandom('client'), ...options });
  const server = new MongosConnection(lab.service, { remote: '127.0.0.1:50000' });
  const events: PairEvent[] = [];
  const effects: Effect[] = [];
  let error: PairResult['error'];
  let ready = false;
  let closed = false;
  const happen = (event: PairEvent): void => {
    events.push(event);
    hooks.watch?.(event, client, server);
  };
  happen({ kind: 'open', from: 'client' });
  happen({ kind: 'open', from: 'server' });
  const outcome = {
    ok: true,
    alpn: null,
    version: 'TLSv1.3',
    peerCertificate: null,
    peerSubject: hooks.tlsSubject ?? null,
  };
  server.handleConnected();
  client.handleConnected();
  for (let turn = 0; turn < 1_000; turn++) {
    const fromClient = client.pollEffect();
    if (fromClient) {
      effects.push(fromClient);
      switch (fromClient.type) {
        case 'write':
          if (closed) break;
          happen({ kind: 'bytes', from: 'client', bytes: fromClient.bytes });
          server.handleBytes(fromClient.bytes);
          break;
        case 'derive':
          client.handleDerived(fromClient.id, derive(fromClient));
          break;
        case 'startTls':
          client.handleTls(outcome);
          break;
        case 'askPassword':
          if (hooks.password !== undefined) client.handlePassword(hooks.password);
          break;
        case 'fail':
          error = fromClient.error;
          break;
        case 'ready':
          ready = true;
          break;
        case 'close':
          if (!closed) happen({ kind: 'close', from: 'client' });
          closed = true;
          server.handleClosed();
          break;
        case 'timer':
          break;
      }
      continue;
    }
    const fromServer = server.pollEffect();
    if (!fromServer) break;
    answer(lab, server, fromServer);
    if (fromServer.type === 'write' && !closed) {
      const bytes = hooks.tamper ? hooks.tamper(fromServer.bytes) : fromServer.bytes;
      happen({ kind: 'bytes', from: 'server', bytes });
      client.handleBytes(bytes);
    } else if (fromServer.type === 'startTls') {
      server.handleTls(outcome);
    } else if (fromServer.type === 'close' && !closed) {
      closed = true;
      happen({ kind: 'close', from: 'server' });
      client.handleClosed();
    }
  }
  return { client, server, events, effects, error, ready };
}

/** Answers the effects of a server that need no peer. */
export function answer(lab: Lab, server: MongosConnection, effect: MongosEffect): void {
  switch (effect.type) {
    case 'fetchVersion':
      server.handleVersion(effect.id, lab.store.fetchVersion());
      break;
    case 'fetchUser':
      server.handleUser(effect.id, lab.store.fetchUser(effect));
      break;
    case 'derive':
      server.handleDerived(effect.id, derive(effect));
      break;
    case 'timer':
      server.handleTimer(effect.id);
      break;
  }
}
