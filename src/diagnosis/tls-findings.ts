/** What the TLS part of a trace is worth saying besides its cause. */

import { namesMatch } from '../tls/host-name';
import { outOfDate } from '../tls/validity';
import type { TraceBuilder } from '../trace/builder';
import type { CertificateSummary, TlsSummary } from '../trace/model';
import { findingMaker } from './findings';
import { namesOf } from './rules/tls/certificate-reason';
import { TLS_SEVERITIES } from './severities/tls';
import { alertWords } from './words/en/alerts';
import { TLS_FINDINGS, TLS_SEEN } from './words/en/findings-tls';

const findings = findingMaker(TLS_SEVERITIES, TLS_FINDINGS);

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
    const { from, level, description } = alert;
    const seen = TLS_SEEN.alert(description, from, words.meaning);
    const finding = findings.make('TLS_ALERT', framesOf(trace, 'Alert'), seen);
    trace.finding({ ...finding, severity: level === 'fatal' ? 'error' : 'warning', help: words.help });
  }
  if (tls.alerts.length > 0) return;
  const sealed = trace.steps.findLast((step) => step.layer === 'tls' && step.message === 'EncryptedRecord');
  if (sealed === undefined || sealed.fields[0]?.value !== 'handshake') return;
  findings.add(trace, 'TLS_POSSIBLE_ALERT', sealed.frames, sealed.from);
}

function notTlsFinding(trace: TraceBuilder): void {
  const step = trace.steps.find((candidate) => candidate.layer === 'tls' && candidate.message === 'NotTLS');
  if (step) findings.add(trace, 'TLS_NOT_TLS', step.frames, TLS_SEEN.notTls(step.from, step.summary));
}

function versionFindings(trace: TraceBuilder, tls: TlsSummary): void {
  if (tls.version !== null && OLD_VERSIONS.has(tls.version)) {
    findings.add(trace, 'TLS_OLD_VERSION', framesOf(trace, 'ServerHello'), tls.version);
  }
  if (tls.cipher !== null && WEAK_SUITE.test(tls.cipher)) {
    findings.add(trace, 'TLS_WEAK_CIPHER', framesOf(trace, 'ServerHello'), tls.cipher);
  }
}

function certificateFindings(trace: TraceBuilder, tls: TlsSummary): void {
  const [leaf] = tls.certificates;
  if (!leaf) return;
  const frames = framesOf(trace, 'Certificate', 'server');
  const seconds = trace.startMark?.seconds ?? 0;
  for (const certificate of tls.certificates) dateFinding(trace, certificate, seconds, frames);
  if (leaf.selfSigned) findings.add(trace, 'TLS_SELF_SIGNED', frames, leaf.subject);
  if (tls.sni !== null && !namesMatch(tls.sni, leaf)) {
    findings.add(trace, 'TLS_NAME_MISMATCH', frames, TLS_SEEN.mismatch(tls.sni, namesOf(leaf)));
  }
}

function dateFinding(
  trace: TraceBuilder,
  certificate: CertificateSummary,
  seconds: number,
  frames: readonly number[],
): void {
  const dated = outOfDate(certificate, seconds);
  if (dated === null) return;
  const code = dated.when === 'expired' ? 'TLS_CERTIFICATE_EXPIRED' : 'TLS_CERTIFICATE_NOT_YET_VALID';
  findings.add(trace, code, frames, TLS_SEEN[dated.when](certificate.subject, dated.date));
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
