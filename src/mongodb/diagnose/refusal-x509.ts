/** MONGODB-X509: the certificate of the TLS handshake against the user that was named and the users of `$external`. */
import type { CertificateSummary } from '../../trace/model';
import type { AuthAttempt } from '../client/auth-attempt';
import { MongoCode } from '../errors';
import type { ObserverRecord } from './record';
import { type Explanation, isNotEnabled, type RefusalContext } from './refusal';
import { isMember, isRewritten } from './subject';

/** Explains the refusal by what was seen of the client's certificate. */
export function explainX509(
  record: ObserverRecord,
  attempt: AuthAttempt,
  { secure, serverSubject }: RefusalContext,
): Explanation[] {
  const { authErrorCode, authError, clientCertificates } = record;
  if (!secure) {
    return [
      {
        code: 'MG_X509_WITHOUT_TLS',
        seen: '',
        verdict:
          'MONGODB-X509 was tried without TLS, where there is no certificate: set tls=true and tlsCertificateKeyFile in the connection string.',
      },
    ];
  }
  if (isNotEnabled(authErrorCode, authError?.message ?? '')) {
    return [{ code: 'MG_MECHANISM_NOT_ENABLED', seen: attempt.mechanism }];
  }
  if (attempt.database !== '$external') {
    return [
      {
        code: 'MG_X509_SOURCE',
        seen: attempt.database,
        verdict: `MONGODB-X509 was sent to the database ${attempt.database}: its users are in $external only. Set authSource=$external or leave it out.`,
      },
    ];
  }
  if (authErrorCode !== MongoCode.AUTHENTICATION_FAILED) return [];
  const certificate = clientCertificates?.[0];
  if (certificate) return [bySubject(certificate, attempt.user, serverSubject)];
  // The server's certificate was read, so the client's would have been too.
  const none = clientCertificates?.length === 0 || (!clientCertificates && serverSubject !== undefined);
  if (none) {
    return [
      {
        code: 'MG_X509_NO_CERTIFICATE',
        seen: '',
        verdict:
          'The client asked for MONGODB-X509 and sent no certificate in the TLS handshake: set tlsCertificateKeyFile in the connection string, and net.tls.CAFile on the server so that it asks for one.',
      },
    ];
  }
  const named = attempt.user === null ? 'no user' : `user ${attempt.user}`;
  return [
    {
      code: 'MG_X509_UNSEEN',
      seen: named,
      verdict: `The server refused the client certificate (18), which the capture does not show; ${named} was named. Either the named user is not the certificate's subject in RFC 2253 form, or $external has no such user.`,
    },
  ];
}

function bySubject(
  { subject, issuer }: CertificateSummary,
  named: string | null,
  serverSubject: string | undefined,
): Explanation {
  if (named !== null && named !== subject) {
    const how = isRewritten(named, subject)
      ? 'The attributes are the same: only order, spaces or form differ, and the server compares the text.'
      : 'They name different identities: another certificate, or another user, was meant.';
    return {
      code: 'MG_X509_OTHER_SUBJECT',
      seen: `"${named}", and the subject of its certificate is "${subject}". ${how}`,
      verdict: `The client named the user "${named}", but the subject of its certificate is "${subject}" (18): leave the user out of the connection string, or write the subject exactly so.`,
    };
  }
  if (serverSubject !== undefined && isMember(subject, serverSubject)) {
    return {
      code: 'MG_X509_MEMBER',
      seen: `"${subject}", "${serverSubject}"`,
      verdict: `The server refused the certificate of "${subject}" (18): O, OU and DC are those of the server's own certificate, so it takes the client for a member of the cluster. Give the client a certificate that differs in one of them.`,
    };
  }
  return {
    code: 'MG_X509_NO_USER',
    seen: `"${subject}", issued by "${issuer}"`,
    verdict: `The server refused the certificate of "${subject}" (18): create a user named exactly so in $external, or, if there is one, make the server trust the issuer "${issuer}".`,
  };
}
