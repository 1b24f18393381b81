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

function nameMatches(host: string, name: string): boolean {
  if (!name.startsWith('*.')) return host === name;
  const dot = host.indexOf('.');
  return dot > 0 && host.slice(dot) === name.slice(1);
}

function commonNames(subject: string): string[] {
  return [...subject.matchAll(/(?:^|[,+])CN=((?:\\.|[^,+\\])*)/g)].map((match) => match[1]);
}
