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

/**
 * Marks the attempts that try an earlier one again with another encryption, as libpq does under sslmode=prefer and allow, and adds
 * the finding for it. Takes traces one by one in order of start; the latest failure without a successor is taken. It keeps no more than
 * the last {@link LOOK_BACK} of them.
 */
export class RetryLinker {
  readonly #recent: { readonly trace: Trace; retried: boolean }[] = [];

  /** A trace added is final: nothing that comes later changes it. */
  add(again: Trace): void {
    if (again.protocol === 'postgres' && again.retryOf === null && again.outcome !== 'cancel')
      this.#link(again);
    this.#recent.push({ trace: again, retried: false });
    if (this.#recent.length > LOOK_BACK) this.#recent.shift();
  }

  #link(again: Trace): void {
    for (let j = this.#recent.length - 1; j >= 0; j--) {
      const known = this.#recent[j];
      const first = known.trace;
      if (known.retried || !isRetry(first, again)) continue;
      known.retried = true;
      again.retryOf = first.id;
      const before = encryption(first);
      const after = encryption(again);
      const frames = [first, again].flatMap((trace) => trace.steps[0]?.frames ?? []);
      if (countsAsLogin(first))
        again.findings.push(makeFinding('PG_DOUBLE_LOGIN', frames, `${before}, then ${after}`));
      return;
    }
  }
}

function isRetry(first: Trace, again: Trace): boolean {
  if (first.protocol !== 'postgres' || !gaveUp(first, again)) return false;
  if (first.client.address !== again.client.address) return false;
  if (first.server.address !== again.server.address || first.server.port !== again.server.port) return false;
  if (encryption(first) === encryption(again)) return false;
  if (differs(first.auth.user, again.auth.user) || differs(first.auth.database, again.auth.database))
    return false;
  const pause = Date.parse(again.startTime) - (Date.parse(first.startTime) + first.durationMs);
  return pause > -1000 && pause <= RETRY_WINDOW;
}

/** Failed visibly, or closed early inside TLS that nobody has keys for, and followed by a plain start without SSLRequest. */
function gaveUp(first: Trace, again: Trace): boolean {
  if (first.outcome === 'failed') return true;
  const ended = /^(FIN|RST)$/.test(first.steps.at(-1)?.message ?? '');
  return first.outcome === 'encrypted' && ended && !again.ssl.requested && !again.ssl.direct;
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
