import type { CertificateSummary } from '../trace/model';

/** Dates read so far, at most; a capture has those of a few certificates. */
const MOST = 256;

const known = new Map<string, number>();

/** How a certificate is out of date, and by which of its dates. */
export interface OutOfDate {
  readonly when: 'expired' | 'early';
  readonly date: string;
}

/**
 * Whether a certificate was out of date; null where it was not.
 *
 * @param seconds since 1970; a capture without a clock starts there, and then nothing can be said about dates.
 */
export function outOfDate(
  { notBefore, notAfter }: Pick<CertificateSummary, 'notBefore' | 'notAfter'>,
  seconds: number,
): OutOfDate | null {
  if (seconds <= 0) return null;
  const now = seconds * 1000;
  if (millisOf(notAfter) < now) return { when: 'expired', date: notAfter };
  return millisOf(notBefore) > now ? { when: 'early', date: notBefore } : null;
}

/** Milliseconds since 1970; the same dates are asked for with every connection to a server. */
function millisOf(date: string): number {
  let millis = known.get(date);
  if (millis === undefined) {
    millis = Date.parse(date);
    if (known.size >= MOST) known.clear();
    known.set(date, millis);
  }
  return millis;
}
