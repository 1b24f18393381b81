import type { CertificateSummary, TlsSummary } from '../../trace/model';

export interface Expiry {
  readonly text: string;
  readonly state: 'valid' | 'soon' | 'expired' | 'future' | 'unknown';
}

const DAY = 86_400_000;

/** How a certificate's dates stand at `at` (milliseconds since 1970): the time of the handshake, not of the reader. */
export function expiry(certificate: CertificateSummary, at: number): Expiry {
  const from = Date.parse(certificate.notBefore);
  const to = Date.parse(certificate.notAfter);
  const day = (iso: string) => iso.slice(0, 10);
  if (Number.isNaN(from) || Number.isNaN(to)) return { text: 'dates unreadable', state: 'unknown' };
  if (at < from) return { text: `not valid before ${day(certificate.notBefore)}`, state: 'future' };
  if (at > to) return { text: `expired ${day(certificate.notAfter)}`, state: 'expired' };
  const days = Math.floor((to - at) / DAY);
  if (days <= 30) {
    return {
      text: `expires ${day(certificate.notAfter)}, in ${days} ${days === 1 ? 'day' : 'days'}`,
      state: 'soon',
    };
  }
  return { text: `valid until ${day(certificate.notAfter)}`, state: 'valid' };
}

/** The common name of a subject (`CN=db.example.com, O=…`), or the whole subject. */
export function commonName(subject: string): string {
  return /(?:^|,\s*)CN=((?:\\.|[^,\\])+)/i.exec(subject)?.[1] ?? subject;
}

/** Why TLS was refused, or null: a fatal alert says it. */
export function refusal(tls: TlsSummary): string | null {
  const alert = tls.alerts.find((known) => known.level === 'fatal' && known.description !== 'close_notify');
  return alert ? `the ${alert.from} refused: ${alert.description}` : null;
}
