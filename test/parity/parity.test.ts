import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeWith } from '../support/toolchain';
import { ours, psqlClient } from './clients';
import { type Comparison, compare, report, shown } from './comparison';
import { DIFFERENCES } from './differences';
import { buildKeyLogShim } from './keylog-shim';
import { inPool } from './run';
import { Servers } from './servers';
import { allCombinations } from './table';

/** What each combination gave, event by event where it differs. */
const REPORT = 'out/parity.txt';

/** Combinations at a time: more would only wait for the processors. */
const AT_ONCE = 4;

/** Only combinations with this in their name, for looking into one. */
const only = process.env.PARITY_ONLY;
const combinations = allCombinations().filter(({ name }) => !only || name.includes(only));

await describeWith('Parity with libpq', ['postgres18', 'postgres15'], ({ postgres18, postgres15 }) => {
  let servers: Servers;
  const results = new Map<string, readonly Comparison[]>();

  beforeAll(async () => {
    const started = performance.now();
    servers = await Servers.start({ 18: postgres18.bin, 15: postgres15.bin });
    const program = `${postgres15.bin}/psql`;
    const { folder } = servers;
    const keyLogShim = await buildKeyLogShim(folder);
    const oracles = {
      'libpq 18': psqlClient({ program, library: postgres18.lib, keyLogOption: true, folder }),
      'libpq 15': psqlClient({ program, keyLogShim, keyLogOption: false, folder }),
    };
    const ready = performance.now();
    await inPool(combinations, AT_ONCE, async (combination) => {
      results.set(combination.name, await compare(combination, { ours, oracles }, servers));
    });
    mkdirSync('out', { recursive: true });
    writeFileSync(REPORT, report(results));
    process.stdout.write(
      `servers ready in ${seconds(ready - started)}, combinations run in ${seconds(performance.now() - ready)}\n`,
    );
  });
  afterAll(() => servers?.stop());

  it('runs every combination under a name of its own', () => {
    expect(new Set(combinations.map(({ name }) => name)).size).toBe(combinations.length);
  });

  describe('each combination is as with the real libpq, or differs as listed', () => {
    it.each(combinations)('$name', ({ name }) => {
      const comparisons = results.get(name) ?? [];
      expect(comparisons.length).toBeGreaterThan(0);
      for (const { oracle, real, mine, equal, listed } of comparisons) {
        if (equal || listed) continue;
        expect({ oracle, ...shown(mine) }, mine.message).toEqual({ oracle, ...shown(real) });
        expect.unreachable('what is shown is the same, what was compared is not');
      }
    });
  });

  it('lists what ARCHITECTURE.md lists', () => {
    const page = readFileSync('ARCHITECTURE.md', 'utf8');
    expect(DIFFERENCES.filter(({ id }) => !page.includes(`\n| ${id} |`)).map(({ id }) => id)).toEqual([]);
  });

  it.skipIf(only)('lists no difference that no longer occurs', () => {
    const occurring = new Set([...results.values()].flat().map(({ listed }) => listed?.id));
    expect(DIFFERENCES.filter(({ id }) => !occurring.has(id)).map(({ id }) => id)).toEqual([]);
  });

  it('prints the sum', () => {
    const all = [...results.values()];
    const equal = all.filter((comparisons) => comparisons.every((comparison) => comparison.equal)).length;
    const listed = all.filter(
      (comparisons) =>
        comparisons.some((comparison) => comparison.listed) &&
        comparisons.every((comparison) => comparison.equal || comparison.listed),
    ).length;
    const with15 = all.flat().filter(({ oracle }) => oracle === 'libpq 15').length;
    const closed = all.flat().filter(({ real }) => real.closed).length;
    process.stdout.write(
      `combinations ${all.length}, equal ${equal}, listed differences ${listed}\n` +
        `compared with libpq 18: ${all.length}, with libpq 15: ${with15}, of these without what is inside TLS: ${closed}\n`,
    );
    expect(equal + listed).toBe(all.length);
  });
});

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
