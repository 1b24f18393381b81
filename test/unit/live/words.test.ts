import { describe, expect, it } from 'vitest';
import { stepWords } from '../../../src/diagnosis/words/en/steps';
import { stateGraphOf } from '../../../src/inspect/graphs';
import {
  certificateFailure,
  connectFailure,
  type LocalFailure,
  settingsFailure,
} from '../../../src/live/errors';

const place = {
  target: 'db.example.test:5432',
  host: 'db.example.test',
  port: 5432,
  product: 'PostgreSQL',
} as const;

describe('step words', () => {
  it.each(['postgres', 'mongodb'] as const)('every state that %s can wait in has words', (protocol) => {
    const waiting = stateGraphOf(protocol).nodes.filter(
      (node) =>
        node.role === 'client' && node.kind !== 'success' && node.kind !== 'failure' && node.id !== 'CLOSED',
    );
    expect(waiting.length).toBeGreaterThan(5);
    for (const { id } of waiting) expect(stepWords(protocol, id)).toMatch(/^[a-z][^A-Z]* ?.*[^.]$/);
  });

  it('names a state that is new to it', () => {
    expect(stepWords('postgres', 'CONNECTION_NEW')).toBe('in CONNECTION_NEW');
  });
});

describe('what only this side knows becomes a cause', () => {
  const failed = (code: string) => Object.assign(new Error('it broke'), { code });

  it.each([
    ['EHOSTUNREACH', 'LIVE_NO_ROUTE'],
    ['ENETUNREACH', 'LIVE_NO_ROUTE'],
    ['EACCES', 'LIVE_NOT_PERMITTED'],
    ['EMFILE', 'LIVE_TOO_MANY_SOCKETS'],
    ['ETIMEDOUT', 'TCP_NO_ANSWER'],
    ['ESOMETHING', 'LIVE_CONNECT_ERROR'],
    ['', 'LIVE_CONNECT_ERROR'],
  ])('%s: %s', (code, cause) => {
    const failure = connectFailure(failed(code), place, undefined, 1) as LocalFailure;
    expect(failure.cause.code).toBe(cause);
    expect(failure.error.code).toBe(code || cause);
    expect(failure.error.message).toMatch(/\.$/);
    expect(failure.error.message).not.toContain('undefined');
  });

  it('a refused connection shows on the wire, a Unix socket has no wire', () => {
    expect(connectFailure(failed('ECONNREFUSED'), place, undefined, 1)).toBeUndefined();
    const path = '/tmp/mongodb-27017.sock';
    expect(connectFailure(failed('ECONNREFUSED'), place, path, 1)?.cause.code).toBe('LIVE_SOCKET_REFUSED');
    expect(connectFailure(failed('ENOENT'), place, path, 1)?.error.message).toBe(
      'There is no Unix socket at /tmp/mongodb-27017.sock.',
    );
  });

  it.each([
    ['CERT_HAS_EXPIRED', 'TLS_CERTIFICATE_EXPIRED'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'TLS_CERTIFICATE_UNTRUSTED'],
    ['CERT_REVOKED', 'TLS_CERTIFICATE_REVOKED'],
    ['CRL_HAS_EXPIRED', 'LIVE_REVOCATION_LIST'],
    ['INVALID_PURPOSE', 'TLS_CERTIFICATE_REFUSED'],
  ])('%s: %s', (code, cause) => {
    const failure = certificateFailure(code, place);
    expect(failure.cause).toMatchObject({ code: cause, params: { name: 'db.example.test' } });
    expect(failure.error.code).toBe(code);
  });

  it('a certificate for another name is TLS_CERTIFICATE_WRONG_NAME', () => {
    expect(certificateFailure('ERR_TLS_CERT_ALTNAME_INVALID', place).cause.code).toBe(
      'TLS_CERTIFICATE_WRONG_NAME',
    );
  });

  it.each([
    ['ERR_OSSL_BAD_DECRYPT', 'LIVE_KEY_UNUSABLE'],
    ['ERR_OSSL_X509_KEY_VALUES_MISMATCH', 'LIVE_KEY_MISMATCH'],
    ['ERR_OSSL_SOMETHING', 'LIVE_TLS_SETTINGS'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', undefined],
    ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', undefined],
    ['ECONNRESET', undefined],
  ])('%s: %s', (code, cause) => {
    expect(settingsFailure(code, 'it broke', place, 'client.key')?.cause.code).toBe(cause);
  });
});
