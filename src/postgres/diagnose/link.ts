import type { Trace } from '../../trace/model';
import { makeFinding } from './findings';

/** Longest pause between a failure and the attempt that follows it, in milliseconds. */
const RETRY_WINDOW = 5_000;

/** How many earlier attempts are looked at: a client fails once and tries again at once. */
const LOOK_BACK = 50;

/** Marks the attempts that try an earlier one again; traces are in order of start. See {@link RetryLinker}. */
export function linkRetries(traces: readonly Trace[]): void {
  const linker = new RetryLinker();
  for (const trace of traces) linker.add(trace);
}

/** An attempt that may be tried again. */
interface GivenUp {
  readonly trace: Trace;
  /** How many traces came before it. */
  readonly order: number;
  readonly encryption: 'TLS' | 'plain';
  /** When it ended, in milliseconds since 1970. */
  readonly end: number;
}

/**
 * Marks the attempts that try an earlier one again with another encryption, as libpq does under sslmode=prefer and allow, and adds
 * the finding for it. Takes traces one by one in order of start; the latest failure without a successor is taken. It looks among the last
 * {@link LOOK_BACK} traces and keeps those of them that gave up.
 */
export class RetryLinker {
  readonly #givenUp: GivenUp[] = [];
  #added = 0;

  /** A trace added is final: nothing that comes later changes it. */
  add(trace: Trace): void {
    const order = this.#added++;
    const known = this.#givenUp;
    if (known.length > 0 && order - known[0].order > LOOK_BACK) known.shift();
    if (trace.protocol !== 'postgres') return;
    if (trace.retryOf === null && trace.outcome !== 'cancel') this.#link(trace);
    if (!gaveUp(trace)) return;
    known.push({ trace, order, encryption: encryption(trace), end: startOf(trace) + trace.durationMs });
  }

  #link(again: Trace): void {
    const known = this.#givenUp;
    for (let j = known.length - 1; j >= 0; j--) {
      if (!isRetry(known[j], again)) continue;
      const [first] = known.splice(j, 1);
      again.retryOf = first.trace.id;
      const frames = [first.trace, again].flatMap((trace) => trace.steps[0]?.frames ?? []);
      const what = `${first.encryption}, then ${encryption(again)}`;
      if (countsAsLogin(first.trace)) again.findings.push(makeFinding('PG_DOUBLE_LOGIN', frames, what));
      return;
    }
  }
}

function isRetry({ trace: first, encryption: before, end }: GivenUp, again: Trace): boolean {
  if (first.client.address !== again.client.address) return false;
  if (first.server.address !== again.server.address || first.server.port !== again.server.port) return false;
  // Who closed early inside TLS that nobody has keys for tries again with a plain start without SSLRequest.
  if (first.outcome === 'encrypted' && (again.ssl.requested || again.ssl.direct)) return false;
  if (before === encryption(again)) return false;
  if (differs(first.auth.user, again.auth.user) || differs(first.auth.database, again.auth.database))
    return false;
  const pause = startOf(again) - end;
  return pause > -1000 && pause <= RETRY_WINDOW;
}

/** Failed visibly, or closed early inside TLS that nobody has keys for. */
function gaveUp({ outcome, steps }: Trace): boolean {
  if (outcome === 'failed') return true;
  const last = outcome === 'encrypted' ? steps.at(-1)?.message : undefined;
  return last === 'FIN' || last === 'RST';
}

/** Milliseconds since 1970. */
function startOf(trace: Trace): number {
  return Date.parse(trace.startTime);
}

/** Both known, and not the same: then it is somebody else. */
function differs(a: string | null, b: string | null): boolean {
  return a !== null && b !== null && a !== b;
}

/** The server counted a failed login only if the client got as far as its answer. */
function countsAsLogin(trace: Trace): boolean {
  return trace.auth.outcome === 'failed';
}

function encryption(trace: Trace): 'TLS' | 'plain' {
  return trace.tls !== null || trace.ssl.direct || trace.ssl.answer === 'S' ? 'TLS' : 'plain';
}
