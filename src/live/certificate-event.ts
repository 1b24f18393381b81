import type { X509Certificate } from 'node:crypto';
import type { LocalEvent } from '../trace/local';
import type { Field, TraceError } from '../trace/model';
import type { LocalProblem } from './tls-client';

/** A server sends at most a handful; a loop in issuers ends here. */
const CHAIN_LIMIT = 10;

/** The certificates from the server's own up to its root, as far as the server sent them or they are known here. */
export function certificateChain(leaf: X509Certificate | undefined): X509Certificate[] {
  const chain: X509Certificate[] = [];
  let current = leaf;
  while (current && chain.length < CHAIN_LIMIT) {
    chain.push(current);
    const issuer: X509Certificate | undefined = current.issuerCertificate;
    if (!issuer || issuer.fingerprint256 === current.fingerprint256) break;
    current = issuer;
  }
  return chain;
}

/** The local event that shows a chain, what was checked of it, and why it was refused if it was. */
export function certificateEvent(
  chain: readonly X509Certificate[],
  checked: string,
  problem?: LocalProblem,
): LocalEvent {
  return {
    kind: 'certificate',
    message: 'Check certificate',
    summary: problem ? problem.message : checked,
    fields: [{ name: 'checked', value: checked }, ...chain.map(certificateField)],
    ...(problem ? { error: errorOf(problem), cause: problem.cause } : {}),
  };
}

function errorOf({ from, code, message }: LocalProblem): TraceError {
  return { from, code, message };
}

function certificateField(certificate: X509Certificate, index: number): Field {
  return {
    name: index === 0 ? 'server certificate' : `issuer ${index}`,
    value: oneLine(certificate.subject),
    fields: [
      { name: 'subject', value: oneLine(certificate.subject) },
      { name: 'issuer', value: oneLine(certificate.issuer) },
      { name: 'names', value: certificate.subjectAltName ?? '' },
      { name: 'not before', value: isoDate(certificate.validFrom) },
      { name: 'not after', value: isoDate(certificate.validTo) },
      { name: 'SHA-256 fingerprint', value: certificate.fingerprint256 },
    ],
  };
}

function oneLine(name: string): string {
  return (name ?? '').split('\n').join(', ');
}

function isoDate(text: string): string {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? text : date.toISOString();
}
