import type { CertificateSummary } from '../trace/model';

/**
 * Whether a certificate is for a host name (RFC 6125): a name of subjectAltName, `*` standing for one whole label on the left, or
 * the common name where there is no subjectAltName.
 */
export function namesMatch(host: string, certificate: CertificateSummary): boolean {
  const names = certificate.names.length > 0 ? certificate.names : commonNames(certificate.subject);
  const wanted = host.toLowerCase().replace(/\.$/, '');
  return names.some((name) => nameMatches(wanted, name.toLowerCase()));
}

/** The names of a certificate by their kind. */
export interface SubjectNames {
  /** dNSName and iPAddress of subjectAltName; addresses as text. */
  readonly dns: readonly string[];
  readonly ip: readonly string[];
  /** The first common name of the subject; null without one. */
  readonly commonName: string | null;
}

/**
 * Whether libpq takes a certificate for a host (`pq_verify_peer_name_matches_certificate`): any dNSName, or any iPAddress for an address;
 * the common name only where subjectAltName has no name of the host's own kind, which for an address is an iPAddress.
 *
 * @param host as it was given, without a dot added or taken away
 * @param isAddress whether it is an IPv4 or IPv6 address
 */
export function libpqNameMatches(host: string, isAddress: boolean, names: SubjectNames): boolean {
  if (names.dns.some((name) => libpqMatches(host, name))) return true;
  if (isAddress && names.ip.some((name) => sameAddress(host, name))) return true;
  const ofThisKind = isAddress ? names.ip : names.dns;
  return ofThisKind.length === 0 && names.commonName !== null && libpqMatches(host, names.commonName);
}

/** `pq_verify_peer_name_matches_certificate_name`: a name with a NUL in it matches nothing. */
function libpqMatches(host: string, name: string): boolean {
  if (name.includes('\0')) return false;
  const [wanted, known] = [host.toLowerCase(), name.toLowerCase()];
  return wanted === known || wildcardMatches(known, wanted);
}

/** `wildcard_certificate_match`: `*.` at the beginning stands for one label, which may not be a part of one nor hold a dot. */
function wildcardMatches(pattern: string, host: string): boolean {
  if (pattern.length < 3 || !pattern.startsWith('*.') || pattern.length > host.length) return false;
  if (!host.endsWith(pattern.slice(1))) return false;
  return host.indexOf('.') >= host.length - pattern.length;
}

function sameAddress(one: string, other: string): boolean {
  return addressKey(one) === addressKey(other);
}

/** An address in one form: groups of IPv6 without leading zeros, `::` written out. */
function addressKey(text: string): string {
  const address = text.toLowerCase().replace(/%.*$/, '');
  if (!address.includes(':')) return address;
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  const plain = dotted
    ? `${dotted[1]}${hex16(dotted[2], dotted[3])}:${hex16(dotted[4], dotted[5])}`
    : address;
  const [head, tail] = plain.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros =
    tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0');
  return [...left, ...zeros, ...right].map((group) => group.replace(/^0+(?=.)/, '')).join(':');
}

function hex16(high: string, low: string): string {
  return ((Number(high) << 8) | Number(low)).toString(16);
}

function nameMatches(host: string, name: string): boolean {
  if (!name.startsWith('*.')) return host === name;
  const dot = host.indexOf('.');
  return dot > 0 && host.slice(dot) === name.slice(1);
}

function commonNames(subject: string): string[] {
  return [...subject.matchAll(/(?:^|[,+])CN=((?:\\.|[^,+\\])*)/g)].map((match) => match[1]);
}
