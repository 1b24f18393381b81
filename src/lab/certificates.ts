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

/** A certificate and its private key, PEM. */
export interface IssuedCertificate {
  readonly certificate: string;
  readonly key: string;
}

/** An authority that keeps its key while it lives, so that one lab can issue certificates to its server and its clients. */
export class CertificateAuthority {
  private constructor(
    private readonly root: x509.X509Certificate,
    private readonly keys: webcrypto.CryptoKeyPair,
  ) {}

  static async create(): Promise<CertificateAuthority> {
    const keys = await generateKeys();
    const root = await x509.X509CertificateGenerator.createSelfSigned({
      name: 'CN=Handshake Inspector Lab CA',
      keys,
      signingAlgorithm: ALGORITHM,
      serialNumber: serialNumber(),
      ...validity('valid'),
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    return new CertificateAuthority(root, keys);
  }

  get certificate(): string {
    return this.root.toString('pem');
  }

  /** ECDSA P-256, valid from an hour ago for a year unless `kind` says otherwise. */
  async issueServer(options: CertificateOptions = {}): Promise<ServerCertificate> {
    const kind = options.kind ?? 'valid';
    const names = options.names ?? LOOPBACK;
    const subject = `CN=${commonName(names)}`;
    const extensions = serverExtensions(names);
    if (kind !== 'self-signed') {
      return { ...(await this.#issue(subject, extensions, kind)), caCertificate: this.certificate };
    }
    const keys = await generateKeys();
    const own = await x509.X509CertificateGenerator.createSelfSigned({
      name: subject,
      keys,
      signingAlgorithm: ALGORITHM,
      serialNumber: serialNumber(),
      ...validity('valid'),
      extensions: [new x509.BasicConstraintsExtension(false, undefined, true), ...extensions],
    });
    const pem = own.toString('pem');
    return { certificate: pem, key: await exportKey(keys.privateKey), caCertificate: pem };
  }

  /** A client certificate; PostgreSQL's method `cert` compares its common name with the role. */
  issueClient(commonName: string): Promise<IssuedCertificate> {
    const extensions = [
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
    ];
    return this.#issue([{ CN: [commonName] }], extensions, 'valid');
  }

  async #issue(
    subject: string | x509.JsonName,
    extensions: x509.Extension[],
    kind: CertificateOptions['kind'],
  ): Promise<IssuedCertificate> {
    const keys = await generateKeys();
    const issued = await x509.X509CertificateGenerator.create({
      subject,
      issuer: this.root.subject,
      publicKey: keys.publicKey,
      signingKey: this.keys.privateKey,
      signingAlgorithm: ALGORITHM,
      serialNumber: serialNumber(),
      ...validity(kind),
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        ...extensions,
        await x509.AuthorityKeyIdentifierExtension.create(this.keys.publicKey),
      ],
    });
    return { certificate: issued.toString('pem'), key: await exportKey(keys.privateKey) };
  }
}

/** A server certificate of an authority that is forgotten afterwards: nothing else can be issued in its name. */
export async function makeServerCertificate(options: CertificateOptions = {}): Promise<ServerCertificate> {
  return (await CertificateAuthority.create()).issueServer(options);
}

function serverExtensions(names: readonly string[]): x509.Extension[] {
  return [
    new x509.SubjectAlternativeNameExtension(names.map(generalName)),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
  ];
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
