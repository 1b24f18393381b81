import { describe, expect, test, vi } from 'vitest';
import type { TracePage, TraceRow } from '../../../src/contract/values';
import type { Trace } from '../../../src/trace/model';
import { attemptsOf } from '../../../src/webview/model/attempts';
import { bySeverity } from '../../../src/webview/model/labels';
import { nextIndex } from '../../../src/webview/model/list-keys';
import { RowStore } from '../../../src/webview/model/row-store';
import { commonName, expiry, refusal } from '../../../src/webview/model/tls';

describe('keys of a list', () => {
  test.each([
    ['ArrowDown', -1, 0],
    ['ArrowDown', 4, 4],
    ['ArrowUp', 0, 0],
    ['ArrowUp', -1, 4],
    ['Home', 3, 0],
    ['End', 0, 4],
    ['PageDown', 1, 3],
    ['PageUp', 1, 0],
    ['x', 1, null],
  ])('%s from %d goes to %s', (key, from, to) => {
    expect(nextIndex(key, from, 5, 2)).toBe(to);
  });

  test('an empty list has no keys', () => {
    expect(nextIndex('ArrowDown', -1, 0)).toBeNull();
  });
});

describe('the rows of the list', () => {
  const row = (at: number) => ({ id: `t${at}` }) as TraceRow;
  const pageOf = (total: number) =>
    vi.fn(
      async (offset: number, limit: number): Promise<TracePage> => ({
        rows: Array.from({ length: Math.min(limit, total - offset) }, (_, at) => row(offset + at)),
        total,
        complete: true,
      }),
    );

  test('come page by page, each asked once', async () => {
    const source = pageOf(25);
    const store = new RowStore(source, 10, () => {});
    await Promise.all([store.grow(25), store.grow(25)]);
    expect(store.rows.map((one) => one.id)).toEqual(Array.from({ length: 25 }, (_, at) => `t${at}`));
    expect(source.mock.calls).toEqual([
      [0, 10],
      [10, 10],
      [20, 10],
    ]);
  });

  test('an empty page ends the reading instead of asking for ever', async () => {
    const source = vi.fn(async () => ({ rows: [], total: 50, complete: false }));
    await new RowStore(source, 10, () => {}).grow(50);
    expect(source).toHaveBeenCalledTimes(1);
  });

  test('an error is told, and the next growth tries again', async () => {
    const good = pageOf(3);
    const source = vi.fn(good).mockRejectedValueOnce(new Error('busy'));
    const store = new RowStore(source, 10, () => {});
    await store.grow(3);
    expect(store.error).toBe('busy');
    await store.grow(3);
    expect(store.error).toBeNull();
    expect(store.rows).toHaveLength(3);
  });

  test('a page that was asked before the list was cleared is not taken', async () => {
    let answer: (page: TracePage) => void = () => {};
    const source = () => new Promise<TracePage>((resolve) => (answer = resolve));
    const store = new RowStore(source, 10, () => {});
    const growing = store.grow(1);
    store.clear();
    answer({ rows: [row(0)], total: 1, complete: true });
    await growing;
    expect(store.rows).toHaveLength(0);
  });
});

describe('attempts', () => {
  const server = { address: '192.0.2.1', port: 27017 };
  const base = { ssl: { requested: false, answer: null }, tls: null, server } as unknown as Trace;
  const trace = (id: string, change: object): Trace => ({ ...base, id, retryOf: null, ...change });

  test('are numbered, and a retry says of which', () => {
    const list = attemptsOf([
      trace('t1', { tls: { version: 'TLSv1.3' } }),
      trace('t2', { retryOf: 't1' }),
      trace('t3', { retryOf: 'gone', ssl: { requested: true, answer: 'N' } }),
    ]);
    expect(list.map((one) => [one.number, one.retries])).toEqual([
      [1, null],
      [2, 1],
      [3, null],
    ]);
    expect(list.map((one) => one.title)).toEqual([
      'over TLSv1.3',
      'in plain text',
      'in plain text, SSL refused',
    ]);
  });

  test('of several hosts are told apart by them', () => {
    const other = { address: 'db.example', port: 27018 };
    const list = attemptsOf([trace('t1', {}), trace('t2', { server: other })]);
    expect(list.map((one) => one.title)).toEqual([
      '192.0.2.1:27017, in plain text',
      'db.example:27018, in plain text',
    ]);
  });
});

describe('findings and certificates', () => {
  test('the worst finding is first, order is kept otherwise', () => {
    const list = (['hint', 'error', 'info', 'error'] as const).map((severity, at) => ({ severity, at }));
    expect(bySeverity(list).map((one) => one.at)).toEqual([1, 3, 2, 0]);
  });

  const certificate = {
    subject: 'O=Example, CN=db.example',
    issuer: 'CN=ca',
    names: [],
    notBefore: '2026-01-01T00:00:00Z',
    notAfter: '2026-03-01T00:00:00Z',
    fingerprint256: '',
    selfSigned: false,
  };

  test.each([
    ['2025-12-31', 'future'],
    ['2026-01-10', 'valid'],
    ['2026-02-20', 'soon'],
    ['2026-03-02', 'expired'],
  ])('on %s the certificate is %s', (day, state) => {
    expect(expiry(certificate, Date.parse(day)).state).toBe(state);
  });

  test('dates that are none are said to be so', () => {
    expect(expiry({ ...certificate, notAfter: '?' }, 0).state).toBe('unknown');
  });

  test('common names', () => {
    expect(commonName(certificate.subject)).toBe('db.example');
    expect(commonName('O=Example')).toBe('O=Example');
    expect(commonName('CN=a\\, b, O=c')).toBe('a\\, b');
  });

  test('a fatal alert is the refusal, a farewell is not', () => {
    const tls = { version: null, cipher: null, sni: null, alpn: null, certificates: [], decrypted: false };
    const alert = (level: 'fatal' | 'warning', description: string) => ({
      from: 'client' as const,
      level,
      description,
    });
    expect(refusal({ ...tls, alerts: [alert('warning', 'close_notify')] })).toBeNull();
    expect(refusal({ ...tls, alerts: [alert('fatal', 'unknown_ca')] })).toContain('unknown_ca');
  });
});
