import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8, utf8Bytes } from '../../../src/base/bytes';
import { MASK } from '../../../src/base/secret-shapes';
import { parseFrontend } from '../../../src/postgres/messages/message-frontend';
import { withoutConstants } from '../../../src/postgres/messages/sql-constants';
import { frontendSummary } from '../../../src/postgres/observer/summaries';
import { maskBytes, redactStep } from '../../../src/trace/redact';
import { stepOf } from '../../support/traces';

describe('the constants of a query', () => {
  it.each([
    ["SELECT 'secret'", 'SELECT ¤'],
    ["SELECT E'sec\\'ret', 1", 'SELECT ¤'.concat(', 1')],
    ["SELECT 'sec''ret' FROM \"it's\" WHERE a = 'secret'", 'SELECT ¤ FROM "it\'s" WHERE a = ¤'],
    ["SELECT 'a\\', 'secret'", 'SELECT ¤'],
    ['DO $x$ secret $x$; SELECT $1', 'DO ¤; SELECT $1'],
    ["-- it's a comment\nSELECT 'secret'", "-- it's a comment\nSELECT ¤"],
    ["/* don't */ SELECT 'secret'", "/* don't */ SELECT ¤"],
    ["SELECT 'secret", 'SELECT ¤'],
    ["SET client_encoding TO 'UTF8'", "SET client_encoding TO 'UTF8'"],
    ["SET a = 'b'; SELECT 'secret'", "SET a = 'b'; SELECT ¤"],
    ["SELECT ''", "SELECT ''"],
    ['SELECT pg_catalog.pg_is_in_recovery()', 'SELECT pg_catalog.pg_is_in_recovery()'],
  ])('%s', (sql, shown) => {
    expect(withoutConstants(sql)).toBe(shown.replaceAll('¤', MASK));
  });

  it('end for every text', () => {
    const piece = fc.constantFrom(
      "'",
      '"',
      '$',
      '$x$',
      '\\',
      'E',
      ';',
      '--',
      '/*',
      '*/',
      '\n',
      'set ',
      'a',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 200 }), (pieces) => {
        const sql = pieces.join('');
        expect(withoutConstants(sql).length).toBeLessThanOrEqual(sql.length + MASK.length * 50);
      }),
    );
  });

  function frame(type: string, body: string): Uint8Array {
    const bytes = utf8Bytes(`${type}\0\0\0\0${body}`);
    new DataView(bytes.buffer).setInt32(1, bytes.length - 1);
    return bytes;
  }

  it.each([
    ['Q', "SELECT 'é', 'secret-word'\0"],
    ['Q', `SELECT '${'x'.repeat(150)}secret-word'\0`],
    ['P', "s\0ALTER USER u PASSWORD 'secret-word'\0\0\0"],
    ['P', "s\0ALTER USER u PASSWORD 'secret-word'"],
    ['B', 'p\0s\0\0\0\0\x01\0\0\0\x0bsecret-word\0\0'],
  ])('of a %s message are in no field, line or byte: %j', (type, body) => {
    const bytes = frame(type, body);
    const { value: message, fields } = parseFrontend(bytes, 'password');
    if (!message) throw new Error('not read');
    const summary = frontendSummary(message);
    expect(summary).not.toContain('secret-word');
    const step = stepOf({ layer: 'postgres', summary, bytes: bytes.length, fields });
    const shown = JSON.stringify(redactStep(step));
    expect(shown).not.toContain('secret-word');
    expect(shown).not.toContain(Buffer.from('secret-word').toString('hex'));
    expect(utf8(maskBytes(step, bytes).bytes)).not.toContain('secret-word');
    // They are there for whoever asks.
    const revealed = JSON.stringify(step);
    expect(
      revealed.includes('secret-word') || revealed.replaceAll(' ', '').includes('7365637265742d776f7264'),
    ).toBe(true);
  });
});
