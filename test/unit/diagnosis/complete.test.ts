/** Words whose parameters are not all there: a missing one gets a neutral name, and never becomes a claim. */
import { describe, expect, it } from 'vitest';
import { complete } from '../../../src/diagnosis/words/complete';
import type { CauseParams } from '../../../src/trace/diagnosis';

const words = ({ server, bad, after }: CauseParams) =>
  `${server} left after ${after}${bad === undefined ? '' : ', and libpq stops at its answer'}.`;

describe('words with a parameter that is not there', () => {
  it.each<[CauseParams, string]>([
    [{ server: 'db:5432', after: 'S', bad: 'yes' }, 'db:5432 left after S, and libpq stops at its answer.'],
    [{ server: 'db:5432', after: 'S' }, 'db:5432 left after S.'],
    [{ server: 'db:5432' }, 'db:5432 left after (not known).'],
    [{ after: 'S' }, 'the server left after S.'],
    [{}, 'the server left after (not known).'],
    [{ after: 'undefined' }, 'undefined left after undefined.'],
  ])('%j', (params, said) => {
    expect(complete(words, params)).toBe(said);
  });
});
