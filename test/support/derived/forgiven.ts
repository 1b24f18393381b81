/** What the judgement of derived captures lets pass, each with its reason. A row that forgives nothing fails the test. */
import type { Change } from './derive';
import type { Accusation } from './judge';

export interface Forgiveness {
  readonly change?: Change;
  /** Cause of the whole capture. */
  readonly whole: RegExp;
  readonly derived: RegExp;
  readonly reason: string;
  /** Folder beside the checkout that has the only captures which need this row. */
  readonly seenIn?: string;
}

export const FORGIVEN: readonly Forgiveness[] = [
  {
    whole: /^TLS_CERTIFICATE_/,
    derived: /^TLS_CERTIFICATE_REFUSED$/,
    reason: 'the client refused the certificate, and the certificate that shows why is missing',
  },
  {
    whole: /^MONGO_X509_NO_USER$/,
    derived: /^MONGO_LOGIN_REFUSED$/,
    reason: "the server's refusal in its own words, without the certificate that explains it",
  },
  {
    whole: /^TCP_CLOSED_AT_ONCE$/,
    derived: /^MONGO_ENDED$/,
    reason:
      'the server closed before anything was said, which both say; without the SYN it may have been open for long',
  },
  {
    whole: /^TCP_CLIENT_CANCELLED$/,
    derived: /^PG_HBA_REJECTS$/,
    reason: "the server's own words, without the FIN that shows that the client had left before them",
  },
  {
    whole: /^SERVICE_OTHER_ANSWERED$/,
    derived: /^PG_NOT_POSTGRES$/,
    reason: 'another service answered, and the bytes that name it are missing',
  },
  {
    whole: /^PG_DIRECT_TLS_IN_CLEAR$/,
    derived: /^PG_POOLER_ERROR$/,
    reason: "the pooler's own words, without the ClientHello that they answer",
  },
  {
    whole: /^PG_CERTIFICATE_NOT_MAPPED$/,
    derived: /^PG_CLIENT_CERTIFICATE_WANTED$/,
    reason: "the server's own words about a certificate, without the one that the client gave",
  },
  {
    whole: /^TLS_CERTIFICATE_WRONG_NAME$/,
    derived: /^TLS_MESSAGES_DAMAGED$/,
    reason: 'the alert of a server, without the FIN that it answers',
  },
  {
    whole: /^TCP_LARGE_PACKETS_LOST$/,
    derived: /^TLS_SERVER_SILENT$/,
    reason:
      'the packet that was sent again and again is missing once, which leaves too few copies to tell a loss',
  },
  {
    whole: /^TCP_ANSWER_LOST$/,
    derived: /^TCP_NO_ANSWER$/,
    reason: 'only SYNs are left: nothing shows that the server answered them',
  },
  {
    whole: /^MONGO_OPEN$/,
    derived: /^MONGO_HELLO_REFUSED$/,
    reason: 'a hello that the server refuses, without the ones before that it answered',
    seenIn: 'captures/mongodb',
  },
];

export function forgives({ change, whole, derived }: Accusation): Forgiveness | undefined {
  return FORGIVEN.find(
    (row) =>
      (row.change === undefined || row.change === change) &&
      row.whole.test(whole) &&
      row.derived.test(derived),
  );
}
