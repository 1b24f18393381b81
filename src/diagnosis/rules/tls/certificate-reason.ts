/** Why a client refuses a server certificate, as far as the certificate shows it. */
import { namesMatch } from '../../../tls/host-name';
import { millisOf } from '../../../tls/validity';
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
  if (selfSigned(leaf)) return { code: 'TLS_CERTIFICATE_UNTRUSTED', params: issuerParams(tls.certificates) };
  // Who connects by address sends no SNI (RFC 6066 section 3).
  const { address } = facts.trace.server;
  return tls.sni === null && !namesMatch(address, leaf)
    ? { code: 'TLS_CERTIFICATE_WRONG_NAME', params: { name: address, names: namesOf(leaf) } }
    : null;
}

/** A certificate of the chain that is out of date when the connection began. A capture without a clock starts in 1970. */
export function dateReason(
  { trace }: ConnectionFacts,
  chain: readonly CertificateSummary[],
): CertificateReason | null {
  const now = (trace.startMark?.seconds ?? 0) * 1000;
  if (now <= 0) return null;
  for (const { subject, notBefore, notAfter } of chain) {
    if (millisOf(notAfter) < now)
      return { code: 'TLS_CERTIFICATE_EXPIRED', params: { subject, date: notAfter, when: 'expired' } };
    if (millisOf(notBefore) > now)
      return { code: 'TLS_CERTIFICATE_EXPIRED', params: { subject, date: notBefore, when: 'early' } };
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
    selfSigned: selfSigned(leaf) && chain.length === 1 ? 1 : undefined,
  };
}

export function namesOf({ names, subject }: CertificateSummary): string {
  if (names.length === 0) return subject;
  return names.slice(0, NAMES).join(', ') + (names.length > NAMES ? ', …' : '');
}

function selfSigned({ selfSigned: itself }: CertificateSummary): boolean {
  return itself;
}
