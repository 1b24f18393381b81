import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8Between, utf8Bytes } from '../../../src/base/bytes';
import { sharedText } from '../../../src/base/shared-text';

describe('sharedText', () => {
  it('is the text of the bytes, whatever was asked before', () => {
    // Few letters and short texts, so that many have the same hash or are asked again.
    const letters = fc.constantFrom(0, 0x20, 0x61, 0x62, 0x7f, 0x80, 0xc3, 0xa9, 0xef, 0xbb, 0xbf);
    const bytes = fc
      .uint8Array({ maxLength: 40 })
      .chain((any) =>
        fc.oneof(fc.constant(any), fc.array(letters, { maxLength: 5 }).map(Uint8Array.from.bind(Uint8Array))),
      );
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 50 }), (texts) => {
        for (const text of texts) {
          expect(sharedText(text, 0, text.length)).toBe(utf8Between(text, 0, text.length));
        }
      }),
    );
  });

  it('reads the part that was asked for, also where the bytes have changed', () => {
    const bytes = utf8Bytes('saslStart');
    expect(sharedText(bytes, 0, 4)).toBe('sasl');
    expect(sharedText(bytes, 4, 9)).toBe('Start');
    bytes[0] = 0x70;
    expect(sharedText(bytes, 0, 4)).toBe('pasl');
    expect(sharedText(bytes, 2, 2)).toBe('');
  });
});
