import { describe, expect, it } from 'vitest';
import { summaryMarkdown } from '../../../src/trace/diagnosis-markdown';
import { summaryLines } from '../../../src/trace/diagnosis-text';
import type { CauseSummary } from '../../../src/trace/model';

function row(count: number, severity: CauseSummary['severity'] = 'error'): CauseSummary {
  const traces = Array.from({ length: Math.min(count, 100) }, (_, at) => `t${at + 1}`);
  const time = '2026-01-01T00:00:00.000000000Z';
  const about = { code: 'X', what: 'It failed.', server: '127.0.0.1:5432', severity };
  return { ...about, count, clients: [], clientCount: 1, users: [], traces, firstTime: time, lastTime: time };
}

const forms = {
  text: (rows: readonly CauseSummary[]) => summaryLines(rows).map(({ text }) => text),
  markdown: (rows: readonly CauseSummary[]) =>
    summaryMarkdown(rows)
      .slice(1)
      .map((text) => text.replaceAll('\\', '')),
};

describe.each(Object.entries(forms))('the summary as %s', (_, lines) => {
  it.each([
    [1, '(t1)'],
    [3, '(t1, t2, t3)'],
    [4, '(t1, t2, t3 and 1 more)'],
    [250, '(t1, t2, t3 and 247 more)'],
  ])('names of %d handshakes the first, and counts the others', (count, ids) => {
    expect(lines([row(count)])[0].slice(-ids.length)).toBe(ids);
  });

  it.each([
    [21, '… and 1 more cause'],
    [32, '… and 12 more causes'],
  ])('of %d rows counts those it does not show, without the connections that are well', (count, end) => {
    const rows = [row(1, 'ok'), ...Array.from({ length: count }, () => row(1))];
    const shown = lines(rows);
    expect(shown).toHaveLength(21);
    expect(shown[20].replace(/^- /, '')).toBe(end);
  });
});

it('each line of the text knows its row', () => {
  expect(summaryLines([row(1, 'ok'), row(1)]).map(({ row }) => row)).toEqual([1]);
});
