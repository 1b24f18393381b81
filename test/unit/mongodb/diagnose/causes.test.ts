/** Every cause of MongoDB: a conversation that gives it, and ones that nearly do. */
import { describe, expect, it } from 'vitest';
import { CAUSES, type CauseCode } from '../../../../src/diagnosis/catalogue';
import { MONGODB_CAUSES } from '../../../../src/diagnosis/causes/mongodb';
import { MONGODB_LOGIN_CAUSES } from '../../../../src/diagnosis/causes/mongodb-login';
import { diagnosisOf } from '../../../../src/diagnosis/render';
import { MONGODB_RULES } from '../../../../src/mongodb/diagnose/rules';
import { blanksOf } from '../../../support/blanks';
import { HELLO_STORIES } from './hello-stories';
import { LOGIN_STORIES } from './login-stories';
import type { CauseStory } from './story';
import { USE_STORIES } from './use-stories';

const STORIES: readonly CauseStory[] = [...USE_STORIES, ...HELLO_STORIES, ...LOGIN_STORIES];
const NEAR = STORIES.flatMap(({ code, near }) => near.map((miss) => ({ ...miss, of: code })));

describe('the cause', () => {
  it.each(STORIES)('$code: $name', ({ code, outcome, params = {}, told }) => {
    const trace = told().finish();
    const { diagnosis } = trace;
    expect(diagnosis.code).toBe(code);
    expect(trace.outcome).toBe(outcome);
    expect(diagnosis.params).toMatchObject(params);
    expect(trace.error === null).toBe(outcome !== 'failed');
    // Sentences are whole, whatever is not known.
    const said = JSON.stringify([
      trace.verdict,
      diagnosis.what,
      diagnosis.why,
      diagnosis.next,
      diagnosis.alternatives,
    ]);
    expect(said).not.toMatch(/undefined|null@|NaN|\[object/);
    expect(blanksOf(diagnosis)).toEqual([]);
    expect(diagnosis.what).toMatch(/[.!?]$/);
    expect(trace.verdict.startsWith(diagnosis.what)).toBe(true);
  });

  it.each(NEAR)('is $code, and not $of: $name', ({ code, of, told }) => {
    const { diagnosis } = told().finish();
    expect(diagnosis.code).toBe(code);
    expect(diagnosis.code).not.toBe(of);
    expect(blanksOf(diagnosis)).toEqual([]);
  });

  it('is not taken from the port alone: another server may listen where Cosmos DB does', () => {
    const why = (params: object) =>
      diagnosisOf({ code: 'MONGO_CLOSED_ON_HELLO', outcome: 'failed', params: { ...params } }, null).why;
    expect(why({ service: 'Cosmos DB' })).toMatch(/port of Cosmos DB.*Another server may/);
    expect(why({})).not.toMatch(/Cosmos/);
  });

  it('has a story and a near miss, whatever it is', () => {
    const codes = Object.keys({ ...MONGODB_CAUSES, ...MONGODB_LOGIN_CAUSES });
    const told = new Set<string>([...STORIES.map(({ code }) => code)]);
    const missed = new Set<string>([...NEAR.map(({ of }) => of)]);
    expect(codes.filter((code) => !told.has(code))).toEqual([]);
    expect(codes.filter((code) => !missed.has(code))).toEqual([]);
  });

  it('is one that its rule gives, and every rule gives one that exists', () => {
    const given = new Set<CauseCode>(MONGODB_RULES.flatMap(({ gives }) => [...gives]));
    for (const { code } of STORIES) expect([...given]).toContain(code);
    for (const code of given) expect(CAUSES[code]).toBeDefined();
  });
});
