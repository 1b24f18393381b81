import { describe, expect, it } from 'vitest';
import { SummaryBuilder, summaryOf } from '../../../src/diagnosis/summary';
import { type Diagnosis, UNDECIDED } from '../../../src/trace/diagnosis';
import type { Trace } from '../../../src/trace/model';
import { redactSummary } from '../../../src/trace/redact';
import { traceOf } from '../../support/traces';

const refused = (more: Partial<Diagnosis> = {}): Diagnosis => ({
  ...UNDECIDED,
  code: 'PG_HBA_NO_ENTRY',
  severity: 'error',
  what: 'No pg_hba.conf entry matches.',
  ...more,
});
const ready = refused({ code: 'PG_READY', severity: 'ok', what: 'Connected.' });

function failed(id: number, more: Partial<Trace> = {}): Trace {
  return traceOf({
    id: `t${id}`,
    client: { address: `10.0.0.${id % 3}`, port: 40_000 + id },
    startTime: `2026-01-01T00:00:${String(id % 60).padStart(2, '0')}.000000000Z`,
    auth: { mechanism: null, user: `user_${id % 2}`, database: null, outcome: 'failed' },
    diagnosis: refused(),
    ...more,
  });
}

describe('the summary of a capture', () => {
  it('has a row for the same cause at the same server', () => {
    const traces = Array.from({ length: 37 }, (_, at) => failed(at));
    const [row, ...others] = summaryOf(traces);
    expect(others).toEqual([]);
    expect(row).toMatchObject({
      code: 'PG_HBA_NO_ENTRY',
      server: '127.0.0.1:5432',
      count: 37,
      clientCount: 3,
      users: ['user_0', 'user_1'],
      firstTime: '2026-01-01T00:00:00.000000000Z',
      lastTime: '2026-01-01T00:00:36.000000000Z',
      what: '37 connections from 3 clients: No pg_hba.conf entry matches.',
    });
    expect(row.traces).toEqual(traces.map(({ id }) => id));
  });

  it('says of a single connection what it says itself, and whose words it has where they differ', () => {
    expect(summaryOf([failed(1)])[0].what).toBe('No pg_hba.conf entry matches.');
    const two = [failed(0), failed(3, { diagnosis: refused({ what: 'No entry for user_1.' }) })];
    expect(summaryOf(two)[0].what).toBe(
      '2 connections from 1 client, the first of them: No pg_hba.conf entry matches.',
    );
  });

  it('begins with the gravest, then the most frequent', () => {
    const other = { address: '127.0.0.2', port: 5432 };
    const traces = [
      ...[1, 2, 3, 4].map((id) => failed(id, { diagnosis: ready })),
      ...[5, 6, 7].map((id) =>
        failed(id, { diagnosis: refused({ code: 'X_WARNING', severity: 'warning' }) }),
      ),
      failed(8),
      failed(9, { server: other }),
      failed(10, { server: other }),
    ];
    expect(summaryOf(traces).map(({ code, server, count }) => [code, server, count])).toEqual([
      ['PG_HBA_NO_ENTRY', '127.0.0.2:5432', 2],
      ['PG_HBA_NO_ENTRY', '127.0.0.1:5432', 1],
      ['X_WARNING', '127.0.0.1:5432', 3],
      ['PG_READY', '127.0.0.1:5432', 4],
    ]);
  });

  it('is bounded in rows, ids, clients and users, and counts all the same', () => {
    const builder = new SummaryBuilder();
    for (let i = 0; i < 300; i++) {
      const client = { address: `10.0.${i >> 8}.${i & 255}`, port: 1 };
      builder.add(failed(i, { client, auth: { ...failed(i).auth, user: `u${i}` } }));
      builder.add(failed(i, { server: { address: '192.0.2.1', port: i } }));
    }
    const summary = builder.finish();
    expect(summary).toHaveLength(100);
    const [row] = summary;
    expect([row.count, row.clientCount]).toEqual([300, 300]);
    expect([row.traces.length, row.clients.length, row.users.length]).toEqual([100, 10, 10]);
  });

  it('is masked as the traces are', () => {
    const secret = 'postgresql://app_user:hunter2@db/app';
    const summary = summaryOf([failed(1, { diagnosis: refused({ what: `It said ${secret}.` }) })]);
    expect(JSON.stringify(summary)).toContain('hunter2');
    expect(JSON.stringify(redactSummary(summary))).not.toContain('hunter2');
  });
});
