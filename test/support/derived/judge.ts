/** Whether the diagnosis of a derived capture accuses nobody whom the whole capture does not. */
import type { Trace } from '../../../src/trace/model';
import type { Change, Derived } from './derive';

export interface Accusation {
  readonly change: Change;
  readonly how: string;
  /** Cause of the whole capture; `-` for a connection that it does not have. */
  readonly whole: string;
  /** Cause of the derived one. */
  readonly derived: string;
  readonly verdict: string;
}

/** Everything that the derived capture claims and the whole one does not bear out. */
export function accusations(whole: readonly Trace[], derived: readonly Trace[], by: Derived): Accusation[] {
  const found: Accusation[] = [];
  for (const trace of derived) {
    const same = whole.filter((other) => isSameConnection(other, trace));
    if (saysWhatIsMissing(trace)) continue;
    if (same.some((other) => agrees(other, trace))) continue;
    found.push({
      change: by.change,
      how: by.how,
      whole: same.map((other) => other.diagnosis.code).join('|') || '-',
      derived: trace.diagnosis.code,
      verdict: trace.verdict,
    });
  }
  return found;
}

/**
 * The same cause; or as much of it as can still be seen: a success where the whole capture shows that it came to one and what failed
 * later, and the server's own refusal with less of what explains it, on the same side.
 */
function agrees(whole: Trace, derived: Trace): boolean {
  if (whole.diagnosis.code === derived.diagnosis.code) return true;
  if (derived.diagnosis.severity === 'ok') return whole.outcome === 'ready' || whole.auth.outcome === 'ok';
  const { error } = derived;
  const refused = error !== null && error.from === 'server' && /^[0-9A-Z]{5}$|^\d+$/.test(error.code);
  return refused && error.code === whole.error?.code && derived.diagnosis.side === whole.diagnosis.side;
}

/** The same two ends, whichever is taken for the client. */
function isSameConnection(a: Trace, b: Trace): boolean {
  const ends = ({ client, server }: Trace) =>
    [client, server]
      .map(({ address, port }) => `${address} ${port}`)
      .sort()
      .join(' ');
  return ends(a) === ends(b);
}

/** Or that it cannot be told who left first, because both did. */
function saysWhatIsMissing({ diagnosis }: Trace): boolean {
  return diagnosis.side === 'capture' || diagnosis.code === 'TCP_CLOSED_TOGETHER';
}
