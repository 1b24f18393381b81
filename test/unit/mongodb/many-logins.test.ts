/** A thousand clients at once, every message by hand: how often mongod is asked. No sleeping: the schedule is stepped. */
import { describe, expect, it } from 'vitest';
import { mongoCrKey, mongoPasswordDigest } from '../../../src/auth/mongodb-cr';
import type { FetchEffect } from '../../../src/mongodb/server/authorization-manager';
import { MongosConnection } from '../../../src/mongodb/server/connection';
import { buildMsg } from '../../../src/mongodb/wire/wire-build';
import { documentOf } from './peer';
import { type Lab, makeLab } from './support';

const CLIENTS = 1_000;
const PASSWORD = 'correct horse';

class Crowd {
  readonly connections: MongosConnection[] = [];
  /** Fetches that mongos has asked for and that are not answered, with whoever asked. */
  readonly pending: { readonly effect: FetchEffect; readonly asker: MongosConnection }[] = [];
  readonly fetched = { fetchVersion: 0, fetchUser: 0 };
  readonly outcomes = new Map<MongosConnection, unknown>();
  #most = 0;

  constructor(
    private readonly lab: Lab,
    private readonly userOf: (index: number) => string,
  ) {
    for (let i = 0; i < CLIENTS; i++) {
      const connection = new MongosConnection(lab.service, {
        remote: `127.0.0.1:${10_000 + i}`,
        wake: () => this.#drain(connection),
      });
      this.connections.push(connection);
      connection.handleConnected();
      this.#drain(connection);
    }
  }

  /** Most fetches that were under way at one time. */
  get most(): number {
    return this.#most;
  }

  get loggedIn(): number {
    return [...this.outcomes.values()].filter((ok) => ok === 1).length;
  }

  login(index: number): void {
    const connection = this.connections[index];
    const nonce = String(this.#run(connection, { getnonce: 1 })?.nonce);
    const user = this.userOf(index);
    const key = mongoCrKey(nonce, user, mongoPasswordDigest(user, PASSWORD));
    this.#run(connection, { authenticate: 1, user, nonce, key });
  }

  answer(): void {
    const next = this.pending.shift();
    if (!next) throw new Error('nothing was asked');
    const { effect, asker } = next;
    if (effect.type === 'fetchVersion') asker.handleVersion(effect.id, this.lab.store.fetchVersion());
    else asker.handleUser(effect.id, this.lab.store.fetchUser(effect));
    for (const connection of this.connections) this.#drain(connection);
  }

  #run(connection: MongosConnection, command: Record<string, unknown>) {
    connection.handleBytes(buildMsg(1, 0, { ...command, $db: 'admin' }));
    return this.#drain(connection);
  }

  #drain(connection: MongosConnection) {
    let reply: Record<string, unknown> | undefined;
    for (let effect = connection.pollEffect(); effect; effect = connection.pollEffect()) {
      if (effect.type === 'write') {
        reply = documentOf(effect.bytes);
        if (reply.nonce === undefined) this.outcomes.set(connection, reply.ok);
      } else if (effect.type === 'fetchVersion' || effect.type === 'fetchUser') {
        this.fetched[effect.type]++;
        this.pending.push({ effect, asker: connection });
        this.#most = Math.max(this.#most, this.pending.length);
      }
    }
    return reply;
  }
}

async function crowd(users: number): Promise<{ readonly lab: Lab; readonly crowd: Crowd }> {
  const mechanisms = ['MONGODB-CR'] as const;
  const names = Array.from({ length: users }, (_none, i) => `user_${i}`);
  const lab = await makeLab(names.map((user) => ({ user, db: 'admin', password: PASSWORD, mechanisms })));
  return { lab, crowd: new Crowd(lab, (index) => names[index % users]) };
}

describe('a thousand first logins at once', () => {
  it('of one user cause exactly one fetch, and all are let in by it', async () => {
    const { lab, crowd: all } = await crowd(1);
    for (let i = 0; i < CLIENTS; i++) all.login(i);
    expect([all.loggedIn, all.pending.length, lab.service.users.waiting]).toEqual([0, 1, CLIENTS - 1]);
    while (all.pending.length > 0) all.answer();
    expect(all.fetched).toEqual({ fetchVersion: 1, fetchUser: 1 });
    expect([all.loggedIn, lab.service.users.cachedUsers]).toEqual([CLIENTS, 1]);
    for (const connection of all.connections) connection.handleClosed();
    expect([lab.service.users.cachedUsers, lab.service.connections]).toEqual([0, 0]);
  });

  it('of a thousand users have at most one fetch under way', async () => {
    const { lab, crowd: all } = await crowd(CLIENTS);
    for (let i = 0; i < CLIENTS; i++) all.login(i);
    while (all.pending.length > 0) all.answer();
    expect(all.most).toBe(1);
    expect(all.fetched).toEqual({ fetchVersion: 1, fetchUser: CLIENTS });
    expect([all.loggedIn, lab.service.users.cachedUsers]).toEqual([CLIENTS, CLIENTS]);
  });

  it('leave nothing stale behind when the user changes in mid-fetch', async () => {
    const { lab, crowd: all } = await crowd(1);
    for (let i = 0; i < CLIENTS; i++) all.login(i);
    all.answer();
    const [{ effect, asker }] = all.pending.splice(0);
    if (effect.type !== 'fetchUser') throw new Error(effect.type);
    const old = lab.store.fetchUser(effect);
    lab.store.dropUser(effect);
    lab.service.users.invalidateUserByName(effect);
    asker.handleUser(effect.id, old);
    expect(lab.service.users.isCached(effect)).toBe(false);
    for (const connection of all.connections) {
      for (let next = connection.pollEffect(); next; next = connection.pollEffect()) {
        if (next.type === 'fetchUser') all.pending.push({ effect: next, asker: connection });
      }
    }
    while (all.pending.length > 0) all.answer();
    // The one whose fetch it was may use what it got; nobody who came after it.
    expect(all.loggedIn).toBeLessThanOrEqual(1);
    expect(lab.service.users.cachedUsers).toBe(0);
  });
});
