import { randomBytes } from 'node:crypto';
import type { FetchEffect } from '../mongodb/server/authorization-manager';
import { INTERNAL_USER } from '../mongodb/server/external-state';
import { MongosService, type ServiceOptions } from '../mongodb/server/service';
import { success } from '../mongodb/server/status';
import type { UserDocument } from '../mongodb/server/user-document';
import { makeCredentials, type UserStore } from '../mongodb/server/user-store';
import { derive } from './derive';
import { LoopbackServer } from './loopback-server';
import { serveMongo } from './serve-mongo';

export interface MongodOptions {
  readonly host: string;
  readonly store: UserStore;
  /** Numbers its connections along with those of mongos. */
  readonly nextId: () => number;
  readonly service?: Partial<Omit<ServiceOptions, 'random' | 'now' | 'store'>>;
}

/** The lab's mongod: the user store behind a listener of its own. */
export interface Mongod {
  readonly server: LoopbackServer;
  /** The password of `__system`, as both have it from the key file. */
  readonly keyFile: string;
  /** By the port of a client: the trace for whose sake it connects. */
  readonly causes: Map<number, string>;
}

export async function startMongod({ host, store, nextId, service }: MongodOptions): Promise<Mongod> {
  const keyFile = randomBytes(48).toString('base64');
  const internal = await internalUser(keyFile);
  const causes = new Map<number, string>();
  const mongod = new MongosService({ ...service, store, random: randomBytes, now: Date.now });
  const answer = (effect: FetchEffect): void => {
    // In a turn of its own: the connection that asks is in the middle of its effects.
    setImmediate(() => {
      const { users } = mongod;
      if (effect.type === 'fetchVersion') users.handleVersion(effect.id, store.fetchVersion());
      else users.handleUser(effect.id, isInternal(effect) ? success(internal) : store.fetchUser(effect));
      for (let next = users.pollEffect(); next; next = users.pollEffect()) answer(next);
    });
  };
  const server = await LoopbackServer.start(
    'mongodb',
    {
      host,
      port: 0,
      nextId,
      causeOf: ({ port }) => {
        const cause = causes.get(port);
        causes.delete(port);
        return cause;
      },
    },
    (transport, signal) =>
      serveMongo(mongod, {
        transport,
        signal,
        startTls: () => Promise.reject(new Error('this mongod has no TLS')),
        answer,
      }),
  );
  return { server, keyFile, causes };
}

function isInternal(name: { readonly user: string; readonly db: string }): boolean {
  return name.user === INTERNAL_USER.user && name.db === INTERNAL_USER.db;
}

/** `__system` is in no collection: every server makes it from the key file. */
async function internalUser(password: string): Promise<UserDocument> {
  const made = await makeCredentials({ ...INTERNAL_USER, password }, ['SCRAM-SHA-1'], derive, randomBytes);
  if (!made.ok) throw new Error(made.status.message);
  return { ...INTERNAL_USER, credentials: made.value, roles: [{ role: '__system', db: 'admin' }] };
}
