import { CAUSES, type CauseCode } from '../diagnosis/catalogue';
import { verdictOf } from '../diagnosis/render';
import { RUN_WORDS } from '../diagnosis/words/en/runs';
import type { Trace } from '../trace/model';

/** Hosts named one by one; a seed list of real use has three or five. */
const NAMED = 5;

/** How far an attempt came, by its cause: what came later says more about why an application cannot connect. */
const DISTANCE: readonly (readonly [RegExp, number])[] = [
  [/^LIVE_/, 0],
  [/^TCP_/, 0],
  [/^PG_(TLS|SSL|GSS|PLAIN|CLOSED|DIRECT|HBA|ALPN)/, 1],
  [/^(TLS|SERVICE|CAPTURE)_/, 1],
];
const LOGIN = 2;

function distance({ diagnosis }: Trace): number {
  return DISTANCE.find(([codes]) => codes.test(diagnosis.code))?.[1] ?? LOGIN;
}

/**
 * The attempt that tells why a run failed: the one that came furthest, and of several the first. With sslmode=prefer the password refused
 * inside TLS counts, and not that pg_hba.conf has no line for the attempt in the clear. Of equal causes the last one counts.
 */
export function decisiveOf(traces: readonly Trace[]): Trace | undefined {
  let best: Trace | undefined;
  for (const trace of traces) {
    const further = best === undefined || distance(trace) > distance(best);
    if (further || trace.diagnosis.code === best?.diagnosis.code) best = trace;
  }
  // A second connection was made to find out why the server closed, see `probe.ts`.
  if (best?.diagnosis.code !== 'MONGO_CLOSED_ON_HELLO') return best;
  return traces.find(({ diagnosis }) => diagnosis.code === 'TCP_CLOSED_AT_ONCE') ?? best;
}

/** Whether a connection that was opened is of use to an application, as far as its cause tells. */
export function isUsable({ diagnosis, outcome }: Trace): boolean {
  const severity = CAUSES[diagnosis.code as CauseCode]?.severity ?? diagnosis.severity;
  return outcome === 'ready' && diagnosis.severity !== 'error' && severity !== 'error';
}

/**
 * The verdict over all attempts of a run.
 *
 * @param targets what the user calls the server of each trace: `host:port`
 * @param hosts how many hosts there are to try
 */
export function verdictOfRun(
  traces: readonly Trace[],
  targets: readonly string[],
  hosts: number,
  decisive: Trace,
  connected: boolean,
): string {
  const byTarget = new Map<string, Trace[]>();
  traces.forEach((trace, at) => {
    const target = targets[at] ?? '';
    byTarget.set(target, [...(byTarget.get(target) ?? []), trace]);
  });
  const used = targets[traces.indexOf(decisive)];
  const failed = [...byTarget].flatMap(([target, list]) => {
    const trace = decisiveOf(list);
    return trace === undefined || (connected && target === used) ? [] : [[target, trace] as const];
  });
  if (hosts < 2 || failed.length === 0 || (!connected && failed.length < 2))
    return verdictOf(decisive.diagnosis);
  const sentences = failed.slice(0, NAMED).map(([target, { diagnosis }]) => {
    const named = diagnosis.what.includes(target.replace(/:\d+$/, ''));
    return named ? diagnosis.what : RUN_WORDS.AT_HOST({ target, what: diagnosis.what });
  });
  if (failed.length > NAMED) sentences.push(RUN_WORDS.MORE_HOSTS({ more: failed.length - NAMED }));
  if (connected) {
    const before = RUN_WORDS.HOSTS_BEFORE({ failed: failed.length, hosts });
    return [verdictOf(decisive.diagnosis), before, ...sentences].join(' ');
  }
  const next = decisive.diagnosis.next.slice(0, 1).map(({ text }) => text);
  return [RUN_WORDS.NO_HOST({ hosts }), ...sentences, ...next].join(' ');
}
