import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { passwordFor } from '../../../src/postgres/options/password-file';

const QUERY = { host: 'db.example.test', port: 5432, database: 'appdb', user: 'app_user' };

describe('passwordFor', () => {
  it.each([
    ['db.example.test:5432:appdb:app_user:secret', 'secret'],
    ['*:*:*:*:secret', 'secret'],
    ['# comment\n*:*:*:app_user:secret', 'secret'],
    ['*:*:*:other_user:first\n*:*:*:app_user:second', 'second'],
    ['*:*:*:app_user:first\n*:*:*:app_user:second', 'first'],
    ['db.example.test:5433:appdb:app_user:secret', undefined],
    ['db.example.test:5432:other:app_user:secret', undefined],
    ['*:*:*:app\\_user:secret', 'secret'],
    ['*:*:*:\\*:secret', undefined],
    ['*:*:*:*:a\\:b\\\\c', 'a:b\\c'],
    ['*:*:*:*:secret:more', 'secret'],
    ['*:*:*:*:secret\r\n', 'secret'],
    ['*:*:*:*:', ''],
    ['*:*:*:*', undefined],
    ['too:few', undefined],
    ['', undefined],
  ])('%j', (text, password) => {
    expect(passwordFor(text, QUERY)).toBe(password);
  });

  it('knows the usual socket folders as localhost', () => {
    const text = 'localhost:*:*:*:secret';
    expect(passwordFor(text, { ...QUERY, host: '/tmp' })).toBe('secret');
    expect(passwordFor(text, { ...QUERY, host: '' })).toBe('secret');
    expect(passwordFor(text, { ...QUERY, host: '/run/elsewhere' })).toBeUndefined();
  });

  it('survives any text, and finds what was escaped', () => {
    fc.assert(
      fc.property(fc.string(), fc.string({ minLength: 1 }), (text, password) => {
        passwordFor(text, QUERY);
        fc.pre(!/[\r\n]/.test(password));
        const line = `*:*:*:*:${password.replace(/[\\:]/g, '\\$&')}`;
        expect(passwordFor(line, QUERY)).toBe(password);
      }),
    );
  });
});
