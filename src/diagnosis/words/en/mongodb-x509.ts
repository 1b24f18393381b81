import type { MONGODB_LOGIN_CAUSES } from '../../causes/mongodb-login';
import type { CauseWords } from '../words';
import { js, option, quoted, step } from './mongodb-parts';

type Codes = Extract<keyof typeof MONGODB_LOGIN_CAUSES, `MONGO_X509_${string}`>;

const GIVE_CERTIFICATE = step(
  'client-option',
  'Set tlsCertificateKeyFile in the connection string: certificate and key in one PEM file.',
);
const ASK_FOR_ONE = step(
  'server-config',
  'Set net.tls.CAFile on the server, so that it asks clients for a certificate.',
  {
    snippet: 'net:\n  tls:\n    CAFile: /etc/ssl/mongodb-clients-ca.pem',
  },
);

const IF_NOT_ASKED =
  'If the client has one already, set net.tls.CAFile on the server, so that it asks clients for a certificate.';

export const MONGODB_X509_WORDS: Readonly<Record<Codes, CauseWords>> = {
  MONGO_X509_WITHOUT_TLS: {
    what: () => 'The client asked for MONGODB-X509 without TLS, so it had no certificate to log in with.',
    next: () => [option('tls', 'true', 'Set tls=true and tlsCertificateKeyFile in the connection string.')],
    proof: 'authenticate with MONGODB-X509 was sent in the clear.',
  },
  MONGO_X509_SOURCE: {
    what: ({ database }) =>
      `The client logged in with MONGODB-X509 and authSource=${database}, but users of MONGODB-X509 exist only in $external.`,
    next: () => [option('authSource', '$external', 'Set authSource=$external, or leave it out.')],
    proof: 'authenticate with MONGODB-X509 names a database other than $external.',
  },
  MONGO_X509_NO_CERTIFICATE: {
    what: (p) =>
      `The client asked for MONGODB-X509 and sent no certificate in the TLS handshake: ${quoted(p)}.`,
    next: () => [GIVE_CERTIFICATE, { ...ASK_FOR_ONE, text: IF_NOT_ASKED }],
    proof:
      "The server asked for a certificate and the client's Certificate message was empty, or the server said that it received none.",
    tellApart: 'The server asked (CertificateRequest) and the client answered with an empty list.',
  },
  MONGO_X509_NOT_ASKED: {
    what: (p) =>
      `The client asked for MONGODB-X509, but the server never asked for a certificate in the TLS handshake: ${p.text === undefined ? 'it has no certificate to check' : quoted(p)}.`,
    why: () => 'A client sends its certificate only if the server asks for one.',
    next: () => [ASK_FOR_ONE],
    proof: 'The TLS handshake has no CertificateRequest.',
    tellApart: 'The TLS handshake has no CertificateRequest (in TLS 1.3 a key log shows it).',
  },
  MONGO_X509_OTHER_SUBJECT: {
    what: ({ user, subject }) =>
      subject === undefined
        ? 'The user that the client named is not the subject of its certificate.'
        : `The client named the user "${user}", but the subject of its certificate is "${subject}".`,
    why: ({ rewritten }) =>
      rewritten === undefined
        ? null
        : rewritten === 1
          ? 'Both have the same attributes and differ only in order, spaces or notation, but the server compares them as text.'
          : 'They name different identities: the client uses the wrong certificate or the wrong user name.',
    next: () => [
      step('client-option', 'Leave the user out of the connection string: the certificate names it.'),
      step('client-option', 'Or write the subject exactly as openssl prints it, percent-encoded.', {
        snippet: 'openssl x509 -noout -subject -nameopt RFC2253 -in client.pem',
      }),
    ],
    proof: "The name in authenticate differs from the subject of the client's certificate.",
    tellApart: 'Compare the user with openssl x509 -noout -subject -nameopt RFC2253 of the certificate.',
  },
  MONGO_X509_MEMBER: {
    what: ({ subject }) =>
      `The server treats the client with the certificate "${subject}" as a member of its cluster, not as a user.`,
    why: ({ serverSubject }) =>
      `The certificate has the same O, OU and DC as the server's own certificate, "${serverSubject}".`,
    next: () => [
      step(
        'client-option',
        'Issue a client certificate that differs from the server certificates in O, OU or DC.',
      ),
      step(
        'server-config',
        'Or let the server recognise members by other attributes (net.tls.clusterAuthX509, MongoDB 7.0 and later).',
      ),
    ],
    proof: 'Client and server certificate have the same O, OU and DC, and the login was refused with 18.',
  },
  MONGO_X509_NO_USER: {
    what: (p) =>
      p.subject === undefined
        ? '$external has no user with the subject of the certificate.'
        : `The server refused the certificate of "${p.subject}": ${quoted(p)}.`,
    why: ({ issuer }) =>
      issuer === undefined
        ? null
        : `Either $external has no user of exactly this name, or the server does not trust the issuer "${issuer}" and accepted the certificate unverified (net.tls.allowInvalidCertificates).`,
    next: ({ subject }) => [
      step('server-command', 'Create the user, with exactly this name.', {
        snippet: `db.getSiblingDB("$external").runCommand({createUser: ${js(subject ?? '<subject>')}, roles: [{role: "readWrite", db: "<database>"}]})`,
      }),
      step('server-config', "If that user exists, compare the issuer with the server's net.tls.CAFile."),
    ],
    proof: "The client's certificate was seen, names the user, and the login was refused with 18.",
    tellApart: 'db.getSiblingDB("$external").getUsers() has no user of this name.',
  },
  MONGO_X509_UNSEEN: {
    what: (p) =>
      `The server refused the client certificate, which the capture does not show: ${quoted(p)}. ${p.user === undefined ? 'The client named no user' : `The client named the user "${p.user}"`}.`,
    next: () => [
      step('server-command', 'Compare the subject of the client certificate with the users of $external.', {
        snippet: 'db.getSiblingDB("$external").getUsers()',
      }),
      step('capture', 'Load a TLS key log with the handshake secrets to see the certificate.'),
    ],
    proof: "MONGODB-X509 was refused with 18, and the client's certificate is encrypted.",
  },
};
