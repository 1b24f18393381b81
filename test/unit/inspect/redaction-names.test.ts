import { describe, expect, it } from 'vitest';
import { utf8, utf8Bytes } from '../../../src/base/bytes';
import { AddressBook } from '../../../src/inspect/redaction/addresses';
import { Names } from '../../../src/inspect/redaction/names';

/** What becomes of a sentence when these names were met before. */
function redacted(sentence: string, ...known: string[]): string {
  const names = new Names(new AddressBook(['192.0.2.1']));
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
    const text = redacted('user "àstrolabe" does not exist', 'àstrolabe');
    expect(text).toBe(`user "${'a'.repeat(10)}" does not exist`);
  });

  it('that nobody met before become letters, quoted or not, and addresses of the packets stay', () => {
    expect(redacted('database "orders" at "192.0.2.1"')).toBe('database "xxxxxx" at "192.0.2.1"');
    expect(redacted('database orders at 192.0.2.7')).toBe('database xxxxxx at xxx.x.x.x');
  });

  it.each([
    ['Passwort-Authentifizierung für Benutzer »orders_app« fehlgeschlagen', /orders|fehl|Benutzer/],
    ['ROLE ORDERS_APP DOES NOT EXIST', /orders/i],
    ['role orders_app2 does not exist', /orders/],
    ['ユーザ「orders_app」のパスワード認証に失敗しました', /orders|パスワード/],
  ])('are not left in %s', (sentence, gone) => {
    expect(redacted(sentence, 'orders_app')).not.toMatch(gone);
  });

  it('take work in proportion to the text, however many names are known', () => {
    const names = new Names();
    const work = (count: number) => {
      for (let i = 0; i < count; i++) {
        const name = utf8Bytes(`application_user_${names.values.size}`);
        names.mask(name, 0, name.length);
      }
      const before = names.work;
      const sentence = utf8Bytes('password authentication failed for user "application_user_1"');
      names.maskSentence(sentence, 0, sentence.length);
      return names.work - before;
    };
    expect(work(10_000)).toBe(work(10));
  });
});

describe('a stand-in', () => {
  it('is another for another name', () => {
    const names = new Names();
    const made = new Set<string>();
    for (let i = 0; i < 20_000; i++) {
      const bytes = utf8Bytes(`name_${i}_padded`.slice(0, 16));
      names.mask(bytes, 0, bytes.length);
      made.add(utf8(bytes).slice(0, 8));
    }
    expect(made.size).toBeGreaterThan(19_000);
  });
});
