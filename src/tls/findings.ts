/** Findings and steps are apart from the session: a session observes bytes, these speak to a reader. */
import { sideName, type TraceBuilder } from '../trace/builder';
import type { CertificateSummary, TlsSummary } from '../trace/model';
import { alertWords } from './alert-words';
import { namesMatch } from './host-name';
import { millisOf } from './validity';

const OLD_VERSIONS = new Set(['SSLv2', 'SSLv3', 'TLSv1', 'TLSv1.1']);

/** Suites whose encryption can be broken or is none: their registered names say so. */
const WEAK_SUITE = /_(NULL|EXPORT|RC4|DES|3DES|anon)_/i;

/** Frames shown with a finding. */
const MAX_FRAMES = 50;

/** Adds what the TLS part of a trace tells a reader. Call once, when the observation is over. */
export function tlsFindings(trace: TraceBuilder): void {
  const { tls } = trace;
  if (!tls) return;
  alertFindings(trace, tls);
  notTlsFinding(trace);
  versionFindings(trace, tls);
  certificateFindings(trace, tls);
}

function alertFindings(trace: TraceBuilder, tls: TlsSummary): void {
  for (const alert of tls.alerts) {
    const words = alertWords(alert);
    if (!words) continue;
    trace.finding({
      code: 'TLS_ALERT',
      severity: alert.level === 'fatal' ? 'error' : 'warning',
      message: `TLS alert ${alert.description} from ${sideName(alert.from)}: ${words.meaning}.`,
      frames: framesOf(trace, 'Alert'),
      help: words.help,
    });
  }
  if (tls.alerts.length > 0) return;
  const sealed = trace.steps.findLast((step) => step.layer === 'tls' && step.message === 'EncryptedRecord');
  if (sealed === undefined || sealed.fields[0]?.value !== 'handshake') return;
  const from = sealed.from === 'client' ? 'client' : 'server';
  trace.finding({
    code: 'TLS_POSSIBLE_ALERT',
    severity: 'hint',
    message: `The last sealed record of ${sideName(from)} has the size of an alert: it may have refused the handshake.`,
    frames: sealed.frames,
    help:
      from === 'client'
        ? 'A client usually refuses the server certificate here. Look in its log, or give this capture a TLS key log.'
        : 'A server usually refuses or misses a client certificate here. Look in its log, or give this capture a TLS key log.',
  });
}

function notTlsFinding(trace: TraceBuilder): void {
  const step = trace.steps.find((candidate) => candidate.layer === 'tls' && candidate.message === 'NotTLS');
  if (step === undefined) return;
  const side = step.from === 'client' ? 'client' : 'server';
  trace.finding({
    code: 'TLS_NOT_TLS',
    severity: 'error',
    message: `Where TLS was expected, ${sideName(side)} sent something else (${step.summary}).`,
    frames: step.frames,
    help: 'Check that the port is the database and not another service or a proxy, and that the server has TLS switched on.',
  });
}

function versionFindings(trace: TraceBuilder, tls: TlsSummary): void {
  if (tls.version !== null && OLD_VERSIONS.has(tls.version)) {
    trace.finding({
      code: 'TLS_OLD_VERSION',
      severity: 'warning',
      message: `The connection uses ${tls.version}, which RFC 8996 forbids.`,
      frames: framesOf(trace, 'ServerHello'),
      help: 'Set the minimum to TLSv1.2 on both sides (ssl_min_protocol_version, ssl_min_protocol_version in the connection string, net.tls.disabledProtocols).',
    });
  }
  if (tls.cipher !== null && WEAK_SUITE.test(tls.cipher)) {
    trace.finding({
      code: 'TLS_WEAK_CIPHER',
      severity: 'warning',
      message: `The cipher suite ${tls.cipher} does not protect the connection.`,
      frames: framesOf(trace, 'ServerHello'),
      help: 'Allow only suites with AES-GCM or ChaCha20-Poly1305 on the server.',
    });
  }
}

function certificateFindings(trace: TraceBuilder, tls: TlsSummary): void {
  const [leaf] = tls.certificates;
  if (!leaf) return;
  const frames = framesOf(trace, 'Certificate', 'server');
  const seconds = trace.startMark?.seconds ?? 0;
  // A capture without a clock starts in 1970: nothing can be said about dates then.
  if (seconds > 0)
    for (const certificate of tls.certificates) dateFinding(trace, certificate, seconds, frames);
  if (leaf.selfSigned) {
    trace.finding({
      code: 'TLS_SELF_SIGNED',
      severity: 'info',
      message: `The server certificate (${leaf.subject}) is self-signed: only a client that was given this very certificate can verify it.`,
      frames,
      help: 'Give it to the clients as their root certificate, or use a certificate of an authority they know.',
    });
  }
  if (tls.sni !== null && !namesMatch(tls.sni, leaf)) {
    trace.finding({
      code: 'TLS_NAME_MISMATCH',
      severity: 'warning',
      message: `The client asked for ${tls.sni}; the server certificate is for ${certificateNames(leaf)}.`,
      frames,
      help: 'A client that verifies the name (sslmode=verify-full; MongoDB by default) will refuse it. Connect by a name of the certificate, or issue one with this name in subjectAltName.',
    });
  }
}

function dateFinding(
  trace: TraceBuilder,
  certificate: CertificateSummary,
  seconds: number,
  frames: readonly number[],
): void {
  const now = seconds * 1000;
  const expired = millisOf(certificate.notAfter) < now;
  const early = millisOf(certificate.notBefore) > now;
  if (!expired && !early) return;
  trace.finding({
    code: expired ? 'TLS_CERTIFICATE_EXPIRED' : 'TLS_CERTIFICATE_NOT_YET_VALID',
    severity: 'warning',
    message: expired
      ? `The certificate of ${certificate.subject} had expired on ${certificate.notAfter}.`
      : `The certificate of ${certificate.subject} is not valid before ${certificate.notBefore}.`,
    frames,
    help: 'A client that verifies certificates refuses it. Renew it, and check the clocks of both machines.',
  });
}

function certificateNames(certificate: CertificateSummary): string {
  const { names, subject } = certificate;
  if (names.length === 0) return subject;
  return names.slice(0, 5).join(', ') + (names.length > 5 ? ', …' : '');
}

function framesOf(trace: TraceBuilder, message: string, from?: string): number[] {
  const frames: number[] = [];
  for (const step of trace.steps) {
    const wanted =
      step.message === message && step.layer === 'tls' && (from === undefined || step.from === from);
    if (!wanted) continue;
    for (const frame of step.frames) {
      if (frames.length === MAX_FRAMES) return frames;
      frames.push(frame);
    }
  }
  return frames;
}
