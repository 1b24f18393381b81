/** Refused logins, and what must be said about each. */

import type { CauseCode } from '../../../src/diagnosis/catalogue';
import type { Document } from '../../../src/mongodb/wire/bson';
import type { TlsFacts } from '../../../src/tls/events';
import type { CertificateSummary } from '../../../src/trace/model';
import { ask, type Line, sasl, say } from './story';

interface Story {
  readonly name: string;
  readonly code: CauseCode;
  readonly lines: () => Line[];
  readonly verdict: RegExp;
}

export const start = (mechanism = 'SCRAM-SHA-1', db = 'admin') =>
  ask({ saslStart: 1, mechanism, payload: sasl('n,,n=app_user,r=abcdef') }, db);
export const challenge = () =>
  say({ conversationId: 1, done: false, payload: sasl('r=abcdefgh,s=QUJD,i=15000') });
export const proof = () =>
  ask({ saslContinue: 1, conversationId: 1, payload: sasl('c=biws,r=abcdefgh,p=QUJD') });
export const refuse = (code: number, errmsg = 'Authentication failed.') => say({ ok: 0, code, errmsg });
export const hello = (reply: Document, asks: Document = {}) => [ask({ hello: 1, ...asks }), say(reply)];
export const authenticate = (more: object = {}) =>
  ask({ authenticate: 1, user: 'app_user', nonce: 'ab', key: 'k', ...more });

/** Refusals of a user and its password. */
export const CREDENTIALS: readonly Story[] = [
  {
    name: 'SCRAM-SHA-1 for a user with SCRAM-SHA-256 credentials only',
    code: 'MONGO_USER_LACKS_MECHANISM',
    lines: () => [
      ...hello(
        { maxWireVersion: 21, saslSupportedMechs: ['SCRAM-SHA-256'] },
        { saslSupportedMechs: 'admin.app_user' },
      ),
      start(),
      refuse(18),
    ],
    verdict:
      /app_user@admin has no credentials for SCRAM-SHA-1; the server lists SCRAM-SHA-256 for this user\./,
  },
  {
    name: 'the same without the list: both causes',
    code: 'MONGO_REFUSED_BEFORE_PROOF',
    lines: () => [...hello({ maxWireVersion: 21 }), start(), refuse(18)],
    verdict: /before the client sent its proof/,
  },
  {
    name: 'a refused proof',
    code: 'MONGO_PROOF_REFUSED',
    lines: () => [...hello({ maxWireVersion: 21 }), start(), challenge(), proof(), refuse(18)],
    verdict: /refused the password of app_user@admin with SCRAM-SHA-1: .* authSource=admin/,
  },
  {
    name: 'a user that the server does not list',
    code: 'MONGO_USER_NOT_LISTED',
    lines: () => [
      ...hello({ maxWireVersion: 21 }, { saslSupportedMechs: 'admin.app_user' }),
      start(),
      refuse(18),
    ],
    verdict: /no mechanisms for admin\.app_user, so most likely it has no such user/,
  },
  {
    name: 'a user that hello found in another database',
    code: 'MONGO_WRONG_AUTH_SOURCE',
    lines: () => [
      ...hello(
        { maxWireVersion: 21, saslSupportedMechs: ['SCRAM-SHA-1', 'SCRAM-SHA-256'] },
        { saslSupportedMechs: 'shop.app_user' },
      ),
      start(),
      refuse(18),
    ],
    verdict: /the server listed this user in the database shop, .* Set authSource=shop\./,
  },
  {
    name: 'MONGODB-CR, perhaps under authentication schema 5',
    code: 'MONGO_CR_REFUSED',
    lines: () => [
      ...hello({ maxWireVersion: 5 }),
      ask({ getnonce: 1 }),
      say({ nonce: 'ab' }),
      authenticate(),
      refuse(18, 'auth failed'),
    ],
    verdict: /app_user@admin with MONGODB-CR: "auth failed" \(18 AuthenticationFailed\)/,
  },
  {
    name: 'MONGODB-CR at a server that does not know getnonce any more',
    code: 'MONGO_CR_REMOVED',
    lines: () => [
      ...hello({ maxWireVersion: 17 }),
      ask({ getnonce: 1 }),
      refuse(59, "no such command: 'getnonce'"),
    ],
    verdict: /it does not know the command getnonce \(59\)\. Use a driver with SCRAM/,
  },
  {
    name: 'MONGODB-CR at server 4.0',
    code: 'MONGO_CR_REMOVED',
    lines: () => [
      ...hello({ maxWireVersion: 7 }),
      ask({ getnonce: 1 }),
      say({ nonce: 'ab' }),
      authenticate(),
      refuse(2, 'Unsupported mechanism: MONGODB-CR'),
    ],
    verdict: /server 4\.0 or later \(wire version 7\)\. .* remove authMechanism/,
  },
  {
    name: 'SCRAM-SHA-256 at server 3.6',
    code: 'MONGO_MECHANISM_TOO_NEW',
    lines: () => [
      ...hello({ maxWireVersion: 6 }),
      start('SCRAM-SHA-256'),
      refuse(2, 'Unsupported mechanism SCRAM-SHA-256'),
    ],
    verdict: /does not support SCRAM-SHA-256, which came with server 4\.0; this one is 3\.6/,
  },
  {
    name: 'SCRAM at server 2.4, which gives no code',
    code: 'MONGO_MECHANISM_TOO_NEW',
    lines: () => [...hello({}), start(), say({ ok: 0, errmsg: 'no such cmd: saslStart' })],
    verdict: /does not support SCRAM-SHA-1, which came with server 3\.0/,
  },
  {
    name: 'PLAIN at a server that cannot',
    code: 'MONGO_MECHANISM_NOT_ENABLED',
    lines: () => [
      ask({ saslStart: 1, mechanism: 'PLAIN', payload: sasl('\0u\0p') }, '$external'),
      refuse(334, 'unknown or not enabled'),
    ],
    verdict: /does not support PLAIN: "unknown or not enabled" \(334 MechanismUnavailable\)/,
  },
  {
    name: 'an authentication schema that the server does not read',
    code: 'MONGO_AUTH_SCHEMA',
    lines: () => [...hello({ maxWireVersion: 3 }), start(), refuse(69, 'schema version 1')],
    verdict: /cannot read its users: "schema version 1" \(69 AuthSchemaIncompatible\)/,
  },
  {
    name: 'a user whose document is inconsistent',
    code: 'MONGO_USER_DOCUMENT',
    lines: () => [start(), refuse(45, 'no credentials')],
    verdict: /app_user@admin lacks what SCRAM-SHA-1 needs/,
  },
];

export const CLIENT: CertificateSummary = {
  subject: 'CN=app,OU=clients,O=Example',
  issuer: 'CN=Example CA',
  names: [],
  notBefore: '2026-01-01T00:00:00Z',
  notAfter: '2027-01-01T00:00:00Z',
  fingerprint256: '00',
  selfSigned: false,
};
export const SERVER: CertificateSummary = { ...CLIENT, subject: 'CN=db.example,OU=servers,O=Example' };

interface X509Story extends Omit<Story, 'lines'> {
  readonly facts: TlsFacts;
  readonly user?: string;
  readonly db?: string;
  readonly answer?: Line[1];
  readonly secure?: boolean;
  readonly refusal?: readonly [number, string];
}

/** Refusals of a certificate. */
export const X509: readonly X509Story[] = [
  {
    name: 'another user than the subject',
    code: 'MONGO_X509_OTHER_SUBJECT',
    facts: { certificates: [SERVER], clientCertificates: [CLIENT] },
    user: 'CN=other',
    verdict: /named the user "CN=other", but the subject of its certificate is "CN=app,OU=clients,O=Example"/,
  },
  {
    name: 'the subject in the order of the certificate',
    code: 'MONGO_X509_OTHER_SUBJECT',
    facts: { certificates: [SERVER], clientCertificates: [CLIENT] },
    user: 'O = Example, OU = clients, CN = app',
    verdict: /named the user "O = Example/,
  },
  {
    name: 'the subject, without a user of that name',
    code: 'MONGO_X509_NO_USER',
    facts: { certificates: [SERVER], clientCertificates: [CLIENT] },
    user: CLIENT.subject,
    verdict: /Create the user, with exactly this name/,
  },
  {
    name: 'a certificate of a member of the cluster',
    code: 'MONGO_X509_MEMBER',
    facts: {
      certificates: [SERVER],
      clientCertificates: [{ ...CLIENT, subject: 'CN=app,OU=servers,O=Example' }],
    },
    verdict: /as a member of its cluster/,
  },
  {
    name: 'no certificate, although the server asked',
    code: 'MONGO_X509_NO_CERTIFICATE',
    facts: { certificates: [SERVER], clientCertificates: [] },
    verdict: /tlsCertificateKeyFile/,
  },
  {
    name: 'no certificate, and the server did not ask',
    code: 'MONGO_X509_NO_CERTIFICATE',
    facts: { certificates: [SERVER] },
    verdict: /sent no certificate/,
  },
  {
    name: 'a handshake that was not seen',
    code: 'MONGO_X509_UNSEEN',
    facts: {},
    user: 'CN=app',
    verdict: /which the capture does not show: .* The client named the user "CN=app"\./,
  },
  {
    name: 'no TLS',
    code: 'MONGO_X509_WITHOUT_TLS',
    facts: {},
    secure: false,
    refusal: [17, 'SSL support is required for the MONGODB-X509 mechanism.'],
    verdict: /Set tls=true/,
  },
  {
    name: 'another database than $external',
    code: 'MONGO_X509_SOURCE',
    facts: { certificates: [SERVER], clientCertificates: [CLIENT] },
    db: 'shop',
    refusal: [17, 'X.509 authentication must always use the $external database.'],
    verdict: /authSource=\$external/,
  },
  {
    name: 'the mechanism disabled',
    code: 'MONGO_MECHANISM_NOT_ENABLED',
    facts: { certificates: [SERVER], clientCertificates: [CLIENT] },
    refusal: [2, 'x.509 authentication is disabled.'],
    verdict: /./,
  },
];
