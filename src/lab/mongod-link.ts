import { randomBytes } from 'node:crypto';
import { dial } from '../live/dial';
import { runMachine } from '../live/driver';
import { ConnectionRecorder } from '../live/recorder';
import { Transport } from '../live/transport';
import type { FetchEffect } from '../mongodb/server/authorization-manager';
import type { UserCacheInvalidator } from '../mongodb/server/cache-invalidator';
import {
  fetchCommand,
  GENERATION_COMMAND,
  type RemoteCommand,
  readGeneration,
  readUser,
  readVersion,
} from '../mongodb/server/external-state';
import { RemoteClient } from '../mongodb/server/remote-client';
import { ScramClientCache } from '../mongodb/server/scram-client-cache';
import type { MongosService } from '../mongodb/server/service';
import type { Result } from '../mongodb/server/status';
import { INTERNAL_USER } from '../mongodb/server/user-document';
import type { Document } from '../mongodb/wire/bson';
import type { Mongod } from './mongod';

/** Longest wait of mongos for its mongod, milliseconds. */
const WAIT_MS = 10_000;

type Ask = (remote: RemoteCommand) => Promise<Result<Document>>;

/**
 * mongos' way to its mongod: over the wire, as `__system`. Every fetch phase has a connection of its own, so that it is a trace of its
 * own; a mongos would take one from its pool.
 */
export class MongodLink {
  readonly #aborter = new AbortController();
  readonly #open = new Set<Promise<void>>();
  readonly #keys = new ScramClientCache();

  constructor(
    private readonly mongod: Mongod,
    private readonly service: MongosService,
    /** The trace of a client connection, by the number that mongos gave it. */
    private readonly traceOf: (connectionId: number) => string | undefined,
  ) {}

  /** Fetches, and goes on with what the same client's login needs next. */
  answer(first: FetchEffect): void {
    const cause = first.requester === undefined ? undefined : this.traceOf(first.requester);
    this.#run(cause, async (ask) => {
      let effect: FetchEffect | undefined = first;
      while (effect) {
        await this.#fetch(ask, effect);
        const next = this.service.users.pollEffect();
        const another: boolean = next !== undefined && next.requester !== first.requester;
        if (next && another) this.answer(next);
        effect = another ? undefined : next;
      }
    });
  }

  /** Has the cache forgotten when mongod's users have changed. */
  checkGeneration(invalidator: UserCacheInvalidator): Promise<void> {
    return this.#run(undefined, async (ask) => {
      const reply = await ask(GENERATION_COMMAND);
      invalidator.handleGeneration(reply.ok ? readGeneration(reply.value) : reply);
    });
  }

  async close(): Promise<void> {
    this.#aborter.abort();
    await Promise.all([...this.#open]);
  }

  async #fetch(ask: Ask, effect: FetchEffect): Promise<void> {
    const reply = await ask(fetchCommand(effect));
    const { users } = this.service;
    if (effect.type === 'fetchVersion') {
      users.handleVersion(effect.id, reply.ok ? readVersion(reply.value) : reply);
    } else {
      const { user, db } = effect;
      users.handleUser(effect.id, reply.ok ? readUser(reply.value, { user, db }) : reply);
    }
  }

  #run(cause: string | undefined, work: (ask: Ask) => Promise<void>): Promise<void> {
    const running = this.#connect(cause, work).finally(() => this.#open.delete(running));
    this.#open.add(running);
    return running;
  }

  /** Never rejects: without a connection every command is answered with why. */
  async #connect(cause: string | undefined, work: (ask: Ask) => Promise<void>): Promise<void> {
    const client = this.#client();
    let poke = (): void => {};
    const working = work(
      (remote) =>
        new Promise((resolve) => {
          client.ask(remote, resolve);
          poke();
        }),
    ).then(() => {
      client.end();
      poke();
    });
    const { host, port } = this.mongod.server;
    const { signal } = this.#aborter;
    const recorder = new ConnectionRecorder(
      'live',
      'mongodb',
      { address: host, port: 0 },
      { address: host, port },
    );
    try {
      const socket = await dial({ address: host, port, timeoutMs: WAIT_MS, signal }, recorder);
      if (cause !== undefined) this.mongod.causes.set(recorder.client.port, cause);
      const transport = new Transport(socket, 'client', recorder);
      await runMachine(client, {
        transport,
        signal,
        stepMs: WAIT_MS,
        idleMs: WAIT_MS,
        stopAtReady: false,
        startTls: () => Promise.reject(new Error('the mongod has no TLS')),
        onStart: (given) => {
          poke = given;
        },
      });
      transport.destroy();
    } catch {
      // Not listening any more, or the lab is closed: what waits is told below.
    }
    client.handleClosed();
    await working;
  }

  #client(): RemoteClient {
    return new RemoteClient(
      {
        user: INTERNAL_USER.user,
        authSource: INTERNAL_USER.db,
        password: this.mongod.keyFile,
        mechanism: 'SCRAM-SHA-1',
        appName: 'mongos',
        connectTimeoutMs: 0,
        random: randomBytes,
      },
      this.#keys,
    );
  }
}
