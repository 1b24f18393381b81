/** Dates read so far, at most; a capture has those of a few certificates. */
const MOST = 256;

const known = new Map<string, number>();

/** Milliseconds since 1970 of a date in a `CertificateSummary`; the same ones are asked for with every connection to a server. */
export function millisOf(date: string): number {
  let millis = known.get(date);
  if (millis === undefined) {
    millis = Date.parse(date);
    if (known.size >= MOST) known.clear();
    known.set(date, millis);
  }
  return millis;
}
