import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { postgresMd5FromStored, postgresMd5Response, postgresMd5Stored } from '../../../src/auth/md5';
import { mongoCrKey, mongoPasswordDigest } from '../../../src/auth/mongodb-cr';
import {
  MAX_PASSWORD_LENGTH,
  mongoSha256Password,
  postgresPassword,
  prepare,
} from '../../../src/auth/saslprep';
import { utf8 } from '../../../src/base/bytes';

describe('SASLprep, RFC 4013 section 3', () => {
  it.each([
    ['I\u00ADX', 'IX'],
    ['user', 'user'],
    ['USER', 'USER'],
    ['\u00AA', 'a'],
    ['\u2168', 'IX'],
  ])('%j becomes %j', (input, output) => {
    expect(prepare(input)).toEqual({ ok: true, text: output });
  });

  it.each(['\u0007', '\u0627\u0031', '\u0221', '\ud800'])('%j is refused', (input) => {
    expect(prepare(input).ok).toBe(false);
  });
});

describe('the password each database uses', () => {
  it('PostgreSQL falls back to the raw bytes, MongoDB refuses', () => {
    const prohibited = 'p\u00e4ss\u0007';
    expect(utf8(postgresPassword(prohibited))).toBe(prohibited);
    expect(mongoSha256Password(prohibited).ok).toBe(false);
  });

  it('both normalize', () => {
    expect(utf8(postgresPassword('\u2168'))).toBe('IX');
    expect(mongoSha256Password('\u2168')).toEqual({ ok: true, text: 'IX' });
  });

  it('PostgreSQL leaves ASCII alone and a password that maps to nothing as it is', () => {
    expect(utf8(postgresPassword('a\u0007b'))).toBe('a\u0007b');
    expect(utf8(postgresPassword('\u00AD'))).toBe('\u00AD');
  });

  it('never throws, however long the password', () => {
    expect(prepare('x'.repeat(MAX_PASSWORD_LENGTH)).ok).toBe(true);
    expect(prepare('x'.repeat(1_000_000)).ok).toBe(false);
    expect(postgresPassword('ä'.repeat(1_000_000))).toHaveLength(2_000_000);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => void [prepare(text), postgresPassword(text)]),
    );
  });
});

describe('md5', () => {
  it('PostgreSQL', () => {
    expect(postgresMd5Stored('postgres', 'postgres')).toBe('md53175bce1d3201d16594cebf9d7eb3f9d');
    const salt = Uint8Array.of(1, 2, 3, 255);
    const expected = createHash('md5').update('3175bce1d3201d16594cebf9d7eb3f9d').update(salt).digest('hex');
    expect(postgresMd5Response('postgres', 'postgres', salt)).toBe(`md5${expected}`);
    expect(postgresMd5FromStored(postgresMd5Stored('postgres', 'postgres'), salt)).toBe(`md5${expected}`);
  });

  it('MONGODB-CR, the example of the driver specification', () => {
    const digest = mongoPasswordDigest('user', 'pencil');
    expect(mongoCrKey('2375531c32080ae8', 'user', digest)).toBe('21742f26431831d5cfca035a08c5bdf6');
  });
});
