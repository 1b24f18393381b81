/** What the protocols' observers do alike with the events of a TLS session. */

import type { StatePair, TraceBuilder } from '../trace/builder';
import type { AlertSummary } from '../trace/model';
import type { TlsFacts, TlsMessage } from './events';

/** Alerts kept in a trace's summary. */
const MAX_ALERTS = 20;

/** Adds a TLS message as a step and returns its index, see `TraceBuilder.step`. */
export function addTlsStep(trace: TraceBuilder, message: TlsMessage, states: StatePair): number {
  trace.ensureTls();
  const { mark, from, frames, bytes, name, encrypted, summary, fields, data } = message;
  const words = typeof summary === 'string' && fields.length > 0 ? { summary, fields } : summary;
  return trace.add(mark, from, 'tls', name, frames, bytes, encrypted, states, words, data);
}

/** Adds what became known to the trace's TLS summary. */
export function applyTlsFacts(trace: TraceBuilder, facts: TlsFacts): void {
  const tls = trace.ensureTls();
  tls.version = facts.version ?? tls.version;
  tls.cipher = facts.cipher ?? tls.cipher;
  tls.sni = facts.sni ?? tls.sni;
  tls.alpn = facts.alpn ?? tls.alpn;
  tls.decrypted = facts.decrypted ?? tls.decrypted;
  if (facts.certificates) tls.certificates = [...facts.certificates];
}

/** Adds an alert to the trace's TLS summary. */
export function applyTlsAlert(trace: TraceBuilder, alert: AlertSummary): void {
  const { alerts } = trace.ensureTls();
  if (alerts.length < MAX_ALERTS) alerts.push(alert);
}
