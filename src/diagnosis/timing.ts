/** Who waited for whom, and how long. */
import { type Mark, millisBetween, otherSide, type Side } from '../base/mark';
import type { AlertEvidence, TlsEvidence } from '../tls/evidence';
import type { Step } from '../trace/model';
import type { ConnectionFacts } from './facts';
import { isPeaceful } from './goodbye';
import type { WireEvidence } from './wire';

/** Milliseconds without an answer from which on a side was silent; below it whoever left did not wait. */
export const SILENCE = 100;
/** Milliseconds that a capture has to go on for an open connection to count as silent. */
export const OPEN_SILENCE = 1000;

/** From the last bytes of a side to the end of the connection, or of the capture where it is open; null where it said nothing. */
export function millisSince(wire: WireEvidence, mark: Mark | null): number | null {
  const end = wire.closes[0]?.mark ?? latest(wire.captureEnd, wire.end);
  return mark === null || end === null ? null : Math.max(0, millisBetween(mark, end));
}

/**
 * Whose answer the last words wait for, and for how long. A goodbye of TLS is no word: who waits in vain may say it before closing. Null where
 * nothing was said or time is not known.
 */
export function waiting(wire: WireEvidence): { readonly side: Side; readonly millis: number } | null {
  const last = lastWords(wire);
  if (last === null) return null;
  const { from, mark, until } = last;
  const millis = until === null ? millisSince(wire, mark) : millisBetween(mark, until);
  return millis === null ? null : { side: otherSide(from), millis: Math.max(0, millis) };
}

interface LastWords {
  readonly from: Side;
  readonly mark: Mark;
  /** The goodbye that ended the wait; null where there is none. */
  readonly until: Mark | null;
}

function lastWords({ lastSpoke, tls, ...sides }: WireEvidence): LastWords | null {
  const last = lastSpoke && sides[lastSpoke].last;
  if (lastSpoke === null || !last) return null;
  const words = tls?.lastWords[lastSpoke];
  if (!tls || !words || !isBefore(words, last) || !isGoodbye(tls, lastSpoke, last)) {
    return { from: lastSpoke, mark: last, until: null };
  }
  const other = otherSide(lastSpoke);
  const others = tls.lastWords[other];
  const answered = others !== null && isBefore(words, others);
  return { from: answered ? other : lastSpoke, mark: answered ? others : words, until: last };
}

/** The last packet of a side ended in an alert, or in what can only be one. */
function isGoodbye({ alerts, lastSealed }: TlsEvidence, from: Side, last: Mark): boolean {
  const sealed = lastSealed[from];
  const ending = (known: AlertEvidence) =>
    known.from === from && (known.level === 'fatal' || isPeaceful(known));
  const alert = sealed?.alertSized ? sealed.mark : alerts.findLast(ending)?.mark;
  return alert?.frame === last.frame;
}

/** By frame; by time where neither was captured. */
export function isBefore(one: Mark, other: Mark): boolean {
  return one.frame === other.frame ? millisBetween(one, other) > 0 : one.frame < other.frame;
}

/** `3` or `0.7`: seconds as people say them. */
export function seconds(millis: number): number {
  const value = millis / 1000;
  return value >= 10 ? Math.round(value) : Math.round(value * 10) / 10;
}

/** Steps of TLS that are no words: alerts, and what can only be one. */
const WORDLESS: ReadonlySet<string> = new Set(['Alert', 'EncryptedRecord']);

/** The last step that a side said on a layer above TCP. */
export function lastStep({ trace }: Pick<ConnectionFacts, 'trace'>, from?: Side): Step | undefined {
  return trace.steps.findLast(
    (step) =>
      !WORDLESS.has(step.message) &&
      step.layer !== 'tcp' &&
      step.layer !== 'local' &&
      (from === undefined || step.from === from),
  );
}

/** Messages of a protocol after which no answer is expected. */
const GOODBYES: ReadonlySet<string> = new Set(['Terminate', 'CancelRequest']);

/** Whether the client's last words ask for nothing. */
export function saidGoodbye(facts: ConnectionFacts): boolean {
  const step = lastStep(facts, 'client');
  return step !== undefined && GOODBYES.has(step.message);
}

function latest(one: Mark | null, other: Mark | null): Mark | null {
  if (one === null || other === null) return one ?? other;
  return millisBetween(one, other) > 0 ? other : one;
}
