import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Run } from '../../../src/live/run';
import { memberProblem } from '../../../src/live/set-members';

/** Look-ups under way, by name. */
const pending = new Map<string, (addresses: string[]) => void>();
const asked: string[] = [];
let most = 0;

vi.mock('../../../src/live/resolve', () => ({
  resolveHost: (host: string, _timeoutMs: number, signal?: AbortSignal) =>
    new Promise<string[]>((resolve, reject) => {
      asked.push(host);
      pending.set(host, resolve);
      most = Math.max(most, pending.size);
      signal?.addEventListener('abort', () => reject(new Error('cancelled')));
    }),
}));

const USED = { host: 'db.example.test', address: '127.0.0.1', port: 27_017 };
const set = (count: number) => Array.from({ length: count }, (_, at) => `m${at}.example.test:27017`);
const newRun = (signal?: AbortSignal) => new Run({ timeoutMs: 5_000, signal }, 'unused', () => {});

describe('the members of a replica set', () => {
  beforeEach(() => {
    most = 0;
    asked.length = 0;
  });
  afterEach(() => pending.clear());

  it('are asked a few at a time, and all of them', async () => {
    const members = set(50);
    let over = false;
    const problem = memberProblem(members, USED, newRun()).finally(() => {
      over = true;
    });
    while (!over) {
      for (const [host, answer] of [...pending]) {
        pending.delete(host);
        // The address that was used already: reachable without a connection.
        answer([USED.address]);
      }
      await new Promise(setImmediate);
    }
    expect(await problem).toBeNull();
    expect(asked).toEqual(members.map((member) => member.replace(/:.*/, '')));
    expect(most).toBeLessThanOrEqual(5);
  });

  it('are not said to be out of reach when the user cancels while they are asked', async () => {
    const aborter = new AbortController();
    const problem = memberProblem(set(3), USED, newRun(aborter.signal));
    expect(pending.size).toBe(3);
    aborter.abort();
    expect(await problem).toBeNull();
  });

  it('are said to be out of reach when their names lead nowhere', async () => {
    const problem = memberProblem(set(3), USED, newRun());
    for (const answer of pending.values()) answer([]);
    expect(await problem).toEqual({
      names: 'm0.example.test:27017, m1.example.test:27017, m2.example.test:27017',
      lost: 3,
      members: 3,
    });
  });
});
