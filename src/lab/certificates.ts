import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

/** What kind of server certificate to make; the wrong ones are for seeing how a client refuses them. */
export interface CertificateOptions {
  /** DNS names and IP addresses of the server certificate. */
  readonly names?: readonly string[];
  readonly kind?: 'valid' | 'expired' | 'not-yet-valid' | 'self-signed';
}

/** All in PEM. `caCertificate` is what a client must trust; for `self-signed` it is the certificate itself. */
export interface ServerCertificate {
  readonly certificate: string;
  readonly key: string;
  readonly caCertificate: string;
}

const DAY_MS = 86_400_000;
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const LOOPBACK = ['localhost', '127.0.0.1', '::1'] as const;

/**
 * Makes an authority and a server certificate issued by it, ECDSA P-256, valid from an hour ago for a year. The authority's key
 * is forgotten: nothing else can be issued in its name.
 */
export async function makeServerCertificate(options: CertificateOptions = {}): Promise<ServerCertificate> {
  const kind = options.kind ?? 'valid';
  const names = options.names ?? LOOPBACK;
  const serverKeys = await generateKeys();
  const subject = `CN=${commonName(names)}`;
  const extensions = [
    new x509.SubjectAlternativeNameExtension(names.map(generalName)),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
  ];
  if (kind === 'self-signed') {
    const own = await x509.X509CertificateGenerator.createSelfSigned({
      name: subject,
      keys: serverKeys,
      signingAlgorithm: ALGORITHM,
      serialNumber: serialNumber(),
      ...validity('valid'),
      extensions: [new x509.BasicConstraintsExtension(false, undefined, true), ...extensions],
    });
    const pem = own.toString('pem');
    return { certificate: pem, key: await exportKey(serverKeys.privateKey), caCertificate: pem };
  }
  const caKeys = await generateKeys();
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=Handshake Inspector Lab CA',
    keys: caKeys,
    signingAlgorithm: ALGORITHM,
    serialNumber: serialNumber(),
    ...validity('valid'),
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(caKeys.publicKey),
    ],
  });
  const server = await x509.X509CertificateGenerator.create({
    subject,
    issuer: ca.subject,
    publicKey: serverKeys.publicKey,
    signingKey: caKeys.privateKey,
    signingAlgorithm: ALGORITHM,
    serialNumber: serialNumber(),
    ...validity(kind),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      ...extensions,
      await x509.AuthorityKeyIdentifierExtension.create(caKeys.publicKey),
    ],
  });
  return {
    certificate: server.toString('pem'),
    key: await exportKey(serverKeys.privateKey),
    caCertificate: ca.toString('pem'),
  };
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  const der = await webcrypto.subtle.exportKey('pkcs8', key);
  return x509.PemConverter.encode(der, 'PRIVATE KEY');
}

function validity(kind: CertificateOptions['kind']): { notBefore: Date; notAfter: Date } {
  const now = Date.now();
  switch (kind) {
    case 'expired':
      return { notBefore: new Date(now - 30 * DAY_MS), notAfter: new Date(now - DAY_MS) };
    case 'not-yet-valid':
      return { notBefore: new Date(now + DAY_MS), notAfter: new Date(now + 30 * DAY_MS) };
    default:
      return { notBefore: new Date(now - DAY_MS / 24), notAfter: new Date(now + 365 * DAY_MS) };
  }
}

/** Positive and at most 16 bytes, as RFC 5280 section 4.1.2.2 asks. */
function serialNumber(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16));
  bytes[0] = (bytes[0] & 0x7f) | 0x40;
  return Buffer.from(bytes).toString('hex');
}

function generalName(name: string): { type: 'ip' | 'dns'; value: string } {
  return { type: /^[\d.]+$|:/.test(name) ? 'ip' : 'dns', value: name };
}

function commonName(names: readonly string[]): string {
  return names.find((name) => generalName(name).type === 'dns') ?? 'server';
}
