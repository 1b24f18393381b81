/** What redaction's own check finds, and how much work it is. */
import { describe, expect, it } from 'vitest';
import { utf8Bytes } from '../../../src/base/bytes';
import { checkRedacted, RedactionError } from '../../../src/inspect/redaction/check-redacted';
import { Names } from '../../../src/inspect/redaction/names';
import { ValueFinder } from '../../../src/inspect/redaction/value-finder';

const SECRET = 'orders-reader';

function checked(file: Uint8Array, ...values: string[]): string {
  const names = new Names();
  for (const value of values) names.note(value);
  try {
    checkRedacted(file, names, (offset) => `at ${offset}`);
    return '';
  } catch (error) {
    if (!(error instanceof RedactionError)) throw error;
    return error.place;
  }
}

/** @param form the value as bytes; it stands behind twelve others. */
const around = (form: Uint8Array | string) =>
  Buffer.concat([Buffer.alloc(12, 1), Buffer.from(form as Uint8Array), Buffer.alloc(9, 2)]);

describe('the check of a redacted file', () => {
  it.each([
    ['plain', Buffer.from(SECRET)],
    ['in capitals', Buffer.from(SECRET.toUpperCase())],
    ['in UTF-16, the lower byte first', Buffer.from(SECRET, 'utf16le')],
    ['in UTF-16, the upper byte first', Buffer.from(SECRET, 'utf16le').swap16()],
    ['in hexadecimal', Buffer.from(Buffer.from(SECRET).toString('hex'))],
    ['in capital hexadecimal', Buffer.from(Buffer.from(SECRET).toString('hex').toUpperCase())],
    ['in base64', Buffer.from(Buffer.from(SECRET).toString('base64'))],
    ['in base64, behind one byte', Buffer.from(Buffer.from(`.${SECRET}.`).toString('base64'))],
    ['in base64, behind two bytes', Buffer.from(Buffer.from(`..${SECRET}.`).toString('base64url'))],
  ])('finds a value %s, and says where', (_, form) => {
    expect(checked(around(form), 'another', SECRET)).toMatch(/^at 1[1-5]$/);
    expect(checked(around('nothing of it'), SECRET)).toBe('');
  });

  it('finds a value that is not ASCII, in UTF-8 and UTF-16', () => {
    const name = 'größenwahn-λ';
    const value = Buffer.from(name).toString('latin1');
    for (const form of [
      Buffer.from(name),
      Buffer.from(name, 'utf16le'),
      Buffer.from(name, 'utf16le').swap16(),
    ]) {
      expect(checked(around(form), value)).not.toBe('');
    }
  });

  it('looks inside what compression and TLS hide', () => {
    const names = new Names();
    names.note(SECRET);
    names.place = 'inside t3';
    names.noteHidden(utf8Bytes(`key=${SECRET}`));
    expect(() => checkRedacted(new Uint8Array(64), names, () => '')).toThrow('inside t3');
  });

  it('does not say the value', () => {
    const names = new Names();
    names.note(SECRET);
    expect(() => checkRedacted(around(SECRET), names, () => 'here')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining(SECRET) }),
    );
  });

  it.each([
    ['words of the protocol', 'password', 'password authentication failed'],
    ['stand-ins', 'aaaaaaaa', 'user aaaaaaaa'],
    ['values too short to tell from chance', 'ab', 'grab'],
  ])('lets %s be', (_, value, text) => {
    expect(checked(around(text), value)).toBe('');
  });
});

describe('ValueFinder', () => {
  it('finds what a plain search finds', () => {
    const values = Array.from({ length: 300 }, (_, i) => `v${1000 + i * 7919}-${'abc'.repeat(i % 14)}`);
    const text = values.map((value, i) => (i % 3 === 0 ? value : value.slice(1))).join(' ');
    const found = new Set<string>();
    new ValueFinder(values).find(utf8Bytes(text), ({ value }) => {
      found.add(value);
      return false;
    });
    const wanted = values.filter((value) => text.includes(value.slice(0, 31)));
    expect([...found].sort()).toEqual(wanted.sort());
    expect(wanted.length).toBeGreaterThan(90);
  });

  it('does work in proportion to the bytes, however many values there are', () => {
    const text = utf8Bytes('application_user_name of database_name\n'.repeat(500));
    const work = (count: number) => {
      const finder = new ValueFinder(Array.from({ length: count }, (_, i) => `application_user_${i}_x`));
      finder.find(text, () => false);
      return finder.work;
    };
    expect(work(50_000)).toBeLessThanOrEqual(work(500) * 2);
  });
});
