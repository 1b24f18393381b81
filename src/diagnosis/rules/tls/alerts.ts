/** An alert that could be read: the side that sent it says what it did not like. */
import type { AlertEvidence } from '../../../tls/evidence';
import { type Cause, type CauseDetails, cause } from '../../cause';
import { type ConnectionFacts, serverName } from '../../facts';
import { isEcho, isError } from '../../goodbye';
import type { Rule } from '../../rules';
import { dateReason, issuerParams, namesOf, visibleReason } from './certificate-reason';

export const ALERT_RULE: Rule<ConnectionFacts> = {
  gives: [
    'TLS_CERTIFICATE_UNTRUSTED',
    'TLS_CERTIFICATE_EXPIRED',
    'TLS_CERTIFICATE_REVOKED',
    'TLS_CERTIFICATE_WRONG_NAME',
    'TLS_CERTIFICATE_WITHOUT_SAN',
    'TLS_CERTIFICATE_REFUSED',
    'TLS_CLIENT_CERTIFICATE_MISSING',
    'TLS_CLIENT_CERTIFICATE_REFUSED',
    'TLS_NO_COMMON_VERSION',
    'TLS_NO_COMMON_CIPHER',
    'TLS_NO_COMMON_ALPN',
    'TLS_SERVER_NAME_UNKNOWN',
    'TLS_INTERNAL_ERROR',
    'TLS_MESSAGES_DAMAGED',
    'TLS_ALERT',
  ],
  find: (facts) => {
    const alert = firstFatalAlert(facts);
    return alert === null ? null : (BY_SIDE[alert.from][alert.description] ?? byDescription)(facts, alert);
  },
};

/** The first alert that says what was wrong, unless it only answers the other side's leaving. */
export function firstFatalAlert(facts: ConnectionFacts): AlertEvidence | null {
  const { wire } = facts;
  const first = wire.tls?.alerts.find((alert) => isError(facts, alert));
  return first === undefined || isEcho(wire, first) ? null : first;
}

type Explain = (facts: ConnectionFacts, alert: AlertEvidence) => Cause;

/** What a client says of the server, and a server of the client. */
const BY_SIDE: Readonly<Record<'client' | 'server', Readonly<Record<string, Explain>>>> = {
  client: {
    unknown_ca: (facts, alert) =>
      of('TLS_CERTIFICATE_UNTRUSTED', facts, alert, issuerParams(facts.trace.tls?.certificates ?? [])),
    certificate_expired: expired,
    certificate_revoked: (facts, alert) => of('TLS_CERTIFICATE_REVOKED', facts, alert, subjectOf(facts)),
    // Go says this of every problem, Java the next one; OpenSSL of a chain or name that it can say no better of.
    bad_certificate: refused,
    certificate_unknown: refused,
    unsupported_certificate: refused,
    protocol_version: noVersion,
    handshake_failure: noCipher,
    insufficient_security: noCipher,
  },
  server: {
    certificate_required: (facts, alert) => of('TLS_CLIENT_CERTIFICATE_MISSING', facts, alert),
    unknown_ca: clientCertificate,
    bad_certificate: clientCertificate,
    certificate_unknown: clientCertificate,
    certificate_expired: clientCertificate,
    certificate_revoked: clientCertificate,
    unsupported_certificate: clientCertificate,
    access_denied: clientCertificate,
    protocol_version: noVersion,
    handshake_failure: (facts, alert) =>
      // Before TLS 1.3 a server that demands a certificate says the same (RFC 5246 section 7.4.6).
      facts.wire.tls?.clientCertificate === 'none'
        ? of('TLS_CLIENT_CERTIFICATE_MISSING', facts, alert)
        : noCipher(facts, alert),
    insufficient_security: noCipher,
    no_application_protocol: (facts, alert) =>
      of('TLS_NO_COMMON_ALPN', facts, alert, {
        offered: facts.wire.tls?.alpnOffered?.join(', ') || undefined,
      }),
    unrecognized_name: (facts, alert) => of('TLS_SERVER_NAME_UNKNOWN', facts, alert, nameOf(facts)),
    internal_error: (facts, alert) => of('TLS_INTERNAL_ERROR', facts, alert, nameOf(facts)),
  },
};

/** Alerts about messages that could not be read or did not verify. */
const DAMAGED: ReadonlySet<string> = new Set([
  'decode_error',
  'decrypt_error',
  'bad_record_mac',
  'record_overflow',
  'unexpected_message',
  'illegal_parameter',
  'decryption_failed_RESERVED',
]);

function byDescription(facts: ConnectionFacts, alert: AlertEvidence): Cause {
  return of(DAMAGED.has(alert.description) ? 'TLS_MESSAGES_DAMAGED' : 'TLS_ALERT', facts, alert);
}

function expired(facts: ConnectionFacts, alert: AlertEvidence): Cause {
  const chain = facts.trace.tls?.certificates ?? [];
  const dated = dateReason(facts, chain);
  const [leaf] = chain;
  // By the clock of the capture the certificate is valid: then the client's clock differs.
  const params = dated?.params ?? (leaf ? { subject: leaf.subject, date: leaf.notAfter, when: 'valid' } : {});
  return of('TLS_CERTIFICATE_EXPIRED', facts, alert, params);
}

/** An alert that many problems share: the certificate may say which. */
function refused(facts: ConnectionFacts, alert: AlertEvidence): Cause {
  const reason = visibleReason(facts);
  if (reason) return of(reason.code, facts, alert, reason.params, { certainty: 'likely' });
  return of('TLS_CERTIFICATE_REFUSED', facts, alert, { ...subjectOf(facts), ...nameOf(facts) });
}

function clientCertificate(facts: ConnectionFacts, alert: AlertEvidence): Cause {
  const none = facts.wire.tls?.clientCertificate === 'none';
  return of(none ? 'TLS_CLIENT_CERTIFICATE_MISSING' : 'TLS_CLIENT_CERTIFICATE_REFUSED', facts, alert);
}

function noVersion(facts: ConnectionFacts, alert: AlertEvidence): Cause {
  const chosen = facts.trace.tls?.version ?? undefined;
  return of(
    'TLS_NO_COMMON_VERSION',
    facts,
    alert,
    { chosen },
    { side: alert.from === 'client' ? 'server' : 'client' },
  );
}

function noCipher(facts: ConnectionFacts, alert: AlertEvidence): Cause {
  return of('TLS_NO_COMMON_CIPHER', facts, alert);
}

function of(
  code: Cause['code'],
  facts: ConnectionFacts,
  { from, description, mark }: AlertEvidence,
  params: Readonly<Record<string, string | number | undefined>> = {},
  details: CauseDetails = {},
): Cause {
  const error = {
    from,
    code: `TLS_${description.toUpperCase()}`,
    message: `TLS alert ${description}`,
  };
  const step = facts.trace.steps.findIndex(
    ({ message, from: sender }) => message === 'Alert' && sender === from,
  );
  const evidence = [
    { code: 'ALERT', params: { side: from, alert: description }, frames: [mark.frame] },
  ] as const;
  const all = { from, alert: description, product: facts.product, server: serverName(facts), ...params };
  return cause(code, 'failed', all, { error, evidence, ...(step < 0 ? {} : { step }), ...details });
}

function subjectOf({ trace }: ConnectionFacts): { readonly subject?: string; readonly names?: string } {
  const [leaf] = trace.tls?.certificates ?? [];
  return leaf ? { subject: leaf.subject, names: namesOf(leaf) } : {};
}

function nameOf({ trace }: ConnectionFacts): { readonly name?: string } {
  const sni = trace.tls?.sni;
  return sni ? { name: sni } : {};
}
