import { mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeWith } from '../support/toolchain';
import { ours, psqlClient, type RunClient } from './clients';
import { type Combination, knownTo15 } from './combination';
import { DIFFERENCES, listedDifference } from './differences';
import type { Observation } from './events';
import { buildKeyLogShim } from './keylog-shim';
import { inPool, observe } from './run';
import { Servers } from './servers';
import { allCombinations } from './table';

/** What each combination gave, event by event where it differs. */
const REPORT = 'out/parity.txt';

/** Combinations at a time: more would only wait for the processors. */
const AT_ONCE = 4;

type Oracle = 'libpq 18' | 'libpq 15';

/** What ours and one real libpq did. */
interface Comparison {
  readonly oracle: Oracle;
  readonly real: Observation;
  readonly mine: Observation;
  readonly equal: boolean;
}

const only = process.env.PARITY_ONLY;
const combinations = allCombinations().filter(({ name }) => !only || name.includes(only));

await describeWith('Parity with libpq', ['postgres18', 'postgres15'], ({ postgres18, postgres15 }) => {
  let servers: Servers;
  const results = new Map<string, readonly Comparison[]>();

  beforeAll(async () => {
    const started = Date.now();
    servers = await Servers.start({ 18: postgres18.bin, 15: postgres15.bin });
    const program = `${postgres15.bin}/psql`;
    const { folder } = servers;
    const keyLogShim = await buildKeyLogShim(folder);
    const oracles: Record<Oracle, RunClient> = {
      'libpq 18': psqlClient({ program, library: postgres18.lib, keyLogOption: true, folder }),
      'libpq 15': psqlClient({ program, keyLogShim, keyLogOption: false, folder }),
    };
    const ready = Date.now();
    await inPool(combinations, AT_ONCE, async (combination) => {
      results.set(combination.name, await compare(combination, oracles, servers));
    });
    process.stdout.write(
      `servers ready in ${((ready - started) / 1000).toFixed(1)} s, combinations run in ${((Date.now() - ready) / 1000).toFixed(1)} s\n`,
    );
  });
  afterAll(() => servers?.stop());

  it('runs every combination under a name of its own', () => {
    expect(new Set(combinations.map(({ name }) => name)).size).toBe(combinations.length);
  });

  describe('each combination is as with the real libpq, or differs as listed', () => {
    it.each(combinations)('$name', (combination) => {
      for (const { oracle, real, mine, equal } of results.get(combination.name) ?? []) {
        const listed = listedDifference(combination.name, oracle);
        if (listed) continue;
        expect({ oracle, ...shown(mine) }, mine.message).toEqual({ oracle, ...shown(real) });
        expect(equal).toBe(true);
      }
    });
  });

  it('lists no difference that no longer occurs', () => {
    if (only) return;
    const idle = DIFFERENCES.filter(
      (difference) =>
        !combinations.some(({ name }) =>
          results
            .get(name)
            ?.some(({ oracle, equal }) => !equal && listedDifference(name, oracle) === difference),
        ),
    );
    expect(idle.map(({ id }) => id)).toEqual([]);
  });

  it('prints the sum', () => {
    const all = [...results.values()];
    mkdirSync('out', { recursive: true });
    writeFileSync(REPORT, report(results));
    const equal = all.filter((comparisons) => comparisons.every((comparison) => comparison.equal)).length;
    const with15 = all.flat().filter(({ oracle }) => oracle === 'libpq 15').length;
    const closed = all.flat().filter(({ real }) => real.closed).length;
    process.stdout.write(
      `combinations ${all.length}, equal ${equal}, listed differences ${all.length - equal}\n` +
        `compared with libpq 18 in ${all.length}, with libpq 15 in ${with15}; TLS not opened in ${closed}\n`,
    );
  });
});

/**
 * What crosses on the wire may arrive in either order, and a reset may overtake what was sent before it: a difference that is not
 * listed counts when it is seen every time.
 */
const LOOKS = 3;

async function compare(
  combination: Combination,
  oracles: Record<Oracle, RunClient>,
  servers: Servers,
): Promise<Comparison[]> {
  let mine = await observe(combination, ours, servers);
  const comparisons: Comparison[] = [];
  for (const oracle of ['libpq 18', 'libpq 15'] as const) {
    if (oracle === 'libpq 15' && !knownTo15(combination)) continue;
    let real = await observe(combination, oracles[oracle], servers);
    for (let look = 1; look < LOOKS && !same(mine, real); look++) {
      if (listedDifference(combination.name, oracle)) break;
      mine = await observe(combination, ours, servers);
      real = await observe(combination, oracles[oracle], servers);
    }
    comparisons.push({ oracle, real, mine, equal: same(mine, real) });
  }
  return comparisons;
}

function same(mine: Observation, real: Observation): boolean {
  return JSON.stringify(shown(mine)) === JSON.stringify(shown(real));
}

function shown({ outcome, events }: Observation): Pick<Observation, 'outcome' | 'events'> {
  return { outcome, events };
}

function report(results: ReadonlyMap<string, readonly Comparison[]>): string {
  const lines: string[] = [];
  for (const [name, comparisons] of results) {
    for (const { oracle, real, mine, equal } of comparisons) {
      const listed = equal ? undefined : listedDifference(name, oracle);
      lines.push(`${equal ? '=' : listed ? '~' : '!'} ${name} (${oracle})${listed ? `: ${listed.id}` : ''}`);
      if (equal) continue;
      for (const [who, seen] of [
        ['libpq', real],
        ['ours', mine],
      ] as const) {
        lines.push(`    ${who}: ${seen.outcome}; ${seen.message.split('\n').join(' | ')}`);
        for (const event of seen.events) lines.push(`      ${event}`);
      }
    }
  }
  return `${lines.join('\n')}\n`;
}
