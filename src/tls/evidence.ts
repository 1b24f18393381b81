/** What a TLS session showed, opened or not, as evidence for who ended it and why. Plain data; filled by the session. */
import type { Mark, Side } from '../base/mark';

/** One record that no key opened. */
export interface SealedEvidence {
  readonly from: Side;
  /** Length of the record's payload, bytes. */
  readonly length: number;
  /** It can hold an alert and nothing else: two bytes and what the suite adds; before TLS 1.3 its type says so. */
  readonly alertSized: boolean;
  /** It counts as part of the handshake: a TLS 1.3 record before the client's Finished, or the Finished of TLS 1.2. */
  readonly handshake: boolean;
  readonly mark: Mark;
}

export interface AlertEvidence {
  readonly from: Side;
  readonly level: 'warning' | 'fatal';
  /** RFC 8446 section 6 name. */
  readonly description: string;
  /** It came inside a record that a key opened. */
  readonly sealed: boolean;
  readonly mark: Mark;
}

/** Records and alerts kept of one session. */
export const TLS_EVIDENCE_LIMIT = 24;

export interface TlsEvidence {
  clientHello: Mark | null;
  serverHello: Mark | null;
  alpnOffered: readonly string[] | null;
  /** The server's Certificate was seen, or the sealed flight that must hold it. */
  serverCertificate: boolean;
  /** A CertificateRequest was seen; null where it cannot be told, such as inside TLS 1.3 without keys. */
  certificateRequested: boolean | null;
  clientCertificate: 'unseen' | 'none' | 'given';
  /** Whose Finished was seen, or must have been sent. */
  readonly finished: Record<Side, boolean>;
  /** Records that no key opened, in order over both sides: the first {@link TLS_EVIDENCE_LIMIT}. */
  readonly sealed: SealedEvidence[];
  /** The last record of each side that no key opened. */
  readonly lastSealed: Record<Side, SealedEvidence | null>;
  /** Records of application data by sender, opened or not, those of an alert's size left out. */
  readonly data: Record<Side, number>;
  readonly alerts: AlertEvidence[];
  /** When each side last sent a record that is, or can be, something else than an alert. */
  readonly lastWords: Record<Side, Mark | null>;
  /** Who sent bytes that are not a TLS record, and their beginning. */
  notTls: { readonly from: Side; readonly head: Uint8Array } | null;
}

export function noTlsEvidence(): TlsEvidence {
  return {
    clientHello: null,
    serverHello: null,
    alpnOffered: null,
    serverCertificate: false,
    certificateRequested: null,
    clientCertificate: 'unseen',
    finished: { client: false, server: false },
    sealed: [],
    lastSealed: { client: null, server: null },
    data: { client: 0, server: 0 },
    alerts: [],
    lastWords: { client: null, server: null },
    notTls: null,
  };
}
