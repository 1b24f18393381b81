import type { Mark, Side } from '../base/mark';
import type { AlertSummary } from '../trace/model';
import { noTlsEvidence, TLS_EVIDENCE_LIMIT, type TlsEvidence } from './evidence';
import type { TlsRecord } from './record';

/**
 * Bytes of a server's sealed flight from which on it holds a certificate: EncryptedExtensions and Finished alone are under 200, and the
 * smallest certificates have some 300.
 */
const CERTIFICATE_FLIGHT = 256;

/** Collects {@link TlsEvidence} while a session is read. */
export class EvidenceLog {
  readonly evidence: TlsEvidence = noTlsEvidence();
  /** Bytes of the server's sealed handshake so far. */
  #flight = 0;

  /** A record that no key opened. */
  noteSealed(from: Side, { length, mark }: TlsRecord, alertSized: boolean, handshake: boolean): void {
    const { sealed, lastSealed, data } = this.evidence;
    const entry = { from, length, alertSized, handshake, mark };
    if (sealed.length < TLS_EVIDENCE_LIMIT) sealed.push(entry);
    lastSealed[from] = entry;
    if (!alertSized && !handshake) data[from]++;
    if (!alertSized) this.evidence.lastWords[from] = mark;
  }

  /** A sealed record of the server's handshake without a pre-shared key: it has a certificate in it or comes before one. */
  noteSealedFlight(length: number): void {
    this.#flight += length;
    if (this.#flight >= CERTIFICATE_FLIGHT) this.evidence.serverCertificate = true;
  }

  /** @param given the message holds a certificate. */
  noteCertificate(from: Side, given: boolean): void {
    if (from === 'client') this.evidence.clientCertificate = given ? 'given' : 'none';
    else if (given) this.evidence.serverCertificate = true;
  }

  noteAlert({ from, level, description }: AlertSummary, sealed: boolean, mark: Mark): void {
    const { alerts } = this.evidence;
    if (alerts.length < TLS_EVIDENCE_LIMIT) alerts.push({ from, level, description, sealed, mark });
  }

  noteNotTls(from: Side, head: Uint8Array): void {
    this.evidence.notTls ??= { from, head };
  }
}
