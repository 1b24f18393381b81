import { createHash, generateKeyPair, type KeyObject, randomBytes, sign } from 'node:crypto';
import { promisify } from 'node:util';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  ExtendedKeyUsage,
  Extension,
  Extensions,
  GeneralName,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_subjectAltName,
  id_ce_subjectKeyIdentifier,
  id_kp_clientAuth,
  id_kp_serverAuth,
  KeyIdentifier,
  KeyUsage,
  KeyUsageFlags,
  Name,
  RelativeDistinguishedName,
  SubjectAlternativeName,
  SubjectKeyIdentifier,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
} from '@peculiar/asn1-x509';

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
const ID_COMMON_NAME = '2.5.4.3';
const ECDSA_WITH_SHA256 = new AlgorithmIdentifier({ algorithm: '1.2.840.10045.4.3.2' });
const AUTHORITY = commonNamed('Handshake Inspector Lab CA');
const LOOPBACK = ['localhost', '127.0.0.1', '::1'] as const;

/** A certificate and its private key, PEM. */
export interface IssuedCertificate {
  readonly certificate: string;
  readonly key: string;
}

interface Keys {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/** An authority that keeps its key while it lives, so that one lab can issue certificates to its server and its clients. */
export class CertificateAuthority {
  private constructor(
    readonly certificate: string,
    private readonly keys: Keys,
  ) {}

  static async create(): Promise<CertificateAuthority> {
    const keys = await generateKeys();
    const extensions = [
      extension(id_ce_basicConstraints, new BasicConstraints({ cA: true, pathLenConstraint: 0 }), true),
      extension(id_ce_keyUsage, new KeyUsage(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign), true),
      extension(id_ce_subjectKeyIdentifier, new SubjectKeyIdentifier(keyIdentifier(keys.publicKey))),
    ];
    const subject = { subject: AUTHORITY, publicKey: keys.publicKey, extensions };
    return new CertificateAuthority(certify(subject, 'valid', AUTHORITY, keys.privateKey), keys);
  }

  /** ECDSA P-256, valid from an hour ago for a year unless `kind` says otherwise. */
  async issueServer(options: CertificateOptions = {}): Promise<ServerCertificate> {
    const kind = options.kind ?? 'valid';
    const names = options.names ?? LOOPBACK;
    const subject = commonNamed(commonName(names));
    const extensions = serverExtensions(names);
    if (kind !== 'self-signed') {
      return { ...(await this.#issue(subject, extensions, kind)), caCertificate: this.certificate };
    }
    const { publicKey, privateKey } = await generateKeys();
    const own = { subject, publicKey, extensions: [NO_AUTHORITY, ...extensions] };
    const pem = certify(own, 'valid', subject, privateKey);
    return { certificate: pem, key: privateKeyPem(privateKey), caCertificate: pem };
  }

  /** A client certificate; PostgreSQL's method `cert` compares its common name with the role. */
  issueClient(commonName: string): Promise<IssuedCertificate> {
    return this.#issue(commonNamed(commonName), usedFor(id_kp_clientAuth), 'valid');
  }

  async #issue(
    subject: Name,
    extensions: readonly Extension[],
    kind: CertificateOptions['kind'],
  ): Promise<IssuedCertificate> {
    const { publicKey, privateKey } = await generateKeys();
    const issuer = new AuthorityKeyIdentifier({
      keyIdentifier: new KeyIdentifier(keyIdentifier(this.keys.publicKey)),
    });
    const all = [NO_AUTHORITY, ...extensions, extension(id_ce_authorityKeyIdentifier, issuer)];
    const certificate = certify(
      { subject, publicKey, extensions: all },
      kind,
      AUTHORITY,
      this.keys.privateKey,
    );
    return { certificate, key: privateKeyPem(privateKey) };
  }
}

/** A server certificate of an authority that is forgotten afterwards: nothing else can be issued in its name. */
export async function makeServerCertificate(options: CertificateOptions = {}): Promise<ServerCertificate> {
  return (await CertificateAuthority.create()).issueServer(options);
}

interface Subject {
  readonly subject: Name;
  readonly publicKey: KeyObject;
  readonly extensions: readonly Extension[];
}

/** Signs a certificate (RFC 5280 section 4.1) and gives it as PEM. */
function certify(
  { subject, publicKey, extensions }: Subject,
  kind: CertificateOptions['kind'],
  issuer: Name,
  key: KeyObject,
): string {
  const tbsCertificate = new TBSCertificate({
    version: Version.v3,
    serialNumber: serialNumber(),
    signature: ECDSA_WITH_SHA256,
    issuer,
    validity: new Validity(validity(kind)),
    subject,
    subjectPublicKeyInfo: publicKeyInfo(publicKey),
    extensions: new Extensions([...extensions]),
  });
  const signature = sign('sha256', Buffer.from(AsnConvert.serialize(tbsCertificate)), key);
  const signed = {
    tbsCertificate,
    signatureAlgorithm: ECDSA_WITH_SHA256,
    signatureValue: bufferOf(signature),
  };
  const der = Buffer.from(AsnConvert.serialize(new Certificate(signed))).toString('base64');
  return `-----BEGIN CERTIFICATE-----\n${der.replace(/.{64}(?=.)/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
}

function extension(extnID: string, value: unknown, critical = false): Extension {
  return new Extension({ extnID, critical, extnValue: new OctetString(AsnConvert.serialize(value)) });
}

const NO_AUTHORITY = extension(id_ce_basicConstraints, new BasicConstraints({ cA: false }), true);

function serverExtensions(names: readonly string[]): Extension[] {
  const alternatives = new SubjectAlternativeName(names.map((name) => new GeneralName(generalName(name))));
  return [extension(id_ce_subjectAltName, alternatives), ...usedFor(id_kp_serverAuth)];
}

function usedFor(purpose: string): Extension[] {
  return [
    extension(id_ce_keyUsage, new KeyUsage(KeyUsageFlags.digitalSignature), true),
    extension(id_ce_extKeyUsage, new ExtendedKeyUsage([purpose])),
  ];
}

function generateKeys(): Promise<Keys> {
  return promisify(generateKeyPair)('ec', { namedCurve: 'P-256' });
}

function privateKeyPem(key: KeyObject): string {
  return key.export({ format: 'pem', type: 'pkcs8' }) as string;
}

function publicKeyInfo(key: KeyObject): SubjectPublicKeyInfo {
  return AsnConvert.parse(key.export({ format: 'der', type: 'spki' }), SubjectPublicKeyInfo);
}

/** RFC 5280 section 4.2.1.2, the first of its two methods. */
function keyIdentifier(key: KeyObject): ArrayBuffer {
  const bits = Buffer.from(publicKeyInfo(key).subjectPublicKey);
  return bufferOf(createHash('sha1').update(bits).digest());
}

/** A copy: the library takes a view's whole buffer. */
function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return Uint8Array.from(bytes).buffer;
}

function commonNamed(name: string): Name {
  const value = new AttributeValue({ utf8String: name });
  const attribute = new AttributeTypeAndValue({ type: ID_COMMON_NAME, value });
  return new Name([new RelativeDistinguishedName([attribute])]);
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
function serialNumber(): ArrayBuffer {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0] & 0x7f) | 0x40;
  return bufferOf(bytes);
}

function generalName(name: string): { iPAddress: string } | { dNSName: string } {
  return /^[\d.]+$|:/.test(name) ? { iPAddress: name } : { dNSName: name };
}

function commonName(names: readonly string[]): string {
  return names.find((name) => 'dNSName' in generalName(name)) ?? 'server';
}
