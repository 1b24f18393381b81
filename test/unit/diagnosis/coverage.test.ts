/** No cause without a rule, no rule without a cause of the catalogue. That each has stories is held where they are told. */
import { describe, expect, it } from 'vitest';
import { CAUSES, type CauseCode } from '../../../src/diagnosis/catalogue';
import { LOCAL_CAUSES } from '../../../src/diagnosis/causes/local';
import { MONGODB_CAUSES } from '../../../src/diagnosis/causes/mongodb';
import { MONGODB_LOGIN_CAUSES } from '../../../src/diagnosis/causes/mongodb-login';
import { POSTGRES_CAUSES } from '../../../src/diagnosis/causes/postgres';
import { BESIDE_RULES } from '../../../src/diagnosis/crossed';
import {
  CAPTURE_ENDS_RULE,
  EARLY_RULES,
  MISSING_RULES,
  SILENCE_RULES,
  TLS_RULES,
} from '../../../src/diagnosis/rules/shared';
import { CAUSE_WORDS } from '../../../src/diagnosis/words/en';
import { MONGODB_RULES } from '../../../src/mongodb/diagnose/rules';
import { POSTGRES_RULES } from '../../../src/postgres/diagnose/rules';

const CODES = Object.keys(CAUSES) as CauseCode[];
const codesOf = (rules: readonly { readonly gives: readonly CauseCode[] }[]) =>
  new Set<string>(rules.flatMap(({ gives }) => [...gives]));
const SHARED = codesOf([...EARLY_RULES, ...TLS_RULES, ...MISSING_RULES, ...SILENCE_RULES, CAPTURE_ENDS_RULE]);
const GIVEN = { postgres: codesOf(POSTGRES_RULES), mongodb: codesOf(MONGODB_RULES) };

describe('the catalogue of causes', () => {
  it('has only causes that a rule gives, and words for each', () => {
    const given = new Set<string>([...GIVEN.postgres, ...GIVEN.mongodb, ...BESIDE_RULES]);
    expect(CODES.filter((code) => !given.has(code))).toEqual([]);
    expect([...given].filter((code) => !(code in CAUSES))).toEqual([]);
    expect(Object.keys(CAUSE_WORDS).sort()).toEqual([...CODES].sort());
  });

  it('belongs to a protocol or to the rules that both share: each has its stories', () => {
    const own = { ...LOCAL_CAUSES, ...POSTGRES_CAUSES, ...MONGODB_CAUSES, ...MONGODB_LOGIN_CAUSES };
    const shared = new Set<string>([...SHARED, ...BESIDE_RULES]);
    expect(CODES.filter((code) => !(code in own) && !shared.has(code))).toEqual([]);
  });

  it('has every shared cause in the lists of both protocols', () => {
    for (const code of SHARED) {
      const lists = Object.entries(GIVEN).filter(([, codes]) => codes.has(code));
      expect(lists.length, code).toBe(2);
    }
  });

  it('has alternatives that are causes, and none that is its own', () => {
    for (const code of CODES) {
      for (const other of CAUSES[code].alike ?? []) {
        expect(CODES, code).toContain(other);
        expect(other).not.toBe(code);
      }
    }
  });
});
