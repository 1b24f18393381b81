/** Every cause of PostgreSQL has a story that gives it and a near miss that must not. */
import { describe, expect, it } from 'vitest';
import { POSTGRES_CAUSES } from '../../../../src/diagnosis/causes/postgres';
import { POSTGRES_RULES } from '../../../../src/postgres/diagnose/rules';
import { blanksOf } from '../../../support/blanks';
import { CHUNKS } from '../feed';
import { watch } from '../watch';
import { SPOKEN_STORIES } from './spoken';
import { STORIES } from './stories';

const ALL = [...STORIES, ...SPOKEN_STORIES];

describe('causes of PostgreSQL', () => {
  it.each(ALL.map((story) => [story.code, story.near.code, story] as const))(
    '%s, not %s',
    (code, nearCode, story) => {
      for (const chunk of story.options?.chunk ? [story.options.chunk] : CHUNKS) {
        const { diagnosis, verdict } = watch(story.happenings, { ...story.options, chunk });
        expect(diagnosis.code).toBe(code);
        expect(diagnosis.what).not.toBe('');
        expect(verdict.startsWith(diagnosis.what)).toBe(true);
        expect(`${verdict} ${diagnosis.why}`).not.toContain('undefined');
      }
      const { diagnosis } = watch(story.happenings, story.options);
      expect(blanksOf(diagnosis)).toEqual([]);
      const near = watch(story.near.happenings, story.near.options);
      expect(near.diagnosis.code).toBe(nearCode);
      expect(nearCode).not.toBe(code);
      expect(blanksOf(near.diagnosis)).toEqual([]);
    },
  );

  it('of a refused token name what the server says of tokens, and never the token', () => {
    const refused = STORIES.filter(({ code }) => code.startsWith('PG_OAUTH_REFUSED'));
    expect(refused.length).toBeGreaterThan(0);
    for (const { happenings, options } of refused) {
      const { diagnosis } = watch(happenings, options);
      const said = JSON.stringify([diagnosis.params, diagnosis.what, diagnosis.why, diagnosis.next]);
      expect(said).toMatch(/issuer\.example.*openid db/);
      expect(said).not.toContain('secret-token');
    }
  });

  it('have a story each', () => {
    const told = new Set(ALL.map(({ code }) => code));
    expect(Object.keys(POSTGRES_CAUSES).filter((code) => !told.has(code))).toEqual([]);
  });

  it('come from rules that name them', () => {
    const given = new Set<string>(POSTGRES_RULES.flatMap(({ gives }) => gives));
    expect(Object.keys(POSTGRES_CAUSES).filter((code) => !given.has(code))).toEqual([]);
  });

  it('never blame what an alternative of theirs denies: an alternative is another code', () => {
    for (const { happenings, options } of ALL) {
      const { diagnosis } = watch(happenings, options);
      for (const { code, tellApart } of diagnosis.alternatives) {
        expect(code).not.toBe(diagnosis.code);
        expect(tellApart).not.toBe('');
      }
    }
  });
});
