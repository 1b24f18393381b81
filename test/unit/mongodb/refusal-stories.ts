/** Refused logins, and what must be said about each. */

import type { FindingCode } from '../../../src/mongodb/diagnose/findings';
import type { Document } from '../../../src/mongodb/wire/bson';
import type { TlsFacts } from '../../../src/tls/events';
import type { CertificateSummary } from '../../../src/trace/model';
import { ask, type Line, sasl, say } from './story';

interface Story {
  readonly name: string;
  readonly code: FindingCode;
  readonly lines: () => Line[];
  /** What the finding names. */
  readonly message: RegExp;
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
    code: 'MG_USER_LACKS_MECHANISM',
    lines: () => [
      ...hello(
        { maxWireVersion: 21, saslSupportedMechs: ['SCRAM-SHA-256'] },
        { saslSupportedMechs: 'admin.app_user' },
      ),
      start(),
      refuse(18),
    ],
    message: /SCRAM-SHA-1; the server lists SCRAM-SHA-256/,
    verdict: /app_user@admin has no credentials for SCRAM-SHA-1 \(18\): it has SCRAM-SHA-256\./,
  },
  {
    name: 'the same without the list: both causes',
    code: 'MG_REFUSED_BEFORE_PROOF',
    lines: () => [...hello({ maxWireVersion: 21 }), start(), refuse(18)],
    message: /app_user@admin \(SCRAM-SHA-1\).*no such user, or the user has no credentials/,
    verdict: /before the client proved its password \(18\): either .* no such user .* or .* no credentials/,
  },
  {
    name: 'a refused proof',
    code: 'MG_PROOF_REFUSED',
    lines: () => [...hello({ maxWireVersion: 21 }), start(), challenge(), proof(), refuse(18)],
    message: /challenge for app_user@admin \(SCRAM-SHA-1\) and refused the proof/,
    verdict: /check user, password, and that authSource=admin/,
  },
  {
    name: 'a user that the server does not list',
    code: 'MG_USER_NOT_LISTED',
    lines: () => [
      ...hello({ maxWireVersion: 21 }, { saslSupportedMechs: 'admin.app_user' }),
      start(),
      refuse(18),
    ],
    message: /mechanisms of admin\.app_user, the server listed none/,
    verdict: /most likely there is no such user in this database/,
  },
  {
    name: 'a user that hello found in another database',
    code: 'MG_AUTH_SOURCE_OTHER',
    lines: () => [
      ...hello(
        { maxWireVersion: 21, saslSupportedMechs: ['SCRAM-SHA-1', 'SCRAM-SHA-256'] },
        { saslSupportedMechs: 'shop.app_user' },
      ),
      start(),
      refuse(18),
    ],
    message: /in the database shop, and the authentication went to admin/,
    verdict: /set authSource=shop\./,
  },
  {
    name: 'MONGODB-CR, perhaps under authentication schema 5',
    code: 'MG_CR_CREDENTIALS',
    lines: () => [
      ...hello({ maxWireVersion: 5 }),
      ask({ getnonce: 1 }),
      say({ nonce: 'ab' }),
      authenticate(),
      refuse(18, 'auth failed'),
    ],
    message: /app_user@admin\. Two causes .*authentication schema 5/,
    verdict: /either the password or authSource=admin is wrong, or .*schema 5.* SCRAM credentials only/,
  },
  {
    name: 'MONGODB-CR at a server that does not know getnonce any more',
    code: 'MG_CR_REMOVED',
    lines: () => [
      ...hello({ maxWireVersion: 17 }),
      ask({ getnonce: 1 }),
      refuse(59, "no such command: 'getnonce'"),
    ],
    message: /getnonce is no command of this server any more \(59\)/,
    verdict: /wants MONGODB-CR and this server has none/,
  },
  {
    name: 'MONGODB-CR at server 4.0',
    code: 'MG_CR_REMOVED',
    lines: () => [
      ...hello({ maxWireVersion: 7 }),
      ask({ getnonce: 1 }),
      say({ nonce: 'ab' }),
      authenticate(),
      refuse(2, 'Unsupported mechanism: MONGODB-CR'),
    ],
    message: /server 4\.0 or later \(wire version 7\)/,
    verdict: /remove authMechanism/,
  },
  {
    name: 'SCRAM-SHA-256 at server 3.6',
    code: 'MG_MECHANISM_TOO_NEW',
    lines: () => [
      ...hello({ maxWireVersion: 6 }),
      start('SCRAM-SHA-256'),
      refuse(2, 'Unsupported mechanism SCRAM-SHA-256'),
    ],
    message: /SCRAM-SHA-256, which came with server 4\.0 \(this one speaks wire versions up to 6\)/,
    verdict: /older than 4\.0 and has no SCRAM-SHA-256/,
  },
  {
    name: 'SCRAM at server 2.4, which gives no code',
    code: 'MG_MECHANISM_TOO_NEW',
    lines: () => [...hello({}), start(), say({ ok: 0, errmsg: 'no such cmd: saslStart' })],
    message: /SCRAM-SHA-1, which came with server 3\.0/,
    verdict: /older than 3\.0/,
  },
  {
    name: 'PLAIN at a server that cannot',
    code: 'MG_MECHANISM_NOT_ENABLED',
    lines: () => [
      ask({ saslStart: 1, mechanism: 'PLAIN', payload: sasl('\0u\0p') }, '$external'),
      refuse(334, 'unknown or not enabled'),
    ],
    message: /PLAIN \(only MongoDB Enterprise and Atlas can\)/,
    verdict: /does not enable PLAIN \(334\): only MongoDB Enterprise and Atlas can\. Enable/,
  },
  {
    name: 'an authentication schema that the server does not read',
    code: 'MG_AUTH_SCHEMA',
    lines: () => [...hello({ maxWireVersion: 3 }), start(), refuse(69, 'schema version 1')],
    message: /schema version 1 \(AuthSchemaIncompatible\)/,
    verdict: /authSchemaUpgrade/,
  },
  {
    name: 'a user whose document is inconsistent',
    code: 'MG_USER_LACKS_MECHANISM',
    lines: () => [start(), refuse(67, 'no credentials')],
    message: /document is inconsistent \(67\)/,
    verdict: /updateUser/,
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
    code: 'MG_X509_OTHER_SUBJECT',
    facts: { certificates: [SERVER], clientCertificates: [CLIENT] },
    user: 'CN=other',
    message: /"CN=other", and the subject .* "CN=app,OU=clients,O=Example"\. They name different/,
    verdict: /named the user "CN=other", but the subject of its certificate is "CN=app,OU=clients,O=Example"/,
  },
  {
    name: 'the subject in the order of the certificate',
    code: 'MG_X509_OTHER_SUBJECT',
    facts: { certificates: [SERVER], clientCertificates: [CLIENT] },
    user: 'O = Example, OU = clients, CN = app',
    message: /only order, spaces or form differ/,
    verdict: /write the subject exactly so/,
  },
  {
    name: 'the subject, without a user of that name',
    code: 'MG_X509_NO_USER',
    facts: { certificates: [SERVER], clientCertificates: [CLIENT] },
    user: CLIENT.subject,
    message: /"CN=app,OU=clients,O=Example", issued by "CN=Example CA"/,
    verdict: /create a user named exactly so in \$external/,
  },
  {
    name: 'a certificate of a member of the cluster',
    code: 'MG_X509_MEMBER',
    facts: {
      certificates: [SERVER],
      clientCertificates: [{ ...CLIENT, subject: 'CN=app,OU=servers,O=Example' }],
    },
    message: /"CN=app,OU=servers,O=Example", "CN=db\.example,OU=servers,O=Example"/,
    verdict: /takes the client for a member of the cluster/,
  },
  {
    name: 'no certificate, although the server asked',
    code: 'MG_X509_NO_CERTIFICATE',
    facts: { certificates: [SERVER], clientCertificates: [] },
    message: /sent no certificate/,
    verdict: /tlsCertificateKeyFile/,
  },
  {
    name: 'no certificate, and the server did not ask',
    code: 'MG_X509_NO_CERTIFICATE',
    facts: { certificates: [SERVER] },
    message: /sent no certificate/,
    verdict: /so that it asks for one/,
  },
  {
    name: 'a handshake that was not seen',
    code: 'MG_X509_UNSEEN',
    facts: {},
    user: 'CN=app',
    message: /user CN=app was named/,
    verdict: /which the capture does not show; user CN=app was named\. Either .* or /,
  },
  {
    name: 'no TLS',
    code: 'MG_X509_WITHOUT_TLS',
    facts: {},
    secure: false,
    refusal: [17, 'SSL support is required for the MONGODB-X509 mechanism.'],
    message: /without TLS/,
    verdict: /set tls=true/,
  },
  {
    name: 'another database than $external',
    code: 'MG_X509_SOURCE',
    facts: { certificates: [SERVER], clientCertificates: [CLIENT] },
    db: 'shop',
    refusal: [17, 'X.509 authentication must always use the $external database.'],
    message: /database shop; its users are in \$external/,
    verdict: /authSource=\$external/,
  },
  {
    name: 'the mechanism disabled',
    code: 'MG_MECHANISM_NOT_ENABLED',
    facts: { certificates: [SERVER], clientCertificates: [CLIENT] },
    refusal: [2, 'x.509 authentication is disabled.'],
    message: /MONGODB-X509/,
    verdict: /./,
  },
];

/** The codes that this file has a story for. */
export const REFUSAL_CODES: readonly FindingCode[] = [...CREDENTIALS, ...X509].map((story) => story.code);
