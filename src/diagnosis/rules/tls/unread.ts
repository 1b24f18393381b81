/** TLS ended without an alert that could be read: the order and size of what was sent tells who refused whom. */
import type { SealedEvidence, TlsEvidence } from '../../../tls/evidence';
import { type Cause, type CauseDetails, cause } from '../../cause';
import { type ConnectionFacts, serverName } from '../../facts';
import { goodbyeOf } from '../../goodbye';
import type { Rule } from '../../rules';
import { millisSince, seconds } from '../../timing';
import type { WireEvidence } from '../../wire';
import { namesOf, visibleReason } from './certificate-reason';

export const UNREAD_RULES: readonly Rule<ConnectionFacts>[] = [
  {
    gives: ['TLS_CLIENT_CERTIFICATE_MISSING', 'TLS_CLIENT_CERTIFICATE_REFUSED'],
    find: serverRefusesClient,
  },
  {
    gives: [
      'TLS_CERTIFICATE_EXPIRED',
      'TLS_CERTIFICATE_WRONG_NAME',
      'TLS_CERTIFICATE_WITHOUT_SAN',
      'TLS_CERTIFICATE_UNTRUSTED',
      'TLS_CERTIFICATE_REFUSED',
    ],
    find: clientRefusesServer,
  },
  { gives: ['TLS_CLOSED_ON_HELLO'], find: closedOnHello },
  { gives: ['TLS_ENDED_BY_SERVER', 'TLS_ENDED_BY_CLIENT'], find: ended },
];

/** A client that refuses leaves at once; one that leaves later has waited for something. */
const AT_ONCE = 3000;

/** The first record of an alert's size that no key opened, unless it only answers that the other side left. */
function firstAlertSized({ tls, closes }: WireEvidence): SealedEvidence | undefined {
  const at = tls?.sealed.findIndex(({ alertSized }) => alertSized) ?? -1;
  const first = tls?.sealed[at];
  const echo = closes.some(({ from, sealedBefore }) => from !== first?.from && sealedBefore <= at);
  return echo ? undefined : first;
}

/**
 * After the client's flight, and before anything else, the server sends what can only be an alert, or closes: in TLS 1.3 the client holds the
 * handshake for done by then (RFC 8446 section 4.4.2.4).
 */
function serverRefusesClient(facts: ConnectionFacts): Cause | null {
  const { wire, missing } = facts;
  const { tls } = wire;
  if (missing || !tls?.serverHello || tls.data.server > 0) return null;
  if (!isAsked(facts, tls)) return null;
  const alert = firstAlertSized(wire);
  const [close] = wire.closes;
  if (alert?.from === 'client' || (alert === undefined && close?.from !== 'server')) return null;
  // It said goodbye in words that could be read: no refusal.
  if (alert === undefined && goodbyeOf(facts) !== null) return null;
  const none = tls.clientCertificate === 'none';
  const code = none ? 'TLS_CLIENT_CERTIFICATE_MISSING' : 'TLS_CLIENT_CERTIFICATE_REFUSED';
  const certainty = alert ? 'likely' : none ? 'likely' : 'possible';
  return of(code, facts, 'server', { sealed: alert ? 1 : undefined }, { certainty });
}

/** A client certificate was asked for, as far as can be seen, and the client has answered. */
function isAsked(facts: ConnectionFacts, tls: TlsEvidence): boolean {
  if (tls.clientCertificate !== 'unseen') return true;
  if (facts.trace.tls?.version !== 'TLSv1.3' || !tls.finished.client) return false;
  // Certificate and CertificateVerify come before the client's Finished only if they were asked for.
  return tls.sealed.filter(({ from, handshake }) => from === 'client' && handshake).length > 1;
}

/** The client has seen the certificate, said nothing inside TLS, and left at once. */
function clientRefusesServer(facts: ConnectionFacts): Cause | null {
  const { wire, missing, trace } = facts;
  const { tls } = wire;
  if (missing || !tls?.serverCertificate || tls.data.client > 0) return null;
  const alert = firstAlertSized(wire);
  const goodbye = goodbyeOf(facts);
  const left = alert?.from ?? goodbye?.from ?? wire.closes[0]?.from;
  if (left !== 'client') return null;
  const waited = millisSince(wire, wire.server.last) ?? 0;
  if (alert === undefined && goodbye === null && waited > AT_ONCE) return null;
  const reason = visibleReason(facts);
  const [leaf] = trace.tls?.certificates ?? [];
  const params = {
    name: trace.tls?.sni ?? undefined,
    subject: leaf?.subject,
    names: leaf && namesOf(leaf),
    issuer: trace.tls?.certificates.at(-1)?.issuer,
    unseen: leaf === undefined ? 1 : undefined,
    ...reason?.params,
  };
  return of(reason?.code ?? 'TLS_CERTIFICATE_REFUSED', facts, 'client', params, { certainty: 'likely' });
}

/** The server closes on the ClientHello without a byte of TLS. */
function closedOnHello(facts: ConnectionFacts): Cause | null {
  const { wire, trace, missing } = facts;
  const { tls } = wire;
  if (missing || !tls?.clientHello || tls.serverHello || tls.notTls || goodbyeOf(facts) !== null) return null;
  if (wire.closes[0]?.from !== 'server') return null;
  const direct = trace.ssl.direct ? 1 : undefined;
  const how = wire.closes[0].how === 'rst' ? 'reset' : 'closed';
  return of('TLS_CLOSED_ON_HELLO', facts, 'server', { direct, how, name: trace.tls?.sni ?? undefined });
}

/** It ended in the middle, and nothing tells why. */
function ended(facts: ConnectionFacts): Cause | null {
  const { wire, missing } = facts;
  const { tls } = wire;
  const [close] = wire.closes;
  if (missing || !tls?.clientHello || tls.notTls || close === undefined || facts.established) return null;
  if (tls.data.client > 0 && tls.data.server > 0) return null;
  const alert = firstAlertSized(wire);
  const from = alert?.from ?? goodbyeOf(facts)?.from ?? close.from;
  // It waited for the server: silence is the cause.
  if (alert === undefined && from === 'client' && wire.lastSpoke === 'client') return null;
  const waited = seconds(millisSince(wire, wire[wire.lastSpoke ?? from].last) ?? 0);
  const params = { seconds: waited >= 1 ? waited : undefined };
  return of(from === 'client' ? 'TLS_ENDED_BY_CLIENT' : 'TLS_ENDED_BY_SERVER', facts, from, params);
}

function of(
  code: Cause['code'],
  facts: ConnectionFacts,
  from: 'client' | 'server',
  params: Readonly<Record<string, string | number | undefined>> = {},
  details: CauseDetails = {},
): Cause {
  const message = `the ${from} closed the connection during the TLS handshake`;
  const all = { from, product: facts.product, server: serverName(facts), ...params };
  const sealed = firstAlertSized(facts.wire);
  const evidence = sealed
    ? ([{ code: 'SEALED_ALERT', params: { side: sealed.from }, frames: [sealed.mark.frame] }] as const)
    : undefined;
  return cause(code, 'failed', all, { error: { from, code: 'TLS_CLOSED', message }, evidence, ...details });
}
