import { describe, expect, it } from 'vitest';
import {
  AuthorizationManager,
  type FetchEffect,
  type User,
} from '../../../src/mongodb/server/authorization-manager';
import { failure, type Result, success } from '../../../src/mongodb/server/status';
import type { UserDocument, UserName } from '../../../src/mongodb/server/user-document';

const NAME = { user: 'app_user', db: 'admin' };

function documentOf(name: UserName): UserDocument {
  return { ...name, credentials: { 'MONGODB-CR': 'digest' }, roles: [] };
}

/** A manager whose fetches are answered one at a time, by hand. */
class Schedule {
  readonly manager = new AuthorizationManager();
  readonly results: Result<User>[] = [];
  fetches = 0;
  pending: FetchEffect | undefined;

  login(name: UserName = NAME): void {
    this.manager.acquireUser(name, (result) => this.results.push(result));
    this.poll();
  }

  poll(): void {
    const effect = this.manager.pollEffect();
    if (!effect) return;
    if (this.pending) throw new Error('two fetches under way');
    this.pending = effect;
    if (effect.type === 'fetchUser') this.fetches++;
  }

  /** Answers the fetch under way. */
  answer(user?: Result<UserDocument>, version: Result<number> = success(5)): void {
    const effect = this.pending;
    if (!effect) throw new Error('no fetch under way');
    this.pending = undefined;
    if (effect.type === 'fetchVersion') this.manager.handleVersion(effect.id, version);
    else this.manager.handleUser(effect.id, user ?? success(documentOf(effect)));
    this.poll();
  }

  answerAll(): void {
    while (this.pending) this.answer();
  }

  get users(): User[] {
    return this.results.flatMap((result) => (result.ok ? [result.value] : []));
  }
}

describe('the user cache', () => {
  it('reads the schema version first, and once', () => {
    const schedule = new Schedule();
    schedule.login();
    expect(schedule.pending?.type).toBe('fetchVersion');
    schedule.answer();
    expect(schedule.pending).toMatchObject({ type: 'fetchUser', user: 'app_user', db: 'admin' });
    schedule.answer();
    schedule.login({ user: 'other', db: 'admin' });
    expect(schedule.pending?.type).toBe('fetchUser');
  });

  it('fetches once for 1,000 concurrent first logins of one user', () => {
    const schedule = new Schedule();
    for (let i = 0; i < 1_000; i++) schedule.login();
    expect(schedule.manager.waiting).toBe(999);
    schedule.answerAll();
    expect(schedule.fetches).toBe(1);
    expect(new Set(schedule.users).size).toBe(1);
    expect(schedule.users[0].refCount).toBe(1_000);
  });

  it('fetches 1,000 users one at a time', () => {
    const schedule = new Schedule();
    for (let i = 0; i < 1_000; i++) schedule.login({ user: `user${i}`, db: 'admin' });
    // `poll` throws where a second fetch begins before the first is answered.
    schedule.answerAll();
    expect(schedule.fetches).toBe(1_000);
    expect(schedule.users).toHaveLength(1_000);
  });

  it('drops a user with its last reference', () => {
    const schedule = new Schedule();
    schedule.login();
    schedule.login();
    schedule.answerAll();
    const [user] = schedule.users;
    schedule.manager.releaseUser(user);
    expect(schedule.manager.isCached(NAME)).toBe(true);
    schedule.manager.releaseUser(user);
    expect(schedule.manager.isCached(NAME)).toBe(false);
  });

  it.each(['name', 'other name', 'all'] as const)(
    'keeps nothing stale after an invalidation in mid-fetch (%s)',
    (what) => {
      const schedule = new Schedule();
      schedule.login();
      schedule.answer();
      if (what === 'all') schedule.manager.invalidateUserCache();
      else schedule.manager.invalidateUserByName(what === 'name' ? NAME : { user: 'other', db: 'admin' });
      schedule.answer();
      expect(schedule.users[0]).toMatchObject({ valid: false });
      expect(schedule.manager.isCached(NAME)).toBe(false);
      schedule.login();
      schedule.answerAll();
      expect(schedule.fetches).toBe(2);
      expect(schedule.users[1]).toMatchObject({ valid: true });
    },
  );

  it('lets a waiter fetch for itself when what it waited for was invalidated', () => {
    const schedule = new Schedule();
    schedule.login();
    schedule.login();
    schedule.answer();
    schedule.manager.invalidateUserByName(NAME);
    schedule.answerAll();
    expect(schedule.fetches).toBe(2);
    expect(schedule.users.map((user) => user.valid)).toEqual([false, true]);
  });

  it('marks handed out users on invalidation, and the version is read again', () => {
    const schedule = new Schedule();
    schedule.login();
    schedule.answerAll();
    schedule.manager.invalidateUserCache();
    expect(schedule.users[0].valid).toBe(false);
    schedule.login();
    expect(schedule.pending?.type).toBe('fetchVersion');
    schedule.answerAll();
    expect(schedule.users[1]).not.toBe(schedule.users[0]);
    // Giving back the invalid one must not drop the valid one.
    schedule.manager.releaseUser(schedule.users[0]);
    expect(schedule.manager.isCached(NAME)).toBe(true);
  });

  it.each([
    [1, 69, 'not supported after MongoDB version 2.6'],
    [4, 2, 'Illegal value for authorization data schema version, 4'],
    [99, 2, 'Illegal value for authorization data schema version, 99'],
  ])('schema version %i is error %i', (version, code, text) => {
    const schedule = new Schedule();
    schedule.login();
    while (schedule.pending) schedule.answer(undefined, success(version));
    expect(schedule.fetches).toBe(0);
    const [result] = schedule.results;
    expect(result.ok ? undefined : result.status.code).toBe(code);
    expect(result.ok ? '' : result.status.message).toContain(text);
  });

  it.each([2, 3, 5])('schema version %i is taken', (version) => {
    const schedule = new Schedule();
    schedule.login();
    while (schedule.pending) schedule.answer(undefined, success(version));
    expect(schedule.users).toHaveLength(1);
  });

  it('tries AuthSchemaIncompatible twice, reading the version again', () => {
    const schedule = new Schedule();
    schedule.login();
    const seen: string[] = [];
    while (schedule.pending) {
      seen.push(schedule.pending.type);
      schedule.answer(failure(69, 'upgrade under way'));
    }
    expect(seen).toEqual(['fetchVersion', 'fetchUser', 'fetchVersion', 'fetchUser']);
    expect(schedule.results[0].ok).toBe(false);
  });

  it('lets the next one try after a failure', () => {
    const schedule = new Schedule();
    schedule.login();
    schedule.login();
    schedule.answer();
    schedule.answer(failure(11, 'Could not find user'));
    schedule.answerAll();
    expect(schedule.results.map((result) => result.ok)).toEqual([false, true]);
  });

  it('answers a late or repeated fetch with nothing', () => {
    const schedule = new Schedule();
    schedule.login();
    const first = schedule.pending;
    schedule.answer();
    schedule.manager.handleVersion(first?.id ?? 0, success(1));
    schedule.manager.handleUser(9_999, success(documentOf(NAME)));
    schedule.answerAll();
    expect(schedule.users).toHaveLength(1);
  });
});

/**
 * Every order of three logins, their releases, one invalidation, and of each fetch's two halves: mongod reads the user, and its answer
 * arrives. In between the user may change.
 */
describe('every interleaving of three logins and one invalidation', () => {
  type Action = 'login' | 'invalidate' | 'read' | 'answer' | 'release';

  it('caches nothing stale, and never runs two fetches', () => {
    let explored = 0;
    const explore = (done: readonly Action[]): void => {
      const { schedule, enabled } = replay(done);
      explored++;
      check(schedule);
      for (const action of enabled) explore([...done, action]);
    };

    /** Documents carry how often the user had changed when mongod read it: a cached one must carry the present. */
    const replay = (actions: readonly Action[]) => {
      const schedule = new Schedule();
      let stored = 0;
      let logins = 0;
      let invalidations = 0;
      let released = 0;
      let read: string | undefined;
      for (const action of actions) {
        if (action === 'login') {
          logins++;
          schedule.login();
        } else if (action === 'invalidate') {
          invalidations++;
          // mongod changes the user, then tells mongos.
          stored++;
          schedule.manager.invalidateUserByName(NAME);
        } else if (action === 'release') {
          schedule.manager.releaseUser(schedule.users[released++]);
        } else if (action === 'read') {
          read = String(stored);
        } else {
          schedule.answer(success({ ...documentOf(NAME), roles: [{ role: read ?? '', db: 'admin' }] }));
          read = undefined;
        }
      }
      const enabled: Action[] = [];
      if (logins < 3) enabled.push('login');
      if (invalidations < 1) enabled.push('invalidate');
      if (schedule.pending) enabled.push(read === undefined ? 'read' : 'answer');
      if (released < schedule.users.length) enabled.push('release');
      return { schedule: Object.assign(schedule, { stored, released }), enabled };
    };

    const check = (schedule: Schedule & { stored: number; released: number }): void => {
      const held = schedule.users.slice(schedule.released);
      const valid = new Set(held.filter((user) => user.valid));
      // At most one valid copy, it is the cached one, and it is what mongod holds.
      expect(valid.size).toBeLessThanOrEqual(1);
      expect(schedule.manager.isCached(NAME)).toBe(valid.size === 1);
      for (const user of valid) expect(user.document.roles[0].role).toBe(String(schedule.stored));
      for (const user of new Set(held)) {
        expect(user.refCount).toBe(held.filter((other) => other === user).length);
      }
      expect(schedule.manager.waiting > 0 && !schedule.manager.fetching).toBe(false);
    };

    explore([]);
    expect(explored).toBeGreaterThan(5_000);
  });
});
