import type { TraceRow } from '../../contract/values';

/**
 * The handshake to open with: the first that failed, else the first that authenticated, else the first. A driver's monitoring
 * connection, which only says hello, is rarely what somebody came for.
 */
export function openingRow(rows: readonly TraceRow[]): TraceRow | undefined {
  return (
    rows.find((row) => row.outcome === 'failed') ?? rows.find((row) => row.mechanism !== null) ?? rows[0]
  );
}
