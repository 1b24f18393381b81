import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readService } from '../../../src/postgres/options/service-file';

const FILE = 'services.conf';
const TEXT = `
# a comment
[first]
host=one.example.test
port = 5433

  [second]${' '}
host=two.example.test
host=three.example.test
[first]
host=four.example.test
[bad]
no_such_option=1
[nested]
service=first
[words]
these are words
`;

describe('readService', () => {
  it('reads one section, up to the next', () => {
    expect(readService(TEXT, 'second', FILE)).toEqual({
      kind: 'found',
      options: { host: 'two.example.test' },
    });
  });

  it.each([
    ['first', `syntax error in service file "${FILE}", line 5`],
    ['bad', `syntax error in service file "${FILE}", line 13`],
    ['nested', `nested service specifications not supported in service file "${FILE}", line 15`],
    ['words', `syntax error in service file "${FILE}", line 17`],
  ])('complains of %s as libpq does', (service, message) => {
    expect(readService(TEXT, service, FILE)).toEqual({ kind: 'bad', message });
  });

  it('needs the whole name', () => {
    expect(readService(TEXT, 'secon', FILE)).toEqual({ kind: 'missing' });
    expect(readService(TEXT, 'third', FILE)).toEqual({ kind: 'missing' });
  });

  it('refuses a line longer than libpq reads', () => {
    const long = `[first]\nhost=${'h'.repeat(2000)}\n`;
    expect(readService(long, 'first', FILE)).toEqual({
      kind: 'bad',
      message: `line 2 too long in service file "${FILE}"`,
    });
  });

  it('survives any text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('[', ']', '=', '\n', '#', ' ', 'a', 'host') }),
        (text) => {
          expect(['found', 'missing', 'bad']).toContain(readService(text, 'a', FILE).kind);
        },
      ),
    );
  });
});
