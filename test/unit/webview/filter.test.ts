import { describe, expect, test } from 'vitest';
import type { TraceRow } from '../../../src/contract/values';
import {
  countNames,
  isEmptyFilter,
  matches,
  parseFilter,
  toggleName,
} from '../../../src/webview/model/filter';

function row(change: Partial<TraceRow>): TraceRow {
  return {
    id: 't1',
    source: 'capture',
    protocol: 'postgres',
    client: { address: '10.0.0.1', port: 50_312 },
    server: { address: 'fd00::7', port: 5432 },
    startTime: '2026-01-01T00:00:00.000000000Z',
    durationMs: 12,
    retryOf: null,
    outcome: 'failed',
    authOutcome: 'failed',
    mechanism: 'scram-sha-256',
    tls: 'TLSv1.3',
    user: 'app_user',
    verdict: 'The server refused the password of app_user.',
    steps: 9,
    firstFrame: 1,
    lastFrame: 12,
    findings: 1,
    worst: 'error',
    ...change,
  };
}

const shows = (text: string, change: Partial<TraceRow> = {}) => matches(row(change), parseFilter(text));

describe('the filter', () => {
  test('an empty one shows everything', () => {
    expect(isEmptyFilter(parseFilter('   '))).toBe(true);
    expect(shows('')).toBe(true);
  });

  test('every word must occur, whatever its case', () => {
    expect(shows('REFUSED app_user')).toBe(true);
    expect(shows('refused billing')).toBe(false);
    expect(shows('[fd00::7]:5432')).toBe(true);
    expect(shows('postgresql tlsv1.3 scram')).toBe(true);
    expect(shows('tls', { tls: null, verdict: '' })).toBe(false);
  });

  test('names of one kind widen, of two kinds narrow', () => {
    expect(shows('@failed @ready')).toBe(true);
    expect(shows('@ready')).toBe(false);
    expect(shows('@failed @mongodb')).toBe(false);
    expect(shows('@FAILED @postgres password')).toBe(true);
  });

  test('an unknown name is a word, never ignored', () => {
    expect(parseFilter('@nothing').words).toEqual(['@nothing']);
    expect(shows('@nothing')).toBe(false);
    expect(shows('@')).toBe(false);
  });

  test('a button adds its name and takes it out again', () => {
    expect(toggleName('billing', 'failed')).toBe('@failed billing');
    expect(toggleName('@FAILED billing', 'failed')).toBe('billing');
    expect(toggleName('', 'mongodb')).toBe('@mongodb');
  });

  test('counts per name', () => {
    const counts = countNames([row({}), row({ outcome: 'ready' }), row({ protocol: 'mongodb' })]);
    expect(counts.get('failed')).toBe(2);
    expect(counts.get('ready')).toBe(1);
    expect(counts.get('postgres')).toBe(2);
    expect(counts.has('cancel')).toBe(false);
  });
});
