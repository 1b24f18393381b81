/** Who waited for whom, and how long. */
import { type Mark, millisBetween, type Side } from '../base/mark';
import type { Step } from '../trace/model';
import type { ConnectionFacts } from './facts';
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

/** Whose answer the last bytes wait for, and for how long. Null where nothing was said or time is not known. */
export function waiting(wire: WireEvidence): { readonly side: Side; readonly millis: number } | null {
  const { lastSpoke } = wire;
  if (lastSpoke === null) return null;
  const millis = millisSince(wire, wire[lastSpoke].last);
  return millis === null ? null : { side: lastSpoke === 'client' ? 'server' : 'client', millis };
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

/** The last step that a side said on a layer above TCP. */
export function lastStep({ trace }: Pick<ConnectionFacts, 'trace'>, from?: Side): Step | undefined {
  return trace.steps.findLast(
    (step) => step.layer !== 'tcp' && step.layer !== 'local' && (from === undefined || step.from === from),
  );
}

/** Messages after which no answer is expected. */
const GOODBYES: ReadonlySet<string> = new Set(['Terminate', 'CancelRequest']);

/** Whether the client's last words ask for nothing: it said goodbye, in its protocol or in TLS. */
export function saidGoodbye(facts: ConnectionFacts): boolean {
  const step = lastStep(facts, 'client');
  if (step === undefined) return false;
  return GOODBYES.has(step.message) || step.message === 'Alert' || step.message === 'EncryptedRecord';
}

function latest(one: Mark | null, other: Mark | null): Mark | null {
  if (one === null || other === null) return one ?? other;
  return millisBetween(one, other) > 0 ? other : one;
}
