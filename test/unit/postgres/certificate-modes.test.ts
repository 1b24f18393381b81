import { describe, expect, it } from 'vitest';
import type { CertificateSummary } from '../../../src/trace/model';
import { OPENED, show } from './watch';

const GOOD: CertificateSummary = {
  subject: 'CN=db.example.com',
  issuer: 'CN=Example CA',
  names: ['db.example.com', '192.0.2.1'],
  notBefore: '2020-01-01T00:00:00Z',
  notAfter: '2030-01-01T00:00:00Z',
  fingerprint256: '00',
  selfSigned: false,
};

/** What the finding says of a chain that was seen in November 2023. */
function said(certificates: readonly CertificateSummary[], sni: string | null) {
  const observer = show([
    ...OPENED,
    { client: { name: 'SSLRequest' } },
    { server: 'S' },
    { tls: 'Certificate', from: 'server' },
  ]);
  observer.handleTlsFacts({ certificates, ...(sni === null ? {} : { sni }) });
  observer.finish();
  return observer.trace.finish('t1').findings.find(({ code }) => code === 'PG_CERTIFICATE_BY_SSLMODE');
}

describe('the certificate by sslmode', () => {
  it.each<[string, readonly CertificateSummary[], string | null, string]>([
    [
      'a good one',
      [GOOD],
      'DB.example.com',
      'verify-ca and verify-full accept it for DB.example.com if sslrootcert holds the authority CN=Example CA.',
    ],
    [
      'one for another name',
      [GOOD],
      'localhost',
      'verify-ca accepts it if sslrootcert holds the authority CN=Example CA; verify-full refuses it because localhost is not one of its names (db.example.com, 192.0.2.1).',
    ],
    [
      'no name asked for',
      [GOOD],
      null,
      'verify-ca accepts it if sslrootcert holds the authority CN=Example CA, verify-full also needs the host to be one of its names (db.example.com, 192.0.2.1).',
    ],
    [
      'a self-signed one',
      [{ ...GOOD, issuer: GOOD.subject, selfSigned: true }],
      'db.example.com',
      'verify-ca and verify-full accept it for db.example.com if sslrootcert holds this certificate itself.',
    ],
    [
      'a chain with its root',
      [GOOD, { ...GOOD, subject: 'CN=Example CA', selfSigned: true }],
      'db.example.com',
      'verify-ca and verify-full accept it for db.example.com if sslrootcert holds the authority CN=Example CA.',
    ],
    [
      'one that ended',
      [{ ...GOOD, notAfter: '2023-01-01T00:00:00Z' }],
      'localhost',
      'verify-ca and verify-full refuse it (CN=db.example.com expired on 2023-01-01T00:00:00Z).',
    ],
    [
      'an authority that has not begun',
      [GOOD, { ...GOOD, subject: 'CN=Example CA', notBefore: '2029-01-01T00:00:00Z' }],
      'db.example.com',
      'verify-ca and verify-full refuse it (CN=Example CA is not valid before 2029-01-01T00:00:00Z).',
    ],
  ])('%s', (_, chain, sni, words) => {
    const finding = said(chain, sni);
    expect(finding?.message).toBe(
      `The server certificate by sslmode: disable, allow, prefer and require do not check it; ${words}`,
    );
    expect(finding).toMatchObject({ severity: 'hint', frames: [5] });
  });

  it('is not told where none was seen', () => {
    expect(said([], 'db.example.com')).toBeUndefined();
  });
});
