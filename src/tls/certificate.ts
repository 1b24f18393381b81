/** Certificate messages (RFC 5246 section 7.4.2, RFC 8446 section 4.4.2) and X.509 certificates in them. */
import { sha256 } from '@noble/hashes/sha2.js';
import { AsnConvert } from '@peculiar/asn1-schema';
import { Certificate, id_ce_subjectAltName, type Name, SubjectAlternativeName } from '@peculiar/asn1-x509';
import { hex } from '../base/bytes';
import { Cursor } from '../base/cursor';
import { type Decoded, type Issue, issue } from '../base/issue';
import type { CertificateSummary } from '../trace/model';
import { nameText } from './distinguished-name';
import type { SubjectNames } from './host-name';
import { RecentlyRead } from './recently-read';

const CERTIFICATE_LIMITS = { chain: 16, names: 100, der: 1 << 16 } as const;

/** One entry of a chain. */
export interface ChainEntry {
  readonly der: Uint8Array;
  /** Where its DER starts in the message. */
  readonly offset: number;
  /** Null when it could not be read. */
  readonly summary: CertificateSummary | null;
}

/**
 * Reads the chain of a Certificate message, leaf first.
 * @param message the handshake message with its four-byte header.
 * @param tls13 TLS 1.3 adds a context before the list and extensions after each entry.
 */
export function parseCertificateMessage(message: Uint8Array, tls13: boolean): Decoded<ChainEntry[]> {
  const issues: Issue[] = [];
  const chain: ChainEntry[] = [];
  const cursor = new Cursor(message, 4);
  if (tls13) cursor.skip(cursor.u8());
  const end = cursor.u24be() + cursor.position;
  if (end > cursor.end || cursor.overran) {
    issues.push(issue('TLS_CUT_CERTIFICATE', 'the certificate list is longer than its message'));
  }
  while (cursor.remaining > 0 && cursor.position < end) {
    if (chain.length === CERTIFICATE_LIMITS.chain) {
      issues.push(issue('TLS_LONG_CHAIN', `more than ${chain.length} certificates`, cursor.position));
      break;
    }
    const length = cursor.u24be();
    const offset = cursor.position;
    const der = cursor.take(length);
    if (cursor.overran) {
      issues.push(issue('TLS_CUT_CERTIFICATE', 'a certificate is longer than its list', offset));
      break;
    }
    if (tls13) cursor.skip(cursor.u16be());
    const certificate = known.of(der);
    const { value: summary, issues: problems } = certificate.summary;
    for (const problem of problems) issues.push({ ...problem, offset });
    chain.push({ der: certificate.der, offset, summary });
  }
  return { value: chain, issues };
}

/** What a person wants to know about a certificate; null when it is not one. */
export function summarizeCertificate(der: Uint8Array): Decoded<CertificateSummary | null> {
  return known.of(der).summary;
}

interface KnownCertificate {
  /** A copy. */
  readonly der: Uint8Array;
  readonly summary: Decoded<CertificateSummary | null>;
}

const known = new RecentlyRead<KnownCertificate>((der) => ({
  der,
  summary: readSummary(der, fingerprint(der)),
}));

function readSummary(der: Uint8Array, fingerprint256: string): Decoded<CertificateSummary | null> {
  const certificate = decodeCertificate(der);
  if (typeof certificate === 'string') {
    return { value: null, issues: [issue('TLS_BAD_CERTIFICATE', certificate)] };
  }
  try {
    const { subject, issuer, validity, extensions } = certificate.tbsCertificate;
    const [subjectText, issuerText] = [nameText(subject), nameText(issuer)];
    const issues: Issue[] = [];
    let names: string[] = [];
    try {
      names = alternativeNames(extensions);
    } catch {
      issues.push(issue('TLS_BAD_CERTIFICATE', 'the subjectAltName could not be read'));
    }
    const value = {
      subject: subjectText,
      issuer: issuerText,
      names,
      notBefore: isoSeconds(validity.notBefore.getTime()),
      notAfter: isoSeconds(validity.notAfter.getTime()),
      fingerprint256,
      selfSigned: subjectText === issuerText,
    };
    return { value, issues };
  } catch (error) {
    return { value: null, issues: [issue('TLS_BAD_CERTIFICATE', reason(error))] };
  }
}

/** The parsed certificate, or in words why it is not one. */
function decodeCertificate(der: Uint8Array): Certificate | string {
  if (der.length > CERTIFICATE_LIMITS.der) return `a certificate of ${der.length} bytes`;
  try {
    // A copy: the library takes a view's whole buffer in some of its paths.
    return AsnConvert.parse(der.slice().buffer, Certificate);
  } catch (error) {
    return reason(error);
  }
}

/** SHA-256 of the DER, colon-separated upper-case hex. */
export function fingerprint(der: Uint8Array): string {
  return (hex(sha256(der)).toUpperCase().match(/../g) ?? []).join(':');
}

function alternativeNames(extensions: Certificate['tbsCertificate']['extensions']): string[] {
  const extension = extensions?.find((candidate) => candidate.extnID === id_ce_subjectAltName);
  if (!extension) return [];
  const alternatives = AsnConvert.parse(extension.extnValue, SubjectAlternativeName);
  const names: string[] = [];
  for (const alternative of alternatives) {
    const name = alternative.dNSName ?? alternative.iPAddress;
    if (name !== undefined && names.length < CERTIFICATE_LIMITS.names) names.push(name);
  }
  return names;
}

/** The names of a certificate by their kind, for comparing them with a host as libpq does; null when it cannot be read. */
export function subjectNames(der: Uint8Array): SubjectNames | null {
  const certificate = decodeCertificate(der);
  if (typeof certificate === 'string') return null;
  const { subject, extensions } = certificate.tbsCertificate;
  const dns: string[] = [];
  const ip: string[] = [];
  try {
    const extension = extensions?.find((candidate) => candidate.extnID === id_ce_subjectAltName);
    const alternatives = extension ? AsnConvert.parse(extension.extnValue, SubjectAlternativeName) : [];
    for (const { dNSName, iPAddress } of [...alternatives].slice(0, CERTIFICATE_LIMITS.names)) {
      if (dNSName !== undefined) dns.push(dNSName);
      else if (iPAddress !== undefined) ip.push(iPAddress);
    }
  } catch {
    return null;
  }
  return { dns, ip, commonName: commonNameOf(subject) };
}

/** X509_NAME_get_index_by_NID finds the first one. */
function commonNameOf(subject: Name): string | null {
  for (const part of subject) {
    for (const { type, value } of part) if (type === COMMON_NAME) return value.toString();
  }
  return null;
}

const COMMON_NAME = '2.5.4.3';

function isoSeconds(date: Date): string {
  return date.toISOString().replace('.000Z', 'Z');
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
