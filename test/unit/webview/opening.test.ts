import { describe, expect, it } from 'vitest';
import type { TraceRow } from '../../../src/contract/values';
import { openingRow } from '../../../src/webview/model/opening';

/** Only what the choice looks at. */
function row(id: string, outcome: TraceRow['outcome'], mechanism: string | null): TraceRow {
  return { id, outcome, mechanism } as TraceRow;
}

describe('the handshake to open with', () => {
  const probe = row('t1', 'incomplete', null);
  const login = row('t2', 'ready', 'SCRAM-SHA-256');
  const failure = row('t3', 'failed', null);

  it.each([
    { rows: [probe, login, failure], opens: 't3' },
    { rows: [probe, login], opens: 't2' },
    { rows: [probe], opens: 't1' },
    { rows: [], opens: undefined },
  ])('of $rows.length rows is $opens', ({ rows, opens }) => {
    expect(openingRow(rows)?.id).toBe(opens);
  });
});
