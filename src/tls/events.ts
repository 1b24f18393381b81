import type { Mark, Side } from '../base/mark';
import type { LazyWords } from '../trace/lazy-step';
import type { AlertSummary, CertificateSummary, Field } from '../trace/model';

/** One TLS handshake message, ChangeCipherSpec or alert that a session understood; it becomes one step of a trace. */
export interface TlsMessage {
  readonly from: Side;
  readonly mark: Mark;
  /** In order; or the only one. */
  readonly frames: number | readonly number[];
  /** Length in bytes, handshake header included. */
  readonly bytes: number;
  /**
   * RFC 8446 name in camel case: `ClientHello`, `ServerHello`, `HelloRetryRequest`, `EncryptedExtensions`, `Certificate`,
   * `Finished`, `ChangeCipherSpec`, `Alert`; or one of ours: `EncryptedHandshake` for one that could not be opened,
   * `EncryptedRecord` for a sealed record of an alert's size, `EarlyData` for a record of 0-RTT, `NotTLS` for bytes that are no TLS record.
   */
  readonly name: string;
  readonly summary: string | LazyWords;
  readonly encrypted: boolean;
  readonly fields: readonly Field[];
  readonly data?: Uint8Array;
}

/** What a TLS session tells whoever observes the conversation. */
export interface TlsEvents {
  handleTlsMessage(message: TlsMessage): void;
  handleTlsAlert(alert: AlertSummary, mark: Mark): void;
  /** Facts as they become known; later calls add to earlier ones. */
  handleTlsFacts(facts: TlsFacts): void;
  /** Decrypted application data. */
  handlePlaintext(from: Side, bytes: Uint8Array, mark: Mark): void;
  /** An application data record that could not be opened: `length` bytes of ciphertext. */
  handleCiphertext(from: Side, length: number, mark: Mark): void;
}

export interface TlsFacts {
  readonly version?: string;
  readonly cipher?: string;
  readonly sni?: string;
  /** Chosen by the server. */
  readonly alpn?: string;
  /** Offered by the client. */
  readonly alpnOffered?: readonly string[];
  readonly certificates?: readonly CertificateSummary[];
  /** The client's chain, leaf first; empty when the server asked and the client had none. */
  readonly clientCertificates?: readonly CertificateSummary[];
  /** The leaf certificate, DER: needed for tls-server-end-point. */
  readonly leafCertificate?: Uint8Array;
  readonly resumed?: boolean;
  readonly helloRetry?: boolean;
  /** Both Finished messages were seen, or application data flows both ways. */
  readonly established?: boolean;
  /** Sealed records could be opened; false again when application data could not. */
  readonly decrypted?: boolean;
}
