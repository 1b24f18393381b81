import { createPrivateKey, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { CertificateAuthority, makeServerCertificate } from '../../../src/lab/certificates';

const DAY_MS = 86_400_000;

/** A certificate as OpenSSL reads it. */
const read = (pem: string) => new X509Certificate(pem);

describe('the lab’s certificates', () => {
  it('are issued by an authority that may do nothing else', async () => {
    const authority = await CertificateAuthority.create();
    const root = read(authority.certificate);
    expect(root.ca).toBe(true);
    expect(root.subject).toBe('CN=Handshake Inspector Lab CA');
    expect(root.verify(root.publicKey)).toBe(true);

    const { certificate, key, caCertificate } = await authority.issueServer({
      names: ['db.example.test', '192.0.2.7', '2001:db8::1'],
    });
    const leaf = read(certificate);
    expect(caCertificate).toBe(authority.certificate);
    expect(leaf.verify(root.publicKey)).toBe(true);
    expect(leaf.checkIssued(root)).toBe(true);
    expect(leaf.checkPrivateKey(createPrivateKey(key))).toBe(true);
    expect(leaf.ca).toBe(false);
    expect(leaf.subject).toBe('CN=db.example.test');
    expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect(leaf.checkHost('db.example.test')).toBe('db.example.test');
    expect(leaf.checkIP('192.0.2.7')).toBe('192.0.2.7');
    expect(leaf.checkIP('2001:db8::1')).toBe('2001:db8::1');
    expect(leaf.checkHost('other.example.test')).toBeUndefined();
  });

  it('name a client’s role', async () => {
    const authority = await CertificateAuthority.create();
    const { certificate, key } = await authority.issueClient('app_user, Größe=1');
    const leaf = read(certificate);
    expect(leaf.toLegacyObject().subject.CN).toBe('app_user, Größe=1');
    expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
    expect(leaf.checkPrivateKey(createPrivateKey(key))).toBe(true);
    expect(leaf.verify(read(authority.certificate).publicKey)).toBe(true);
  });

  it.each([
    ['valid', -DAY_MS / 24, 365 * DAY_MS],
    ['expired', -30 * DAY_MS, -DAY_MS],
    ['not-yet-valid', DAY_MS, 30 * DAY_MS],
  ] as const)('%s: from and to', async (kind, from, to) => {
    const now = Date.now();
    const { certificate } = await makeServerCertificate({ kind });
    const { validFrom, validTo } = read(certificate);
    expect(Math.abs(Date.parse(validFrom) - now - from)).toBeLessThan(60_000);
    expect(Math.abs(Date.parse(validTo) - now - to)).toBeLessThan(60_000);
  });

  it('self-signed: its own authority, with another number each time', async () => {
    const one = await makeServerCertificate({ kind: 'self-signed' });
    const two = await makeServerCertificate({ kind: 'self-signed' });
    expect(one.caCertificate).toBe(one.certificate);
    const leaf = read(one.certificate);
    expect(leaf.verify(leaf.publicKey)).toBe(true);
    expect(leaf.issuer).toBe(leaf.subject);
    expect(leaf.serialNumber).not.toBe(read(two.certificate).serialNumber);
    expect(leaf.serialNumber).toMatch(/^[4-7][0-9A-F]{31}$/);
  });
});
