/** A capture's causes by server: what a person with a thousand failed connections wants to read first. */
import type { Diagnosis, DiagnosisSeverity } from '../trace/diagnosis';
import type { CauseSummary, Trace } from '../trace/model';
import { endpointText } from '../trace/places';
import { groupText } from './words/en/runs';

/** Causes at servers that are told apart; a capture of a port scan has one for each port. What comes after them is not summed up. */
const MOST_GROUPS = 10_000;
/** Rows of a summary. */
const MOST_ROWS = 100;
const MOST_NAMES = 10;
const MOST_TRACES = 100;
/** Clients of one row that are told apart. */
const MOST_CLIENTS = 10_000;

const RANK: Readonly<Record<DiagnosisSeverity, number>> = { error: 3, warning: 2, info: 1, ok: 0 };

interface Group {
  readonly code: string;
  severity: DiagnosisSeverity;
  readonly server: string;
  readonly clients: Set<string>;
  readonly users: Set<string>;
  readonly traces: string[];
  readonly what: string;
  /** Whether every one of them reads as the first does. */
  alike: boolean;
  count: number;
  firstTime: string;
  lastTime: string;
}

/** Takes the traces of one capture, in any order and without their secrets, and sums up their causes. Memory is bounded however many come. */
export class SummaryBuilder {
  readonly #groups = new Map<string, Group>();

  add({ id, diagnosis, client, server, auth, startTime }: Trace): void {
    const key = `${diagnosis.code} ${server.address} ${server.port}`;
    let group = this.#groups.get(key);
    if (group === undefined) {
      if (this.#groups.size >= MOST_GROUPS) return;
      group = groupOf(diagnosis, endpointText(server), startTime);
      this.#groups.set(key, group);
    }
    group.count++;
    if (RANK[diagnosis.severity] > RANK[group.severity]) group.severity = diagnosis.severity;
    if (diagnosis.what !== group.what) group.alike = false;
    if (startTime < group.firstTime) group.firstTime = startTime;
    if (startTime > group.lastTime) group.lastTime = startTime;
    if (group.clients.size < MOST_CLIENTS) group.clients.add(client.address);
    if (auth.user !== null && group.users.size < MOST_NAMES) group.users.add(auth.user);
    if (group.traces.length < MOST_TRACES) group.traces.push(id);
  }

  /** The gravest first, of those the most frequent; at most a hundred rows. */
  finish(): CauseSummary[] {
    return [...this.#groups.values()].sort(graver).slice(0, MOST_ROWS).map(rowOf);
  }
}

/** The same for traces that are all there. */
export function summaryOf(traces: readonly Trace[]): CauseSummary[] {
  const builder = new SummaryBuilder();
  for (const trace of traces) builder.add(trace);
  return builder.finish();
}

function groupOf({ code, severity, what }: Diagnosis, server: string, time: string): Group {
  return {
    code,
    severity,
    server,
    clients: new Set(),
    users: new Set(),
    traces: [],
    what,
    alike: true,
    count: 0,
    firstTime: time,
    lastTime: time,
  };
}

function graver(a: Group, b: Group): number {
  const byRank = RANK[b.severity] - RANK[a.severity] || b.count - a.count;
  return byRank || (a.firstTime < b.firstTime ? -1 : a.firstTime > b.firstTime ? 1 : 0);
}

function rowOf({ clients, users, what, alike, ...group }: Group): CauseSummary {
  return {
    ...group,
    clients: [...clients].slice(0, MOST_NAMES),
    clientCount: clients.size,
    users: [...users],
    what: groupText(group.count, clients.size, what, alike),
  };
}
