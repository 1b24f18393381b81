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

export const MONGODB_X509_WORDS: Readonly<Record<Codes, CauseWords>> = {
  MONGO_X509_WITHOUT_TLS: {
    what: () =>
      'The client asked for MONGODB-X509 without TLS, where there is no certificate to log in with.',
    next: () => [option('tls', 'true', 'Set tls=true and tlsCertificateKeyFile in the connection string.')],
    proof: 'authenticate with MONGODB-X509 was sent in the clear.',
  },
  MONGO_X509_SOURCE: {
    what: ({ database }) =>
      `MONGODB-X509 was sent to the database ${database}, but its users are in $external only.`,
    next: () => [option('authSource', '$external', 'Set authSource=$external, or leave it out.')],
    proof: 'authenticate with MONGODB-X509 names a database other than $external.',
  },
  MONGO_X509_NO_CERTIFICATE: {
    what: (p) =>
      `The client asked for MONGODB-X509 and sent no certificate in the TLS handshake: ${quoted(p)}.`,
    next: () => [GIVE_CERTIFICATE, ASK_FOR_ONE],
    proof: "The server asked for a certificate and the client's Certificate message was empty.",
    tellApart: 'The server asked (CertificateRequest) and the client answered with an empty list.',
  },
  MONGO_X509_NOT_ASKED: {
    what: (p) =>
      `The client asked for MONGODB-X509, but the server never asked for a certificate in the TLS handshake: ${p.text === undefined ? 'it has nothing to compare' : quoted(p)}.`,
    why: () => 'A certificate that the client was given is not sent unless the server asks for it.',
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
          ? 'Both have the same attributes: only order, spaces or form differ, and the server compares the text.'
          : 'They name different identities: another certificate, or another user, was meant.',
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
      `The server takes the client with the certificate "${subject}" for a member of its cluster, not for a user.`,
    why: ({ serverSubject }) => `O, OU and DC are those of its own certificate, "${serverSubject}".`,
    next: () => [
      step(
        'client-option',
        'Issue a client certificate that differs from the server certificates in O, OU or DC.',
      ),
      step('server-config', 'Or set tlsX509ClusterAuthDNOverride on the server.'),
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
        : `Either $external has no user of exactly this name, or the server does not trust the issuer "${issuer}" and let the certificate in unverified (allowInvalidCertificates).`,
    next: ({ subject }) => [
      step('server-command', 'Create the user, named exactly so.', {
        snippet: `db.getSiblingDB("$external").runCommand({createUser: ${js(subject ?? '<subject>')}, roles: [{role: "readWrite", db: "<database>"}]})`,
      }),
      step('server-config', "If that user exists, compare the issuer with the server's net.tls.CAFile."),
    ],
    proof: "The client's certificate was seen, names the user, and the login was refused with 18.",
    tellApart: 'db.getSiblingDB("$external").getUsers() has no user of this name.',
  },
  MONGO_X509_UNSEEN: {
    what: (p) =>
      `The server refused the client certificate, which the capture does not show: ${quoted(p)}. ${p.user === undefined ? 'No user was named' : `User "${p.user}" was named`}.`,
    next: () => [
      step('server-command', 'Compare the subject of the client certificate with the users of $external.', {
        snippet: 'db.getSiblingDB("$external").getUsers()',
      }),
      step('capture', 'A TLS key log with the handshake secrets would show the certificate here.'),
    ],
    proof: "MONGODB-X509 was refused with 18, and the client's certificate is sealed.",
  },
};
