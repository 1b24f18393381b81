import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8, utf8Bytes } from '../../../src/base/bytes';
import { TextBuilder } from '../../../src/base/text-builder';
import { oneLine } from '../../../src/trace/text';

describe('TextBuilder', () => {
  it('puts together what strings would give', () => {
    const part = fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.string({ minLength: 3000 }));
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const text = new TextBuilder(oneLine);
        for (const piece of parts) text.put(piece);
        expect(utf8(text.view())).toBe(asSent(parts.map(oneLine).join('')));
        text.clear();
        expect(text.length).toBe(0);
      }),
    );
  });

  it('pads by characters, not by bytes', () => {
    const text = new TextBuilder(oneLine);
    text.put('a').putBytes(utf8Bytes(' → ')).put('b').padTo(8).put('|');
    expect(text.width).toBe(9);
    text.padTo(3);
    expect(utf8(text.view())).toBe('a → b   |');
  });

  it('writes numbers', () => {
    for (const value of [0, 7, 10, 99, 100, 65_535, 4_294_967_295, 123_456_789_012]) {
      expect(utf8(new TextBuilder(oneLine).putNumber(value).view())).toBe(String(value));
    }
  });
});

/** Half a surrogate pair has no UTF-8. */
function asSent(text: string): string {
  return utf8(utf8Bytes(text));
}
