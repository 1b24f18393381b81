import { describe, expect, it } from 'vitest';
import { findingMaker } from '../../../src/diagnosis/findings';

const { make } = findingMaker<'X_SEEN'>(
  { X_SEEN: 'warning' },
  { X_SEEN: { message: 'Seen: %. 100 % sure.', help: 'Nothing.' } },
);

describe('the machinery of findings', () => {
  it.each(['$&', "$'", '$`', '$$', '$1', '%', 'a "quoted" name', ''])(
    'puts %j into the words as it is',
    (seen) => {
      expect(make('X_SEEN', [3], seen).message).toBe(`Seen: ${seen}. 100 % sure.`);
    },
  );

  it('keeps a list of its own, also of one frame', () => {
    const frames = [1, 2];
    const finding = make('X_SEEN', frames);
    frames.push(3);
    expect(finding).toMatchObject({ code: 'X_SEEN', severity: 'warning', frames: [1, 2], help: 'Nothing.' });
    expect(make('X_SEEN', 7).frames).toEqual([7]);
  });
});
