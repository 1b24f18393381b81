import { describe, expect, it } from 'vitest';
import { toBase64 } from '../../../src/auth/base64';
import { ConnectionPolicy } from '../../../src/postgres/client/policy';
import type { ConnectionOptions } from '../../../src/postgres/options/connection-options';
import { connectionSettings } from '../../../src/postgres/options/settings';
import { tlsVersionRange } from '../../../src/postgres/options/tls-version';

function complaint(options: ConnectionOptions): string | null {
  const result = connectionSettings(options);
  return result.ok ? null : result.message;
}

describe('values of options', () => {
  it.each([
    [undefined, undefined, { ok: true, min: 'TLSv1.2', max: undefined }],
    ['', '', { ok: true, min: undefined, max: undefined }],
    ['tlsv1.3', undefined, { ok: true, min: 'TLSv1.3', max: undefined }],
    ['TLSv1', 'TLSv1.1', { ok: true, min: 'TLSv1', max: 'TLSv1.1' }],
    [undefined, 'TLSv1.1', { ok: false, message: 'invalid SSL protocol version range' }],
    [
      'SSLv3',
      undefined,
      {
        ok: false,
        message: 'invalid "ssl_min_protocol_version" value: expected TLSv1, TLSv1.1, TLSv1.2, TLSv1.3',
      },
    ],
    [
      undefined,
      'x',
      {
        ok: false,
        message: 'invalid "ssl_max_protocol_version" value: expected TLSv1, TLSv1.1, TLSv1.2, TLSv1.3',
      },
    ],
  ])('TLS from %s to %s', (least, most, expected) => {
    expect(tlsVersionRange(least, most)).toEqual(expected);
  });

  it.each<[ConnectionOptions, string | null]>([
    [{ keepalives: 'often' }, 'invalid integer value for connection option "keepalives"'],
    [{ tcp_user_timeout: ' 5 ' }, null],
    [{ scram_client_key: 'not base64' }, 'invalid SCRAM client key'],
    [{ scram_server_key: toBase64(new Uint8Array(5)) }, 'invalid SCRAM server key length: 5'],
    [
      { scram_client_key: toBase64(new Uint8Array(32)) },
      'scram_client_key is not supported here: give the password',
    ],
  ])('%j', (options, message) => {
    expect(complaint(options)).toBe(message);
  });

  it('tells an empty application_name from none', () => {
    const name = (options: ConnectionOptions) => {
      const result = connectionSettings(options);
      return result.ok ? result.settings.applicationName : result.message;
    };
    expect(name({})).toBeUndefined();
    expect(name({ application_name: '' })).toBe('');
    expect(name({ application_name: '', fallback_application_name: 'other' })).toBe('');
    expect(name({ fallback_application_name: 'other' })).toBe('other');
  });
});

describe('once more without application_name', () => {
  const options = { sslmode: 'prefer', sslnegotiation: 'postgres', rootCertificate: false } as const;

  it('with the same encryption', () => {
    const policy = new ConnectionPolicy(options);
    expect(policy.first()).toMatchObject({ encryption: 'ssl', named: true });
    expect(policy.next('application-name')).toMatchObject({
      action: 'reconnect',
      attempt: { encryption: 'ssl', named: false },
    });
    // The next failure goes on from there.
    expect(policy.next('error-response')).toMatchObject({ attempt: { encryption: 'plain', named: false } });
  });

  it('in the clear when N led there', () => {
    const policy = new ConnectionPolicy(options);
    expect(policy.next('application-name', true)).toMatchObject({ attempt: { encryption: 'plain' } });
  });
});
