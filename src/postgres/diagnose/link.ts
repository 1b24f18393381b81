import type { Trace } from '../../trace/model';
import { makeFinding } from './findings';

/** Longest pause between a failure and the attempt that follows it, in milliseconds. */
const RETRY_WINDOW = 5_000;

/** The same where the first attempt does not tell whose it was: a client that falls back does so at once. */
const AT_ONCE = 1_000;

/** How many earlier attempts are looked at: a client fails once and tries again at once. */
const LOOK_BACK = 50;

type Encryption = 'GSS' | 'TLS' | 'plain';

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
  /** What it used, and what the attempts used that it tries again itself: libpq tries each once. */
  readonly tried: readonly Encryption[];
  /** When it ended, in milliseconds since 1970. */
  readonly end: number;
}

/**
 * Marks the attempts that try an earlier one again with another encryption, as libpq does under sslmode=prefer and allow and
 * gssencmode=prefer (`encryption_negotiation_failed`, `connection_failed` of `fe-connect.c`), and adds the finding for it. Takes traces one by
 * one in order of start; the latest failure without a successor is taken. It looks among the last {@link LOOK_BACK} traces and keeps
 * those of them that gave up.
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
    const first = trace.retryOf === null && trace.outcome !== 'cancel' ? this.#link(trace) : undefined;
    if (!gaveUp(trace)) return;
    const tried = [...(first?.tried ?? []), encryption(trace)];
    known.push({ trace, order, tried, end: startOf(trace) + trace.durationMs });
  }

  #link(again: Trace): GivenUp | undefined {
    const known = this.#givenUp;
    for (let j = known.length - 1; j >= 0; j--) {
      if (!isRetry(known[j], again)) continue;
      const [first] = known.splice(j, 1);
      again.retryOf = first.trace.id;
      const frames = [first.trace, again].flatMap((trace) => trace.steps[0]?.frames ?? []);
      const what = `${encryption(first.trace)}, then ${encryption(again)}`;
      if (isSameLogin(first.trace, again)) again.findings.push(makeFinding('PG_DOUBLE_LOGIN', frames, what));
      return first;
    }
    return undefined;
  }
}

function isRetry({ trace: first, tried, end }: GivenUp, again: Trace): boolean {
  if (first.client.address !== again.client.address) return false;
  if (first.server.address !== again.server.address || first.server.port !== again.server.port) return false;
  const now = encryption(again);
  if (tried.includes(now)) return false;
  // Who closed early inside TLS that nobody has keys for tries again with a plain start without SSLRequest.
  if (first.outcome === 'encrypted' && (again.ssl.requested || again.ssl.direct)) return false;
  const known = first.auth.user !== null;
  // A login that nobody could read may be anybody's: it is no second attempt of somebody who is known.
  if (known && again.auth.user === null) return false;
  if (known && (first.auth.user !== again.auth.user || first.auth.database !== again.auth.database))
    return false;
  const pause = startOf(again) - end;
  return pause > -AT_ONCE && pause <= (known ? RETRY_WINDOW : AT_ONCE);
}

/** Codes of ends after which libpq tries no other encryption: nothing was negotiated, or the client itself gave up. */
const FINAL_ERRORS: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ETIMEDOUT',
  'NO_ANSWER',
  'NOT_POSTGRES',
]);

/** It failed before the login was accepted, by the server's words or in the handshake for encryption; or it closed early inside TLS. */
function gaveUp({ outcome, auth, error, diagnosis, steps }: Trace): boolean {
  if (outcome === 'encrypted') {
    const last = steps.at(-1)?.message;
    return last === 'FIN' || last === 'RST';
  }
  if (outcome !== 'failed' || auth.outcome === 'ok' || auth.outcome === 'abandoned') return false;
  if (error !== null && FINAL_ERRORS.has(error.code)) return false;
  return error?.from === 'server' || /^(TLS_|PG_GSS_|PG_TLS_NOT_STARTED)/.test(diagnosis.code);
}

/** Milliseconds since 1970. */
function startOf(trace: Trace): number {
  return Date.parse(trace.startTime);
}

/** The server has refused this login, and the client has tried the same once more. */
function isSameLogin(first: Trace, again: Trace): boolean {
  if (first.auth.outcome !== 'failed' || first.auth.user === null) return false;
  return again.auth.outcome === 'failed' || again.auth.outcome === 'ok';
}

function encryption({ tls, ssl, gssenc }: Trace): Encryption {
  if (gssenc.answer === 'G') return 'GSS';
  return tls !== null || ssl.direct || ssl.answer === 'S' ? 'TLS' : 'plain';
}
