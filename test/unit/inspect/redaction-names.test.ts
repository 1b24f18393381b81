import { describe, expect, it } from 'vitest';
import { utf8, utf8Bytes } from '../../../src/base/bytes';
import { Names } from '../../../src/inspect/redaction/names';

/** What becomes of a sentence when these names were met before. */
function redacted(sentence: string, ...known: string[]): string {
  const names = new Names();
  for (const name of known) {
    const bytes = utf8Bytes(name);
    names.mask(bytes, 0, bytes.length);
  }
  const bytes = utf8Bytes(sentence);
  names.maskSentence(bytes, 0, bytes.length);
  expect(bytes).toHaveLength(utf8Bytes(sentence).length);
  return utf8(bytes);
}

describe('names in a sentence', () => {
  it('are the stand-ins that they have elsewhere, in quotes or not', () => {
    expect(redacted('role "orders_app" of orders_app', 'orders_app')).toBe('role "aaaaaaaaaa" of aaaaaaaaaa');
  });

  it('may hold a quote themselves', () => {
    const sentence = 'password authentication failed for user "orders"reader"';
    expect(redacted(sentence, 'orders"reader')).toBe(
      'password authentication failed for user "aaaaaa"bbbbbb"',
    );
  });

  it('are replaced to their last byte, whatever letters they have', () => {
    // The second byte of this letter is 0xA0, a space in Latin-1.
    const text = redacted('user "àstrolabe" is unknown', 'àstrolabe');
    expect(text).toBe(`user "${'a'.repeat(10)}" is unknown`);
  });

  it('that nobody met before are replaced where they stand in quotes, and addresses stay', () => {
    expect(redacted('database "orders" at "192.0.2.1"')).toBe('database "aaaaaa" at "192.0.2.1"');
  });
});
