/** Why a client refuses a server certificate, as far as the certificate shows it. */
import { namesMatch } from '../../../tls/host-name';
import { outOfDate } from '../../../tls/validity';
import type { CertificateSummary } from '../../../trace/model';
import type { CauseCode } from '../../catalogue';
import type { ConnectionFacts } from '../../facts';

export type CertificateCause = Extract<CauseCode, `TLS_CERTIFICATE_${string}`>;

/** What is wrong with a certificate, and what sentences need. */
export interface CertificateReason {
  readonly code: CertificateCause;
  readonly params: Readonly<Record<string, string | number | undefined>>;
}

/** Names told of a certificate. */
const NAMES = 5;

/**
 * The problem that the certificate itself shows; null where it shows none or was not seen. Dates come first, because every client looks at
 * them; then the name that was asked for in SNI; then whether anybody but itself vouches for it.
 */
export function visibleReason(facts: ConnectionFacts): CertificateReason | null {
  const { tls } = facts.trace;
  const [leaf] = tls?.certificates ?? [];
  if (!tls || !leaf) return null;
  const dated = dateReason(facts, tls.certificates);
  if (dated) return dated;
  if (tls.sni !== null && !namesMatch(tls.sni, leaf)) {
    return { code: 'TLS_CERTIFICATE_WRONG_NAME', params: { name: tls.sni, names: namesOf(leaf) } };
  }
  if (leaf.names.length === 0) {
    return {
      code: 'TLS_CERTIFICATE_WITHOUT_SAN',
      params: { name: tls.sni ?? undefined, subject: leaf.subject },
    };
  }
  if (leaf.selfSigned) return { code: 'TLS_CERTIFICATE_UNTRUSTED', params: issuerParams(tls.certificates) };
  // Who connects by address sends no SNI (RFC 6066 section 3).
  const { address } = facts.trace.server;
  return tls.sni === null && !namesMatch(address, leaf)
    ? { code: 'TLS_CERTIFICATE_WRONG_NAME', params: { name: address, names: namesOf(leaf) } }
    : null;
}

/** A certificate of the chain that was out of date when the connection began. */
export function dateReason(
  { trace }: ConnectionFacts,
  chain: readonly CertificateSummary[],
): CertificateReason | null {
  const seconds = trace.startMark?.seconds ?? 0;
  for (const certificate of chain) {
    const dated = outOfDate(certificate, seconds);
    if (dated) return { code: 'TLS_CERTIFICATE_EXPIRED', params: { subject: certificate.subject, ...dated } };
  }
  return null;
}

/** Who issued what the server showed: the authority that the client has to know. */
export function issuerParams(chain: readonly CertificateSummary[]): CertificateReason['params'] {
  const [leaf] = chain;
  const last = chain[chain.length - 1];
  if (leaf === undefined) return {};
  return {
    subject: leaf.subject,
    issuer: last.issuer,
    selfSigned: leaf.selfSigned && chain.length === 1 ? 1 : undefined,
  };
}

export function namesOf({ names, subject }: CertificateSummary): string {
  if (names.length === 0) return subject;
  return names.slice(0, NAMES).join(', ') + (names.length > NAMES ? ', …' : '');
}
