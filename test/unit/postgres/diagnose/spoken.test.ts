import { describe, expect, it } from 'vitest';
import { utf8Bytes } from '../../../../src/base/bytes';
import { watch } from '../watch';
import { error, INITIAL, SASL, START, story, told } from './parts';
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

  const wrong = error('08P01', 'password authentication failed for user "app_user"');
  const proved = {
    server: { name: 'AuthenticationSASLFinal', data: utf8Bytes('v=rmF9pqV8S7suAoZWja4dJRkFsKQ=') },
  } as const;

  it.each([
    ['the pooler refused', [SASL, INITIAL], 'PG_POOLER_PASSWORD_REFUSED', 'client'],
    [
      'the server refused, once the pooler was content',
      [SASL, INITIAL, proved],
      'PG_POOLER_SERVER_LOGIN_FAILED',
      'server',
    ],
  ] as const)('a password that %s', (_who, login, code, side) => {
    const { diagnosis } = watch(story(START, ...login, wrong).happenings);
    expect(diagnosis).toMatchObject({ code, side, params: { speaker: 'pgbouncer' } });
  });
});
