/** MONGODB-X509: the certificate of the TLS handshake against the user that was named and the users of `$external`. */
import type { Cause } from '../../../diagnosis/cause';
import type { Rule } from '../../../diagnosis/rules';
import type { CertificateSummary } from '../../../trace/model';
import { MongoCode } from '../../errors';
import type { MongoFacts } from '../facts';
import type { Refusal } from '../record';
import { isMember, isRewritten } from '../subject';
import { failedBy } from './refused';

export const X509_RULES: readonly Rule<MongoFacts>[] = [
  { gives: ['MONGO_X509_WITHOUT_TLS', 'MONGO_X509_SOURCE'], find: misplaced },
  {
    gives: ['MONGO_X509_NOT_ASKED', 'MONGO_X509_NO_CERTIFICATE', 'MONGO_X509_UNSEEN'],
    find: withoutCertificate,
  },
  { gives: ['MONGO_X509_OTHER_SUBJECT', 'MONGO_X509_MEMBER', 'MONGO_X509_NO_USER'], find: bySubject },
];

/** The refusal of a login with a certificate. */
function refusalOf({ record }: MongoFacts): Refusal | null {
  return record.attempt?.mechanism === 'MONGODB-X509' && record.authRefusal ? record.authRefusal : null;
}

function misplaced(facts: MongoFacts): Cause | null {
  const refusal = refusalOf(facts);
  if (!refusal) return null;
  if (!facts.secure) return failedBy('MONGO_X509_WITHOUT_TLS', facts, refusal);
  // A server that does not have the mechanism says so whatever the database.
  if (refusal.code === MongoCode.MECHANISM_UNAVAILABLE || refusal.code === MongoCode.BAD_VALUE) return null;
  return facts.record.attempt?.database === '$external'
    ? null
    : failedBy('MONGO_X509_SOURCE', facts, refusal);
}

function withoutCertificate(facts: MongoFacts): Cause | null {
  const refusal = refusalOf(facts);
  const { clientCertificates } = facts.record;
  const noneText = /no verified subject name|no (client |peer )?certificate/i.test(refusal?.text ?? '');
  if (!refusal || (refusal.code !== MongoCode.AUTHENTICATION_FAILED && !noneText)) return null;
  if (clientCertificates?.length) return null;
  const { tls } = facts.wire;
  if (tls?.certificateRequested === false) return failedBy('MONGO_X509_NOT_ASKED', facts, refusal);
  if (clientCertificates || tls?.clientCertificate === 'none')
    return failedBy('MONGO_X509_NO_CERTIFICATE', facts, refusal, {}, { alternatives: [] });
  // The server's certificate was read, so the client's would have been too, unless it is among missing bytes.
  if (noneText || (facts.trace.tls?.certificates[0] && facts.missing === null))
    return failedBy('MONGO_X509_NO_CERTIFICATE', facts, refusal, {}, { certainty: 'possible' });
  return failedBy('MONGO_X509_UNSEEN', facts, refusal);
}

function bySubject(facts: MongoFacts): Cause | null {
  const refusal = refusalOf(facts);
  const certificate = facts.record.clientCertificates?.[0];
  if (refusal?.code !== MongoCode.AUTHENTICATION_FAILED || !certificate) return null;
  return otherSubject(facts, refusal, certificate) ?? sameSubject(facts, refusal, certificate);
}

function otherSubject(facts: MongoFacts, refusal: Refusal, { subject }: CertificateSummary): Cause | null {
  const user = facts.record.attempt?.user ?? null;
  if (user === null || user === subject) return null;
  const rewritten = isRewritten(user, subject) ? 1 : 0;
  return failedBy('MONGO_X509_OTHER_SUBJECT', facts, refusal, { user, subject, rewritten });
}

function sameSubject(facts: MongoFacts, refusal: Refusal, { subject, issuer }: CertificateSummary): Cause {
  const serverSubject = facts.trace.tls?.certificates[0]?.subject;
  const member = serverSubject !== undefined && isMember(subject, serverSubject);
  return member
    ? failedBy('MONGO_X509_MEMBER', facts, refusal, { subject, serverSubject })
    : failedBy('MONGO_X509_NO_USER', facts, refusal, { subject, issuer });
}
