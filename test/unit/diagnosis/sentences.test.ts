/** Every sentence of every cause, with the parameters of one connection and with odd ones. */
import { describe, expect, it } from 'vitest';
import { CAUSE_SAMPLES } from '../../../scripts/causes/samples.mjs';
import { maskShapes } from '../../../src/base/secret-shapes';
import { CAUSES, type CauseCode } from '../../../src/diagnosis/catalogue';
import { diagnosisOf } from '../../../src/diagnosis/render';
import { CAUSE_WORDS } from '../../../src/diagnosis/words/en';
import type { CauseParams } from '../../../src/trace/diagnosis';

const CODES = Object.keys(CAUSES) as CauseCode[];
const SAMPLES: Readonly<Record<string, CauseParams>> = CAUSE_SAMPLES;

/** All that a reader reads, and the lines to paste. */
function wordsOf(code: CauseCode, params: CauseParams): { texts: string[]; snippets: string[] } {
  const { what, why, next, alternatives } = diagnosisOf({ code, outcome: 'failed', params }, null);
  return {
    texts: [
      what,
      ...(why === null ? [] : [why]),
      ...next.map(({ text }) => text),
      ...alternatives.flatMap((other) => [other.what, other.tellApart]),
    ],
    snippets: next.flatMap(({ snippet }) => (snippet === undefined ? [] : [snippet])),
  };
}

/** The same parameters with every text replaced. */
function withTexts(params: CauseParams, text: string): CauseParams {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, typeof value === 'string' ? text : value]),
  );
}

/** Each parameter left out alone, and all of them. */
function lacking(params: CauseParams): CauseParams[] {
  const names = Object.keys(params);
  return [
    {},
    ...names.map((name) => Object.fromEntries(Object.entries(params).filter(([each]) => each !== name))),
  ];
}

const GAP = /undefined|(?<!dev\/)\bnull\b|NaN|\[object|Invalid Date/;

describe('the words of causes', () => {
  it('have a sample of parameters for every cause, and for nothing else', () => {
    expect(Object.keys(SAMPLES).sort()).toEqual([...CODES].sort());
  });

  it.each(CODES)('%s: whole sentences', (code) => {
    const { texts, snippets } = wordsOf(code, SAMPLES[code]);
    for (const text of texts) {
      expect(text).not.toMatch(GAP);
      expect(text).not.toMatch(/ {2}|\s$|^\s|\.\.(?!\.)/);
    }
    for (const snippet of snippets) expect(snippet).not.toMatch(GAP);
    // Names of steps, files and options are no secrets.
    for (const text of [...texts, ...snippets, CAUSE_WORDS[code].proof]) expect(maskShapes(text)).toBe(text);
  });

  it.each(CODES)('%s: no gap shows where something is not known', (code) => {
    for (const params of lacking(SAMPLES[code])) {
      const { texts, snippets } = wordsOf(code, params);
      const told = JSON.stringify(params);
      for (const text of [...texts, ...snippets]) expect(text, told).not.toMatch(GAP);
      for (const text of texts) expect(text, told).not.toMatch(/ {2}/);
    }
  });

  it.each(CODES)('%s: what a peer says stands as it was said', (code) => {
    for (const odd of ['$&', "$'$`$1", `a "b" 'c' \\ d`, 'one\ntwo', '<b>&amp;']) {
      const params = withTexts(SAMPLES[code], odd);
      const { texts, snippets } = wordsOf(code, params);
      for (const text of [...texts, ...snippets]) expect(text).not.toMatch(GAP);
    }
  });
});
