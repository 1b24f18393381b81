import type { Trace } from '../trace/model';
import { makeFinding } from './findings';

/** Longest pause between a failure and the attempt that follows it, in milliseconds. */
const RETRY_WINDOW = 5_000;

/** How many earlier attempts are looked at: a client fails once and tries again at once. */
const LOOK_BACK = 50;

/**
 * Marks the attempts that try an earlier one again with another encryption, as libpq does under sslmode=prefer and allow, and adds
 * the finding for it. Traces are in order of start; the earliest failure without a successor is taken.
 */
export function linkRetries(traces: readonly Trace[]): void {
  const retried = new Set<string>();
  for (let i = 0; i < traces.length; i++) {
    const again = traces[i];
    if (again.protocol !== 'postgres' || again.retryOf !== null || again.outcome === 'cancel') continue;
    for (let j = i - 1; j >= Math.max(0, i - LOOK_BACK); j--) {
      const first = traces[j];
      if (retried.has(first.id) || !isRetry(first, again)) continue;
      retried.add(first.id);
      again.retryOf = first.id;
      const before = encryption(first);
      const after = encryption(again);
      const frames = [first, again].flatMap((trace) => trace.steps[0]?.frames ?? []);
      if (countsAsLogin(first))
        again.findings.push(makeFinding('PG_DOUBLE_LOGIN', frames, `${before}, then ${after}`));
      break;
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
