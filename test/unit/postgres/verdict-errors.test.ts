import { describe, expect, it } from 'vitest';
import { errorVerdict } from '../../../src/postgres/diagnose/verdict-errors';

const context = {
  user: 'user "app_user"',
  database: 'database "orders"',
  mechanism: null,
  secure: true,
  authenticated: false,
};
const verdict = (code: string, message: string, more: { detail?: string; hint?: string } = {}) =>
  errorVerdict({ severity: 'FATAL', code, message, ...more }, context);

describe('the verdict on an error of the server', () => {
  it.each([
    ['unsupported startup parameter: extra_float_digits', /ignore_startup_parameters/],
    ['no more connections allowed (max_client_conn)', /raise max_client_conn/],
    ['SSL required', /sslmode=require/],
    ['server login has been failing, try again later (server_login_retry)', /server behind it/],
    ['query_wait_timeout', /server behind it/],
    ['no such user: app_user', /userlist\.txt/],
    ['client_login_timeout', /longer than the pooler waits/],
    ['something that no version said before', /pooler such as pgbouncer in its place/],
  ])('08P01 "%s" is a pooler’s, and not a broken protocol', (message, words) => {
    expect(verdict('08P01', message)).toMatch(words);
    expect(verdict('08P01', message)).toContain(message);
    expect(verdict('08P01', message)).not.toContain('found the protocol broken');
  });

  it.each([
    'invalid startup packet layout: expected terminator as last byte',
    'invalid length of startup packet',
    'expected password response, got message type 81',
    'invalid message format',
    'invalid frontend message type 0',
    'malformed SCRAM message',
  ])('08P01 "%s" is a broken protocol', (message) => {
    expect(verdict('08P01', message)).toContain('found the protocol broken');
  });

  it('57P03: a standby that takes none is not waited for', () => {
    const never = verdict('57P03', 'the database system is not accepting connections', {
      detail: 'Hot standby mode is disabled.',
    });
    expect(never).toMatch(/Hot standby mode is disabled\): set hot_standby = on/);
    expect(verdict('57P03', 'the database system is starting up')).toMatch(/starting up\): wait until/);
  });

  it.each([
    ['28000', 'LDAP authentication failed for user "app_user"', /check the password there/],
    ['28000', 'PAM authentication failed for user "app_user"', /what PAM answered/],
    ['28000', 'SSL connection is required. Please specify SSL options and retry.', /sslmode=require/],
    ['57014', 'canceling authentication due to timeout', /authentication_timeout/],
    ['55000', 'database "orders" is not currently accepting connections', /ALLOW_CONNECTIONS/],
    ['XX000', 'no idea', /Look up the code/],
  ])('%s "%s" has its next step', (code, message, words) => {
    expect(verdict(code, message)).toMatch(words);
  });
});
