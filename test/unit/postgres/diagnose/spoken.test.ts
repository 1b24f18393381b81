import { describe, expect, it } from 'vitest';
import { watch } from '../watch';
import { told } from './parts';
import { SPOKEN_TEXTS } from './spoken';

describe('what poolers and gateways say', () => {
  it.each(SPOKEN_TEXTS.map((row) => ({ row, name: row.slice(0, 3).join(' ') })))('$name', ({ row }) => {
    const [speaker, state, text, code, extra] = row;
    const trace = watch(told(state, text, extra).happenings);
    expect(trace.diagnosis.code).toBe(code);
    expect(trace.diagnosis.params.speaker ?? null).toBe(speaker);
    // Their own words, DETAIL with them, are quoted.
    expect(trace.verdict).toContain(text.replace(/\.$/, ''));
    if (extra?.detail) expect(trace.verdict).toContain(extra.detail);
    // pg_hba.conf is named only where the text speaks of it.
    const words = [trace.verdict, trace.diagnosis.why, ...trace.diagnosis.next.map((step) => step.text)].join(
      ' ',
    );
    if (!/pg_hba\.conf/.test(`${text} ${extra?.detail}`)) expect(words).not.toContain('pg_hba.conf');
  });
});
