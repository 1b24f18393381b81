import 'reflect-metadata';
import { createPrivateKey, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

/** A certificate and its private key, PEM. */
export interface Issued {
  readonly certificate: string;
  readonly key: string;
}

export interface Wish {
  readonly commonName: string;
  /** DNS names and IP addresses of subjectAltName; none leaves the extension out. */
  readonly names?: readonly string[];
  readonly expired?: boolean;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;

/** A certificate authority that keeps its key, so that servers and clients of one suite can be issued by the same. */
export class Authority {
  #serial = 1;

  private constructor(
    private readonly root: x509.X509Certificate,
    private readonly keys: webcrypto.CryptoKeyPair,
  ) {}

  static async create(name: string): Promise<Authority> {
    const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
    const root = await x509.X509CertificateGenerator.createSelfSigned({
      name: `CN=${name}`,
      keys,
      signingAlgorithm: ALGORITHM,
      serialNumber: '01',
      ...validity(false),
      extensions: [
        new x509.BasicConstraintsExtension(true, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      ],
    });
    return new Authority(root, keys);
  }

  get certificate(): string {
    return this.root.toString('pem');
  }

  /** A revocation list with the certificates of these serial numbers, PEM. */
  async revoke(serialNumbers: readonly string[]): Promise<string> {
    const list = await x509.X509CrlGenerator.create({
      issuer: this.root.subject,
      thisUpdate: new Date(Date.now() - DAY_MS),
      nextUpdate: new Date(Date.now() + DAY_MS),
      entries: serialNumbers.map((serialNumber) => ({
        serialNumber,
        revocationDate: new Date(Date.now() - DAY_MS),
      })),
      signingKey: this.keys.privateKey,
      signingAlgorithm: ALGORITHM,
    });
    return x509.PemConverter.encode(list.rawData, 'X509 CRL');
  }

  async issue(wish: Wish): Promise<Issued> {
    const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
    const certificate = await x509.X509CertificateGenerator.create({
      subject: `CN=${wish.commonName}`,
      issuer: this.root.subject,
      publicKey: keys.publicKey,
      signingKey: this.keys.privateKey,
      signingAlgorithm: ALGORITHM,
      serialNumber: (++this.#serial).toString(16).padStart(4, '0'),
      ...validity(wish.expired ?? false),
      extensions: wish.names ? [new x509.SubjectAlternativeNameExtension(wish.names.map(generalName))] : [],
    });
    return { certificate: certificate.toString('pem'), key: await pem(keys.privateKey) };
  }
}

/** A certificate's number within its authority, hexadecimal. */
export function serialNumberOf(certificate: string): string {
  return new x509.X509Certificate(certificate).serialNumber;
}

/** The same key, sealed by a passphrase. */
export function sealed(key: string, passphrase: string): string {
  const plain = createPrivateKey(key);
  return plain.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }).toString();
}

/** A server certificate that nobody issued. */
export async function selfSigned(names: readonly string[]): Promise<Issued> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${names[0]}`,
    keys,
    signingAlgorithm: ALGORITHM,
    serialNumber: '02',
    ...validity(false),
    extensions: [new x509.SubjectAlternativeNameExtension(names.map(generalName))],
  });
  return { certificate: certificate.toString('pem'), key: await pem(keys.privateKey) };
}

async function pem(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}

function validity(expired: boolean): { notBefore: Date; notAfter: Date } {
  const now = Date.now();
  return expired
    ? { notBefore: new Date(now - 30 * DAY_MS), notAfter: new Date(now - DAY_MS) }
    : { notBefore: new Date(now - DAY_MS), notAfter: new Date(now + 30 * DAY_MS) };
}

function generalName(name: string): { type: 'ip' | 'dns'; value: string } {
  return { type: /^[\d.]+$|:/.test(name) ? 'ip' : 'dns', value: name };
}
