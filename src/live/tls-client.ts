import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import type { MachineError, TlsOutcome } from '../base/machine';
import { traceRecordings } from '../inspect/trace-recording';
import { summarizeCertificate } from '../tls/certificate';
import type { LocalCause } from '../trace/local';
import { certificateAlert } from './certificate-alert';
import { certificateChain, certificateEvent } from './certificate-event';
import {
  certificateFailure,
  type ErrorPlace,
  errorCode,
  type LocalFailure,
  localFailure,
  settingsFailure,
} from './errors';
import { clientContext } from './tls-context';
import type { Transport } from './transport';
import { pemOf, systemAuthorities } from './trust';

/** A problem of TLS, and its cause where the bytes do not show it. */
export type LocalProblem = MachineError & { readonly cause?: LocalCause };

/** What a client wants of TLS. Files are paths or PEM text. */
export interface TlsClientSettings {
  /** Sent as SNI and compared with the certificate; an IP address is compared but not sent (RFC 6066 section 3). Empty: not known. */
  readonly serverName: string;
  /** `none` accepts any certificate, `chain` wants a trusted issuer, `name` the right name too. */
  readonly verify: 'none' | 'chain' | 'name';
  /** Trusted authorities: PEM, a path, or `system`. Without it Node's own list is used. */
  readonly authorities?: string;
  /** Revocation lists, PEM text. With one, every certificate of the chain must be covered by a list. */
  readonly revoked?: readonly string[];
  readonly certificate?: string;
  readonly key?: string;
  readonly passphrase?: string;
  readonly alpn?: readonly string[];
  readonly sendServerName?: boolean;
  /** Find out whether the server asked for a certificate; Node does not tell, so the handshake is read again. */
  readonly noteCertificateRequest?: boolean;
  readonly minVersion?: ConnectionOptions['minVersion'];
  readonly maxVersion?: ConnectionOptions['maxVersion'];
  /** Whether a certificate is for a host; clients of the two databases differ in this. */
  readonly matches: (host: string, certificate: X509Certificate) => boolean;
  /** Whose setting asks for the check, for the sentences: `sslmode=verify-full`. */
  readonly reason: string;
}

/**
 * Does the TLS handshake on a connected transport, checks the server's certificate as the settings say, and records the chain and
 * the verdict as a local event. Never rejects.
 *
 * A chain that does not verify is refused with an alert before our Finished, as OpenSSL does, but in TLS 1.3 only: in TLS 1.2 Node tells
 * of it too late. A wrong name is found after the handshake, as in libpq (`pq_verify_peer_name_matches_certificate`).
 */
export async function startClientTls(
  transport: Transport,
  settings: TlsClientSettings,
  place: ErrorPlace,
): Promise<TlsOutcome & { readonly error?: LocalProblem }> {
  let socket: TLSSocket;
  try {
    socket = await transport.startTlsClient(
      () => connectionOptions(settings),
      (tls) => (settings.verify === 'none' || tls.authorized ? undefined : certificateAlert(chainError(tls))),
    );
  } catch (error) {
    return failed(describe(error, settings, place));
  }
  const leaf = socket.getPeerX509Certificate();
  const problem = verify(socket, leaf, settings, place);
  const checked =
    settings.verify === 'none'
      ? `not checked: ${settings.reason} accepts any certificate`
      : `${settings.verify === 'name' ? 'chain and name' : 'chain'} checked, as ${settings.reason} asks`;
  transport.recorder.localLater(() => certificateEvent(certificateChain(leaf), checked, problem));
  const facts = {
    alpn: socket.alpnProtocol || null,
    version: socket.getProtocol(),
    peerCertificate: leaf ? new Uint8Array(leaf.raw) : null,
  };
  if (!problem && settings.noteCertificateRequest) {
    const requested = asksForCertificate(transport);
    const sent = requested && settings.certificate !== undefined;
    return { ok: true, ...facts, certificateRequested: requested, certificateSent: sent };
  }
  return problem ? { ok: false, ...facts, error: problem } : { ok: true, ...facts };
}

/**
 * Does what {@link startClientTls} can do before the server has said that it has TLS. Never rejects: what fails here fails there again, and
 * is told there.
 */
export async function prepareClientTls(transport: Transport, settings: TlsClientSettings): Promise<void> {
  try {
    transport.prepareTlsClient(await connectionOptions(settings));
  } catch {
    // Nothing was prepared.
  }
}

function asksForCertificate({ recorder }: Transport): boolean {
  const [{ trace }] = traceRecordings([recorder.recording()]);
  return trace.steps.some((step) => step.message === 'CertificateRequest');
}

async function connectionOptions(settings: TlsClientSettings): Promise<ConnectionOptions> {
  const options: ConnectionOptions = {
    // Checked by us after the handshake, so that the chain can be shown and the reason told.
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
    ALPNProtocols: settings.alpn ? [...settings.alpn] : undefined,
    minVersion: settings.minVersion,
    maxVersion: settings.maxVersion,
  };
  if (settings.sendServerName !== false && settings.serverName !== '' && isIP(settings.serverName) === 0) {
    options.servername = settings.serverName;
  }
  if (settings.authorities === 'system') options.ca = await systemAuthorities();
  else if (settings.authorities !== undefined)
    options.ca = await readable('root certificate', settings.authorities);
  if (settings.revoked !== undefined) options.crl = [...settings.revoked];
  if (settings.certificate !== undefined) {
    options.cert = await readable('client certificate', settings.certificate);
  }
  if (settings.key !== undefined) options.key = await readable('client key', settings.key);
  if (settings.passphrase !== undefined) options.passphrase = settings.passphrase;
  options.secureContext = clientContext(options);
  return options;
}

/** A file that cannot be read is named: the cause for ENOENT alone would be about a socket. */
class UnreadableFile extends Error {
  constructor(
    readonly what: string,
    readonly file: string,
    readonly why: string,
  ) {
    super(`${what} file`);
  }
}

async function readable(what: string, value: string): Promise<string> {
  try {
    return await pemOf(value);
  } catch (error) {
    throw new UnreadableFile(what, value, errorCode(error));
  }
}

/** Characters of a certificate's names that a sentence can hold. */
const SHOWN_NAMES = 200;

function verify(
  socket: TLSSocket,
  leaf: X509Certificate | undefined,
  settings: TlsClientSettings,
  place: ErrorPlace,
): LocalProblem | undefined {
  if (settings.verify === 'none') return undefined;
  if (!socket.authorized) return problemOf(chainFailure(chainError(socket), leaf, place));
  if (settings.verify === 'chain') return undefined;
  if (settings.serverName === '')
    return problemOf(localFailure(place, 'LIVE_HOST_NAME_MISSING', {}, 'HOST_NAME_MISSING'));
  if (!leaf || settings.matches(settings.serverName, leaf)) return undefined;
  const names = (leaf.subjectAltName ?? leaf.subject)
    .replaceAll('\n', ', ')
    .replaceAll(/\b(DNS|IP Address):/g, '');
  const shown = names.length > SHOWN_NAMES ? `${names.slice(0, SHOWN_NAMES)}…` : names;
  const failure = certificateFailure('ERR_TLS_CERT_ALTNAME_INVALID', place, {
    name: settings.serverName,
    names: shown,
  });
  return { ...problemOf(failure), expected: settings.serverName, got: names };
}

/** With what the sentences need of the certificate; a certificate further up may be the one that is out of date. */
function chainFailure(code: string, leaf: X509Certificate | undefined, place: ErrorPlace): LocalFailure {
  const early = code === 'CERT_NOT_YET_VALID';
  const outOfDate = certificateChain(leaf).find(({ validFrom, validTo }) =>
    early ? Date.parse(validFrom) > Date.now() : Date.parse(validTo) < Date.now(),
  );
  const dated = outOfDate ?? leaf;
  if (!leaf || !dated) return certificateFailure(code, place);
  const summary = summarizeCertificate(new Uint8Array(dated.raw)).value;
  return certificateFailure(code, place, {
    subject: summary?.subject,
    issuer: summary?.issuer,
    date: early ? summary?.notBefore : summary?.notAfter,
    selfSigned: summary?.selfSigned && leaf === dated && certificateChain(leaf).length === 1 ? 1 : undefined,
  });
}

function chainError(socket: TLSSocket): string {
  return String(socket.authorizationError ?? 'CERT_UNTRUSTED');
}

function problemOf({ error, cause }: LocalFailure): LocalProblem {
  return { ...error, cause };
}

/** What broke the handshake: a file or setting of this side, or what is on the wire. */
function describe(error: unknown, settings: TlsClientSettings, place: ErrorPlace): LocalProblem {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof UnreadableFile) {
    const { what, file, why } = error;
    return problemOf(localFailure(place, 'LIVE_FILE_UNREADABLE', { what, file, why }, 'CERTIFICATE_FILE'));
  }
  const code = errorCode(error) || 'TLS_FAILED';
  const own = settingsFailure(code, message, place, settings.key ?? settings.certificate ?? '');
  if (own) return problemOf(own);
  const from = endedByServer(code) ? 'server' : 'client';
  // OpenSSL's own text has places in its source around the reason.
  const reason = (error as { readonly reason?: string } | undefined)?.reason ?? message;
  return { from, code, message: `the TLS handshake with ${place.target} failed: ${reason}` };
}

/** The server hung up or sent an alert: that crossed the wire, and a capture would show it too. */
function endedByServer(code: string): boolean {
  return code === 'TLS_PEER_CLOSED' || code === 'ECONNRESET' || code === 'EPIPE' || code.includes('_ALERT_');
}

function failed(error: LocalProblem): TlsOutcome & { readonly error: LocalProblem } {
  return { ok: false, alpn: null, version: null, peerCertificate: null, error };
}
