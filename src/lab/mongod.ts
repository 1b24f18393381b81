import { randomBytes } from 'node:crypto';
import type { FetchEffect } from '../mongodb/server/authorization-manager';
import { MongosService, type ServiceOptions } from '../mongodb/server/service';
import { INTERNAL_USER, type UserDocument } from '../mongodb/server/user-document';
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
  /** `__system` with its credentials, for the other servers that have the key file. */
  readonly internalUser: UserDocument;
  /** By the port of a client: the trace for whose sake it connects. */
  readonly causes: Map<number, string>;
}

export async function startMongod({ host, store, nextId, service }: MongodOptions): Promise<Mongod> {
  const keyFile = randomBytes(48).toString('base64');
  const internalUser = await makeInternalUser(keyFile);
  const causes = new Map<number, string>();
  const mongod = new MongosService({ ...service, store, internalUser, random: randomBytes, now: Date.now });
  const answer = (effect: FetchEffect): void => {
    // In a turn of its own: the connection that asks is in the middle of its effects.
    setImmediate(() => {
      const { users } = mongod;
      if (effect.type === 'fetchVersion') users.handleVersion(effect.id, store.fetchVersion());
      else users.handleUser(effect.id, store.fetchUser(effect));
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
  return { server, keyFile, internalUser, causes };
}

/** `__system` is in no collection: every server makes it from the key file. */
async function makeInternalUser(password: string): Promise<UserDocument> {
  const mechanisms = ['MONGODB-CR', 'SCRAM-SHA-1'] as const;
  const made = await makeCredentials({ ...INTERNAL_USER, password }, mechanisms, derive, randomBytes);
  if (!made.ok) throw new Error(made.status.message);
  return { ...INTERNAL_USER, credentials: made.value, roles: [{ role: '__system', db: 'admin' }] };
}
