/** Which end of a connection. A middle box is not modelled: it is seen as one of the two. */
export type Side = 'client' | 'server';

export function otherSide(side: Side): Side {
  return side === 'client' ? 'server' : 'client';
}

/**
 * Where and when bytes were seen: the frame that carried them and its time.
 * Seconds and nanoseconds are apart because a double cannot hold both exactly.
 */
export interface Mark {
  /** Frame number in the capture, from 1 as Wireshark counts; 0 when nothing was captured. */
  readonly frame: number;
  /** Whole seconds since 1970-01-01T00:00:00Z. */
  readonly seconds: number;
  /** Nanoseconds within that second, 0–999,999,999. */
  readonly nanos: number;
}

/** Milliseconds from `start` to `end`; negative when the capture's clock went back. */
export function millisBetween(start: Mark, end: Mark): number {
  return (end.seconds - start.seconds) * 1000 + (end.nanos - start.nanos) / 1e6;
}

/** A mark from a millisecond clock such as `Date.now()` or a finer one with a fraction. */
export function markFromMillis(frame: number, millis: number): Mark {
  const seconds = Math.floor(millis / 1000);
  return { frame, seconds, nanos: Math.min(999_999_999, Math.round((millis - seconds * 1000) * 1e6)) };
}

/** Many connections begin in the same second. */
let latestSecond = Number.NaN;
let latestText = '';

/** ISO 8601 in UTC with nine decimals, the form of `Trace.startTime`. Times out of range give year 1970. */
export function isoTime(mark: Mark): string {
  if (mark.seconds !== latestSecond) {
    const date = new Date(mark.seconds * 1000);
    const whole = Number.isNaN(date.getTime()) ? new Date(0) : date;
    latestSecond = mark.seconds;
    latestText = whole.toISOString().slice(0, 19);
  }
  return `${latestText}.${String(mark.nanos).padStart(9, '0')}Z`;
}
