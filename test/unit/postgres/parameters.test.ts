import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { setParameter } from '../../../src/postgres/backend/parameter-set';
import { allParameters } from '../../../src/postgres/backend/parameter-table';
import { readSwitches } from '../../../src/postgres/backend/server-switches';

/** The value as PostgreSQL would have it, or SQLSTATE and message. */
function set(name: string, value: string, superuser = false): string {
  const result = setParameter(name, value, superuser);
  return 'set' in result
    ? `${result.set.name} = ${result.set.value}`
    : `${result.problem.code} ${result.problem.message}`;
}

describe('setParameter', () => {
  it.each([
    ['datestyle', 'german', 'DateStyle = German, DMY'],
    ['DateStyle', 'iso, euro', 'DateStyle = ISO, DMY'],
    ['client_encoding', 'iso-8859-15', 'client_encoding = LATIN9'],
    ['TimeZone', '-3.5', 'TimeZone = <-03:30>+03:30'],
    ['timezone', 'asia/tokyo', 'TimeZone = Asia/Tokyo'],
    ['standard_conforming_strings', 'OF', 'standard_conforming_strings = off'],
    ['IntervalStyle', 'Iso_8601', 'IntervalStyle = iso_8601'],
    ['scram_iterations', '0x10', 'scram_iterations = 16'],
    ['statement_timeout', '0.5 min', 'statement_timeout = 30000'],
    ['work_mem', '2.5MB', 'work_mem = 2560'],
    ['my.own', 'x', 'my.own = x'],
    ['application_name', 'é', 'application_name = \\xc3\\xa9'],
  ])('%s=%s', (name, value, expected) => {
    expect(set(name, value)).toBe(expected);
  });

  it.each([
    ['nothing', '1', '42704 unrecognized configuration parameter "nothing"'],
    ['1.2', '1', '42602 invalid configuration parameter name "1.2"'],
    ['fsync', 'off', '55P02 parameter "fsync" cannot be changed now'],
    ['port', '1', '55P02 parameter "port" cannot be changed without restarting the server'],
    ['server_version', '1', '55P02 parameter "server_version" cannot be changed'],
    ['log_statement', 'all', '42501 permission denied to set parameter "log_statement"'],
    ['DateStyle', 'iso, sql', '22023 invalid value for parameter "DateStyle": "iso, sql"'],
    ['search_path', 'a,,b', '22023 invalid value for parameter "search_path": "a,,b"'],
    ['TimeZone', 'Mars/Olympus', '22023 invalid value for parameter "TimeZone": "Mars/Olympus"'],
    ['geqo_seed', '2', '22023 2 is outside the valid range for parameter "geqo_seed" (0 .. 1)'],
    [
      'statement_timeout',
      '-1',
      '22023 -1 ms is outside the valid range for parameter "statement_timeout" (0 ms .. 2147483647 ms)',
    ],
  ])('refuses %s=%s', (name, value, expected) => {
    expect(set(name, value)).toBe(expected);
  });

  it('lets a superuser set more', () => {
    expect(set('log_statement', 'all', true)).toBe('log_statement = all');
    expect(set('fsync', 'off', true)).toMatch(/^55P02/);
  });

  it('never throws, whatever is given', () => {
    const names = allParameters().map(({ name }) => name);
    const bytes = fc.uint8Array().map((given) => String.fromCharCode(...given));
    const name = fc.oneof(fc.constantFrom(...names), fc.string());
    fc.assert(
      fc.property(name, fc.oneof(fc.string(), bytes), fc.boolean(), (given, value, superuser) => {
        expect(set(given, value, superuser)).not.toBe('');
      }),
    );
  });
});

describe('readSwitches', () => {
  it('reads the command line of a server', () => {
    const text = '-c a=1 --statement-timeout=5s -e -fs -d 7 -c search_path=x,\\ y';
    expect(readSwitches(text)).toEqual({
      ok: true,
      assignments: [
        ['a', '1'],
        ['statement_timeout', '5s'],
        ['datestyle', 'euro'],
        ['enable_seqscan', 'false'],
        ['log_min_messages', 'debug5'],
        ['search_path', 'x, y'],
      ],
    });
  });

  it('keeps what was before a switch that it cannot read', () => {
    expect(readSwitches('-c a=1 nonsense -c b=2')).toMatchObject({
      ok: false,
      assignments: [['a', '1']],
      problem: { code: '42601', message: 'invalid command-line argument for server process: nonsense' },
    });
  });

  it('ends on any text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(readSwitches(text).assignments.length).toBeLessThan(999);
      }),
    );
  });
});
