/** Alerts that end a connection, in good order or not, and who sent the first of them. */
import type { AlertEvidence } from '../tls/evidence';
import type { ConnectionFacts } from './facts';
import type { WireEvidence } from './wire';

/** Alerts that end a connection in good order. */
const PEACEFUL: ReadonlySet<string> = new Set(['close_notify', 'user_canceled']);

type Said = Pick<ConnectionFacts, 'wire' | 'trace'>;

/** It ends the connection in good order. */
export function isPeaceful({ description }: AlertEvidence): boolean {
  return PEACEFUL.has(description);
}

/** It ends the connection because of an error. TLS 1.3 knows no other level (RFC 8446 section 6); before it a warning ends nothing. */
export function isError({ trace }: Said, alert: AlertEvidence): boolean {
  return !isPeaceful(alert) && (alert.level === 'fatal' || trace.tls?.version === 'TLSv1.3');
}

/** The other side had closed, or said goodbye, before: what is sent afterwards is no cause. */
export function isEcho({ tls, closes }: WireEvidence, alert: AlertEvidence): boolean {
  const alerts = tls?.alerts ?? [];
  const at = alerts.indexOf(alert);
  const left = closes.some(({ from, alertsBefore }) => from !== alert.from && alertsBefore <= at);
  return left || alerts.slice(0, at).some((one) => one.from !== alert.from && isPeaceful(one));
}

/** The first alert that could be read and that ended the connection; null where none did, or where it only answers the other side's leaving. */
export function goodbyeOf(facts: Said): AlertEvidence | null {
  const { wire } = facts;
  const first = wire.tls?.alerts.find((alert) => isPeaceful(alert) || isError(facts, alert));
  return first === undefined || isEcho(wire, first) ? null : first;
}
