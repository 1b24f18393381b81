import type { CauseParams, NextStep } from '../../../trace/diagnosis';
import type { TLS_CAUSES } from '../../causes/tls';
import type { CauseWords } from '../words';
import { alertSaid } from './phrases';

type Code = Extract<
  keyof typeof TLS_CAUSES,
  `TLS_CERTIFICATE_${string}` | `TLS_CLIENT_CERTIFICATE_${string}`
>;

export const TLS_CERTIFICATE_WORDS: Readonly<Record<Code, CauseWords>> = {
  TLS_CERTIFICATE_UNTRUSTED: {
    what: ({ selfSigned, issuer }) =>
      selfSigned === undefined
        ? `The client does not trust the authority that issued the server certificate${issuer === undefined ? '' : ` (${issuer})`}.`
        : 'The client does not trust the server certificate, which is self-signed.',
    why: alertSaid,
    next: (params) => [
      {
        kind: 'client-option',
        text:
          params.selfSigned === undefined
            ? `Give the client the root certificate of that authority: ${rootOption(params)}.`
            : `Give the client this very certificate as its root: ${rootOption(params)}.`,
        option: rootNamed(params),
      },
      {
        kind: 'server-config',
        text:
          params.selfSigned === undefined
            ? `If the client already has that root, let the server send the missing intermediate certificates: append them to ${serverFile(params)}.`
            : `Or give the server a certificate from an authority that the client trusts (${serverFile(params)}).`,
      },
    ],
    proof: 'The client sent the alert unknown_ca, or refused a certificate that is self-signed.',
    tellApart:
      'The client sends the alert unknown_ca; openssl s_client -showcerts shows which certificates the server sends.',
  },
  TLS_CERTIFICATE_EXPIRED: {
    what: ({ subject, date, when }) =>
      when === 'early'
        ? `The client refused the certificate ${subject ?? 'of the server'}: it is not valid before ${date}.`
        : when === 'valid'
          ? `The client considers the server certificate expired, although it is valid until ${date}: the client's clock is wrong.`
          : `The client refused the server certificate because ${date === undefined ? 'it has expired or is not valid yet' : `${subject ?? 'it'} expired on ${date}`}.`,
    why: alertSaid,
    next: ({ when }) =>
      when === 'valid'
        ? [{ kind: 'client-option', text: "Correct the client's clock." }]
        : [
            {
              kind: 'server-config',
              text:
                when === 'early'
                  ? "Check the server's and client's clocks, or use a certificate that is already valid."
                  : 'Renew the server certificate, and make the server load the new one.',
            },
            { kind: 'ask', text: 'Check the clocks of both machines.' },
          ],
    proof:
      'The client sent the alert certificate_expired, or refused a certificate that has expired or is not valid yet.',
  },
  TLS_CERTIFICATE_REVOKED: {
    what: ({ subject }) =>
      `The client refused the server certificate${subject === undefined ? '' : ` (${subject})`} because it was revoked.`,
    next: () => [{ kind: 'server-config', text: 'Install a new certificate on the server.' }],
    proof: 'The client sent the alert certificate_revoked.',
  },
  TLS_CERTIFICATE_WRONG_NAME: {
    what: ({ name, names }) =>
      `The client refused the server certificate: the client connected to ${name}, but the certificate is for ${names}.`,
    why: alertSaid,
    next: ({ name, names }) => [
      { kind: 'client-option', text: `Connect by a name that is in the certificate: ${names}.` },
      { kind: 'server-config', text: `Or issue a certificate with ${name} in subjectAltName.` },
    ],
    proof: 'The client refused the certificate, and the name that it asked for (SNI) is not in it.',
  },
  TLS_CERTIFICATE_WITHOUT_SAN: {
    what: ({ subject }) =>
      `The client refused the server certificate ${subject} because it has no subjectAltName.`,
    why: ({ alert }) =>
      `Go, Rust (rustls) and browsers ignore the common name (CN), even if it matches${alert === undefined ? '' : `; the client sent the alert ${alert}`}.`,
    next: ({ name, subject }) => [
      {
        kind: 'server-config',
        text: 'Reissue the certificate with the host name in subjectAltName.',
        snippet: `subjectAltName = DNS:${name ?? commonName(subject) ?? 'db.example'}`,
      },
    ],
    proof: 'The client refused the certificate, which has a common name and no subjectAltName.',
    tellApart:
      "Go sends the same alert for an unknown authority: the client's own error message names the reason.",
  },
  TLS_CERTIFICATE_REFUSED: {
    what: ({ alert, name }) =>
      alert === undefined
        ? `The client most likely refused the server certificate${name === undefined ? '' : ` of ${name}`}: it left right after receiving it, without sending any data.`
        : `The client refused the server certificate (alert ${alert}).`,
    why: ({ unseen, names, issuer }) =>
      unseen === undefined && names !== undefined
        ? `The certificate is for ${names}${issuer === undefined ? '' : `, issued by ${issuer}`}, and its dates are valid. Most likely the client does not trust its issuer, or connects by another name.`
        : 'Most likely the client does not know the authority that issued it, or connects by another name, or the certificate has expired; the certificate itself cannot be seen here.',
    next: (params) => [
      { kind: 'ask', text: "Read the client's own error message: it names the reason." },
      {
        kind: 'client-option',
        text: `Give the client the right root certificate (${rootOption(params)}), and connect by a name that is in the certificate.`,
        option: rootNamed(params),
      },
      {
        kind: 'server-config',
        text: 'Look at the certificate that the server sends: dates, names, issuer.',
        snippet: lookCommand(params),
      },
    ],
    proof:
      "After the server's certificate the client sent an alert, or one record of an alert's size, or nothing, and left at once.",
    tellApart:
      'A TLS health check leaves in the same way, but it comes again and again from the same address.',
  },
  TLS_CLIENT_CERTIFICATE_MISSING: {
    what: ({ server }) => `${server} requires a client certificate, and the client sent none.`,
    why: alertSaid,
    next: (params) => [
      {
        kind: 'client-option',
        text:
          params.product === 'MongoDB'
            ? 'Give the client its certificate and key: tlsCertificateKeyFile=client.pem.'
            : 'Give the client its certificate and key: sslcert=client.crt sslkey=client.key (default ~/.postgresql/postgresql.crt and .key).',
        option:
          params.product === 'MongoDB'
            ? { name: 'tlsCertificateKeyFile', value: 'client.pem' }
            : { name: 'sslcert', value: 'client.crt' },
      },
      {
        kind: 'server-config',
        text:
          params.product === 'MongoDB'
            ? 'Or let the server accept clients without one: net.tls.allowConnectionsWithoutCertificates: true.'
            : 'Or let the pooler or server accept clients without one.',
      },
    ],
    proof:
      'The server asked for a certificate, the client sent an empty list, and the server sent an alert or closed.',
  },
  TLS_CLIENT_CERTIFICATE_REFUSED: {
    what: ({ server, alert }) =>
      `${server} refused the client certificate${alert === undefined ? '' : ` (${alertWords(alert)})`}.`,
    why: ({ alert, sealed }) =>
      alert === undefined
        ? `It ${sealed === undefined ? 'closed' : 'sent what can only be an alert'} right after the client's certificate: most likely it does not know the authority that issued it, or the certificate has expired or was revoked.`
        : null,
    next: (params) => [
      {
        kind: 'server-config',
        text:
          params.product === 'MongoDB'
            ? 'Add the authority of the client certificate to net.tls.CAFile, or use a certificate of an authority that is in it.'
            : 'Add the authority of the client certificate to ssl_ca_file, or use a certificate of an authority that is in it.',
      },
      { kind: 'ask', text: "Read the server's log: it names the reason." },
      {
        kind: 'client-option',
        text: 'Check the dates, the extended key usage (clientAuth) and the intermediate certificates of the client certificate.',
      },
    ],
    proof:
      "After the client's certificate the server sent an alert, or closed before anything was said inside TLS.",
  },
};

const ALERTS: Readonly<Record<string, string>> = {
  unknown_ca: 'it does not know the authority that issued it',
  certificate_expired: 'expired or not valid yet',
  certificate_revoked: 'revoked',
  unsupported_certificate: 'it is not meant for client authentication; see its key usage',
  access_denied: 'the certificate is valid, but this client is not allowed',
};

function alertWords(alert: unknown): string {
  const words = ALERTS[String(alert)];
  return words === undefined ? `alert ${alert}` : `alert ${alert}: ${words}`;
}

function rootOption({ product }: CauseParams): string {
  return product === 'MongoDB'
    ? 'tlsCAFile=ca.pem'
    : 'sslrootcert=root.crt (or the file ~/.postgresql/root.crt)';
}

function rootNamed({ product }: CauseParams): NonNullable<NextStep['option']> {
  return product === 'MongoDB'
    ? { name: 'tlsCAFile', value: 'ca.pem' }
    : { name: 'sslrootcert', value: 'root.crt' };
}

function serverFile({ product }: CauseParams): string {
  return product === 'MongoDB' ? 'net.tls.certificateKeyFile' : 'ssl_cert_file';
}

function lookCommand({ product, server }: CauseParams): string {
  const start = product === 'MongoDB' ? '' : ' -starttls postgres';
  return `openssl s_client -connect ${server}${start} -showcerts </dev/null`;
}

function commonName(subject: unknown): string | undefined {
  return /(?:^|[,+])CN=((?:\\.|[^,+\\])*)/.exec(String(subject ?? ''))?.[1];
}
