import type { RunClient } from './clients';
import { type Combination, knownTo15 } from './combination';
import { type Difference, listedDifference, type Oracle } from './differences';
import type { Observation } from './events';
import { observe } from './run';
import type { Servers } from './servers';

/** What ours and one real libpq did in one combination. */
export interface Comparison {
  readonly oracle: Oracle;
  readonly real: Observation;
  readonly mine: Observation;
  readonly equal: boolean;
  /** Why they differ, when that is meant. */
  readonly listed: Difference | undefined;
}

export interface Clients {
  readonly ours: RunClient;
  readonly oracles: Readonly<Record<Oracle, RunClient>>;
}

/**
 * What crosses on the wire may arrive in either order, and a reset may overtake what was sent before it: a difference that is not
 * listed counts when it is seen every time.
 */
const LOOKS = 3;

export async function compare(
  combination: Combination,
  clients: Clients,
  servers: Servers,
): Promise<Comparison[]> {
  const { name } = combination;
  let mine = await observe(combination, clients.ours, servers);
  const comparisons: Comparison[] = [];
  for (const oracle of ['libpq 18', 'libpq 15'] as const) {
    if (oracle === 'libpq 15' && !knownTo15(combination)) continue;
    let real = await observe(combination, clients.oracles[oracle], servers);
    let listed: Difference | undefined;
    for (let look = 1; !same(mine, real); look++) {
      listed = listedDifference(name, oracle, real, mine);
      if (listed || look === LOOKS) break;
      mine = await observe(combination, clients.ours, servers);
      real = await observe(combination, clients.oracles[oracle], servers);
    }
    const equal = same(mine, real);
    comparisons.push({ oracle, real, mine, equal, listed: equal ? undefined : listed });
  }
  return comparisons;
}

/** What is compared. Where TLS could not be opened, that line stands for what was inside on both sides. */
export function shown({ outcome, events }: Observation): Pick<Observation, 'outcome' | 'events'> {
  return { outcome, events };
}

function same(mine: Observation, real: Observation): boolean {
  if (!real.closed) return JSON.stringify(shown(mine)) === JSON.stringify(shown(real));
  return mine.outcome === real.outcome && visible(mine) === visible(real);
}

/** The events outside of TLS: each connection up to the moment when it is established. */
function visible({ events }: Observation): string {
  const kept: string[] = [];
  let inside = false;
  for (const event of events) {
    if (event.startsWith('connects to')) inside = false;
    if (!inside) kept.push(event);
    if (event.startsWith('TLS established')) inside = true;
  }
  return kept.join('; ');
}

/** Every combination with its result: how it ended where both are the same, event by event where they differ. */
export function report(results: ReadonlyMap<string, readonly Comparison[]>): string {
  const lines: string[] = [];
  for (const [name, comparisons] of results) {
    for (const { oracle, real, mine, equal, listed } of comparisons) {
      const mark = equal ? '=' : listed ? '~' : '!';
      const how = listed
        ? listed.id
        : `${real.outcome}, ${real.events.length} events, ${real.events.at(-1) ?? 'none'}`;
      lines.push(`${mark} ${name} (${oracle}): ${how}`);
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
