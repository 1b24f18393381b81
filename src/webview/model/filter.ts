import type { TraceRow } from '../../contract/values';
import type { Outcome, Protocol } from '../../trace/model';
import { endpointText, protocolName } from './text';

/**
 * The list's filter is one line of text: `@failed @mongodb billing`. Words beginning with `@` choose outcomes and protocols
 * (any of each kind), all other words must occur in the row.
 */
export interface Filter {
  readonly outcomes: ReadonlySet<Outcome>;
  readonly protocols: ReadonlySet<Protocol>;
  readonly words: readonly string[];
}

export const OUTCOMES: readonly Outcome[] = ['failed', 'ready', 'encrypted', 'incomplete', 'cancel'];
export const PROTOCOLS: readonly Protocol[] = ['postgres', 'mongodb'];

export function parseFilter(text: string): Filter {
  const outcomes = new Set<Outcome>();
  const protocols = new Set<Protocol>();
  const words: string[] = [];
  for (const word of text.toLowerCase().split(/\s+/)) {
    if (word === '') continue;
    const name = word.slice(1);
    const outcome = word[0] === '@' && OUTCOMES.find((known) => known === name);
    const protocol = word[0] === '@' && PROTOCOLS.find((known) => known === name);
    if (outcome) outcomes.add(outcome);
    else if (protocol) protocols.add(protocol);
    else words.push(word);
  }
  return { outcomes, protocols, words };
}

export function isEmptyFilter(filter: Filter): boolean {
  return filter.outcomes.size === 0 && filter.protocols.size === 0 && filter.words.length === 0;
}

/** Adds `@name` to the filter's text, or takes it out. */
export function toggleName(text: string, name: Outcome | Protocol): string {
  const token = `@${name}`;
  const words = text.split(/\s+/).filter((word) => word !== '');
  const without = words.filter((word) => word.toLowerCase() !== token);
  return (without.length < words.length ? without : [token, ...words]).join(' ');
}

/** What the words are looked for in; made once per row, because each key press asks for all rows. */
const haystacks = new WeakMap<TraceRow, string>();

function haystack(row: TraceRow): string {
  let text = haystacks.get(row);
  if (text === undefined) {
    text = [
      row.id,
      protocolName(row.protocol),
      endpointText(row.client),
      endpointText(row.server),
      row.mechanism,
      row.tls,
      row.user,
      row.outcome,
      row.verdict,
      row.cause,
    ]
      .filter(Boolean)
      .join('\n')
      .toLowerCase();
    haystacks.set(row, text);
  }
  return text;
}

export function matches(row: TraceRow, filter: Filter): boolean {
  if (filter.outcomes.size > 0 && !filter.outcomes.has(row.outcome)) return false;
  if (filter.protocols.size > 0 && !filter.protocols.has(row.protocol)) return false;
  if (filter.words.length === 0) return true;
  const text = haystack(row);
  return filter.words.every((word) => text.includes(word));
}

/** Rows per outcome and per protocol, for the filter's buttons. */
export function countNames(rows: readonly TraceRow[]): Map<Outcome | Protocol, number> {
  const counts = new Map<Outcome | Protocol, number>();
  for (const row of rows) {
    counts.set(row.outcome, (counts.get(row.outcome) ?? 0) + 1);
    counts.set(row.protocol, (counts.get(row.protocol) ?? 0) + 1);
  }
  return counts;
}
