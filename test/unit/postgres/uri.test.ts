import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OPTION_KEYWORDS } from '../../../src/postgres/options/connection-options';
import { connectionSettings } from '../../../src/postgres/options/settings';
import { parseConnectionString } from '../../../src/postgres/options/uri';

function options(text: string): unknown {
  const result = parseConnectionString(text);
  return result.ok ? result.options : result.message;
}

function settings(text: string) {
  const parsed = parseConnectionString(text);
  return parsed.ok ? connectionSettings(parsed.options) : parsed;
}

describe('connection strings', () => {
  it.each<[string, unknown]>([
    ['postgresql://', {}],
    ['postgres://db.example', { host: 'db.example' }],
    [
      'postgresql://app_user:p%40ss@db.example:5433/app',
      { user: 'app_user', password: 'p@ss', host: 'db.example', port: '5433', dbname: 'app' },
    ],
    ['postgresql://app_user@/app?host=db.example', { user: 'app_user', dbname: 'app', host: 'db.example' }],
    ['postgresql://[2001:db8::1]:5433/app', { host: '2001:db8::1', port: '5433', dbname: 'app' }],
    ['postgresql://one:1,two,three:3/app', { host: 'one,two,three', port: '1,,3', dbname: 'app' }],
    ['postgresql://%2Fvar%2Frun/app', { host: '/var/run', dbname: 'app' }],
    [
      'postgresql://h/?sslmode=require&application_name=a%20b',
      { host: 'h', sslmode: 'require', application_name: 'a b' },
    ],
    ['postgresql://h?ssl=true', { host: 'h', sslmode: 'require' }],
    ['postgresql://h/app?', { host: 'h', dbname: 'app' }],
    ['postgresql://h/app?sslmode=require&', { host: 'h', dbname: 'app', sslmode: 'require' }],
    ['postgresql://caf%C3%A9@h', { user: 'café', host: 'h' }],
    ['postgresql://h/?requiressl=1', { host: 'h', sslmode: 'require' }],
    ['host=h port = 5433 dbname=app', { host: 'h', port: '5433', dbname: 'app' }],
    ["host=h password='it\\'s \\\\ here'", { host: 'h', password: "it's \\ here" }],
    ["host='' user=a\\ b", { host: '', user: 'a b' }],
    ['  host=h  ', { host: 'h' }],
    ['', {}],
  ])('reads %s', (text, expected) => {
    expect(options(text)).toEqual(expected);
  });

  it.each([
    ['postgresql://h?nonsense=1', 'invalid URI query parameter: "nonsense"'],
    ['postgresql://h?sslmode', 'missing key/value separator "=" in URI query parameter: "sslmode"'],
    ['postgresql://h?sslmode=a=b', 'extra key/value separator "=" in URI query parameter: "sslmode"'],
    ['postgresql://[::1', 'end of string reached when looking for matching "]" in IPv6 host address in URI'],
    ['postgresql://[]', 'IPv6 host address may not be empty in URI'],
    ['postgresql://[::1]x', 'unexpected character at position 19 in URI (expected ":" or "/")'],
    ['postgresql://%zz', 'invalid percent-encoded token in the host; write "%" as %25'],
    ['postgresql://%00', 'forbidden value %00 in percent-encoded value of the host'],
    ['postgresql://a b', 'unexpected spaces found in the host, use percent-encoded spaces (%20) instead'],
    ['host', 'missing "=" after "host" in connection info string'],
    ['nonsense=1', 'invalid connection option "nonsense"'],
    ["host='h", 'unterminated quoted string in connection info string'],
  ])('refuses %s', (text, message) => {
    expect(options(text)).toBe(message);
  });

  it('knows each option once', () => {
    expect(new Set(OPTION_KEYWORDS).size).toBe(OPTION_KEYWORDS.length);
  });

  it('reads back every value that was quoted as libpq asks', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 40 }),
        fc.string({ unit: 'grapheme', maxLength: 40 }),
        (user, password) => {
          const quote = (value: string) => `'${value.replace(/[\\']/g, '\\$&')}'`;
          expect(options(`user=${quote(user)} password=${quote(password)}`)).toEqual({ user, password });
        },
      ),
    );
  });
});

describe('connection settings', () => {
  it('has the defaults of libpq', () => {
    expect(settings('')).toMatchObject({
      ok: true,
      settings: {
        hosts: [{ host: 'localhost', hostaddr: null, port: 5432 }],
        sslmode: 'prefer',
        sslnegotiation: 'postgres',
        channelBinding: 'prefer',
        connectTimeout: 0,
        minProtocolVersion: { major: 3, minor: 0 },
        maxProtocolVersion: { major: 3, minor: 0 },
      },
    });
  });

  it('pairs hosts, addresses and ports', () => {
    expect(settings('host=a,b hostaddr=192.0.2.1, port=1')).toMatchObject({
      settings: {
        hosts: [
          { host: 'a', hostaddr: '192.0.2.1', port: 1 },
          { host: 'b', hostaddr: null, port: 1 },
        ],
      },
    });
  });

  it('raises the newest protocol with the oldest', () => {
    expect(settings('min_protocol_version=3.2')).toMatchObject({
      settings: { maxProtocolVersion: { major: 3, minor: 2 } },
    });
  });

  it('takes 1 second for 2, and grows strict with sslrootcert=system', () => {
    expect(settings('connect_timeout=1')).toMatchObject({ settings: { connectTimeout: 2 } });
    expect(settings('sslrootcert=system')).toMatchObject({ settings: { sslmode: 'verify-full' } });
  });

  it.each([
    [
      'sslmode=maybe',
      'invalid sslmode value: expected disable, allow, prefer, require, verify-ca, verify-full',
    ],
    [
      'sslnegotiation=direct',
      'weak sslmode "prefer" may not be used with sslnegotiation=direct (use "require", "verify-ca", or "verify-full")',
    ],
    [
      'sslrootcert=system sslmode=require',
      'weak sslmode "require" may not be used with sslrootcert=system (use "verify-full")',
    ],
    ['port=0', 'invalid port number: expected 1 to 65535'],
    ['port=x', 'invalid integer value for connection option "port"'],
    ['port=-5', 'invalid port number: expected 1 to 65535'],
    ['sslmode=', 'invalid sslmode value: expected disable, allow, prefer, require, verify-ca, verify-full'],
    ['gssencmode=require', 'gssencmode value "require" invalid when GSSAPI support is not compiled in'],
    ['gssencmode=maybe', 'invalid gssencmode value: expected disable, prefer, require'],
    [
      'target_session_attrs=x',
      'invalid target_session_attrs value: expected any, read-write, read-only, primary, standby, prefer-standby',
    ],
    [
      'require_auth=!md5,scram-sha-256',
      'require_auth method "scram-sha-256" cannot be mixed with negative methods',
    ],
    [
      'min_protocol_version=3.2 max_protocol_version=3.0',
      '"min_protocol_version" is greater than "max_protocol_version"',
    ],
    ['port=70000', 'invalid port number: expected 1 to 65535'],
    ['host=a,b port=1,2,3', 'could not match 3 port numbers to 2 hosts'],
    ['host=a,b hostaddr=192.0.2.1', 'could not match 2 host names to 1 hostaddr values'],
    ['connect_timeout=soon', 'invalid integer value for connection option "connect_timeout"'],
    [
      'require_auth=scram-sha-256,!md5',
      'negative require_auth method "!md5" cannot be mixed with non-negative methods',
    ],
    [
      'require_auth=magic',
      'invalid require_auth value: expected password, md5, gss, sspi, scram-sha-256, oauth, none',
    ],
    ['require_auth=md5,md5', 'require_auth method "md5" is specified more than once'],
    ['channel_binding=maybe', 'invalid channel_binding value: expected disable, prefer, require'],
    ['max_protocol_version=4', 'invalid max_protocol_version value: expected 3.0, 3.2, latest'],
  ])('refuses %s', (text, message) => {
    expect(settings(text)).toMatchObject({ ok: false, message });
  });
});
