import { describe, expect, it } from 'vitest';
import { concat, utf8Bytes } from '../../../src/base/bytes';
import { MessageWriter } from '../../../src/postgres/messages/message-writer';

describe('MessageWriter', () => {
  const writer = new MessageWriter();

  it('fills in the length word, which does not count the type byte', () => {
    expect([...writer.begin('Z').u8(0x49).finish()]).toEqual([0x5a, 0, 0, 0, 5, 0x49]);
    expect([...writer.begin().int32(80877103).finish()]).toEqual([0, 0, 0, 8, 4, 210, 22, 47]);
  });

  it('writes negative numbers as two’s complement', () => {
    expect([...writer.begin('x').int16(-2).int32(-1).finish()].slice(5)).toEqual([
      255, 254, 255, 255, 255, 255,
    ]);
  });

  it.each(['', 'plain', 'café', '\u{1f418} and more', 'x'.repeat(5000), 'é'.repeat(3000)])(
    'writes text as UTF-8 with a NUL: %.12s',
    (text) => {
      const message = writer.begin('x').cstring(text).u8(7).finish();
      expect(message.slice(5)).toEqual(concat(utf8Bytes(text), Uint8Array.of(0, 7)));
    },
  );

  it.each(['cut\0here', 'é cut\0here', 'cut\0é'])('cuts text at a NUL: %j', (text) => {
    const message = writer.begin('x').cstring(text).finish();
    expect(message.slice(5)).toEqual(concat(utf8Bytes(text.split('\0')[0]), Uint8Array.of(0)));
  });

  it('gives messages that later ones do not change', () => {
    const first = writer.begin('a').cstring('first').finish();
    const copy = first.slice();
    writer.begin('b').bytes(new Uint8Array(9000).fill(1)).finish();
    writer.begin('c').cstring('other').finish();
    expect(first).toEqual(copy);
  });
});
