import { expect, it } from 'vitest';
import { freePort } from '../support/free-port';
import { run } from './support';

/** With two orders at random, one and the same forty times in a row is chance once in 2^39. */
const RUNS = 40;

/** The addresses of the first and the last attempt, over many runs. */
async function orders(loadBalanceHosts: string): Promise<Set<string>> {
  const port = await freePort();
  const seen = new Set<string>();
  for (let i = 0; i < RUNS; i++) {
    const { traces } = await run(`postgresql://app_user@127.0.0.1:${port},127.0.0.2:${port}/`, {
      sslmode: 'disable',
      load_balance_hosts: loadBalanceHosts,
    });
    seen.add(traces.map((trace) => trace.server.address).join(' then '));
  }
  return seen;
}

it('tries hosts as written', async () => {
  expect([...(await orders('disable'))]).toEqual(['127.0.0.1 then 127.0.0.2']);
});

it('tries hosts at random when told to', async () => {
  expect([...(await orders('random'))].toSorted()).toEqual([
    '127.0.0.1 then 127.0.0.2',
    '127.0.0.2 then 127.0.0.1',
  ]);
});
