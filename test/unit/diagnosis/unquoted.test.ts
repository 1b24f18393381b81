/** A server's words without the names in them, and without more of them than is worth reading. */
import { describe, expect, it } from 'vitest';
import { unquoted } from '../../../src/diagnosis/unquoted';

describe('the words of an error', () => {
  it.each([
    ['role "too many" does not exist', 'role "" does not exist'],
    ['le rôle « trop » n’existe pas', 'le rôle "" n’existe pas'],
    ['Rolle „zu viele“ existiert nicht', 'Rolle "" existiert nicht'],
    ['an inch is " and a line\nends "it"', 'an inch is " and a line\nends ""'],
  ])('of %s leave out names', (text, words) => {
    expect(unquoted(text)).toBe(words);
  });

  it.each(['“', '«', '„', 'exceeded '])('of a text of many times %s are its beginning', (seed) => {
    expect(unquoted(seed.repeat(30_000)).length).toBeLessThanOrEqual(4096);
  });
});
