import { beforeAll, describe, expect, it } from 'vitest';
import { utf8Bytes } from '../../../src/base/bytes';
import type { Mark } from '../../../src/base/mark';
import { tlsFindings } from '../../../src/diagnosis/tls-findings';
import type { TlsEvents } from '../../../src/tls/events';
import { KeyLog } from '../../../src/tls/keylog';
import { TlsSession } from '../../../src/tls/session';
import { addTlsStep, applyTlsAlert, applyTlsFacts } from '../../../src/tls/steps';
import { TraceBuilder } from '../../../src/trace/builder';
import { type KeyPair, makeCertificate, type NodeSession, runNodeSession } from './node-session';
import type { Chunk } from './observed';

let pair: KeyPair;
beforeAll(async () => {
  pair = await makeCertificate('rsa');
});

/** A trace of nothing but TLS, in the given year. */
function traceOf(chunks: readonly Chunk[], options: { keyLog?: string; year?: number } = {}): TraceBuilder {
  const end = { address: '127.0.0.1', port: 1 };
  const trace = new TraceBuilder('capture', 'postgres', end, end, true);
  const states = { clientState: 'CONNECTION_SSL_STARTUP', serverState: 'TLS' };
  const events: TlsEvents = {
    handleTlsMessage: (message) => void addTlsStep(trace, message, states),
    handleTlsFacts: (facts) => applyTlsFacts(trace, facts),
    handleTlsAlert: (alert) => applyTlsAlert(trace, alert),
    handlePlaintext() {},
    handleCiphertext() {},
  };
  const keyLog = KeyLog.parse(utf8Bytes(options.keyLog ?? '')).value;
  const session = new TlsSession(events, { keyLog, keepData: true });
  const seconds = Date.UTC(options.year ?? 2026, 0) / 1000;
  chunks.forEach((chunk, index) => {
    const mark: Mark = { frame: index + 1, seconds, nanos: index };
    session.handleBytes(chunk.from, chunk.bytes, mark);
  });
  tlsFindings(trace);
  return trace;
}

const codes = (trace: TraceBuilder) =>
  trace.findings.map((finding) => `${finding.severity} ${finding.code}`).sort();

function run(options: Parameters<typeof runNodeSession>[0]): Promise<NodeSession> {
  return runNodeSession({ ...options, server: { cert: pair.cert, key: pair.key, ...options.server } });
}

describe('findings', () => {
  it('of a good session: only that the certificate is self-signed', async () => {
    const session = await run({ client: { servername: 'db.test' } });
    const trace = traceOf(session.chunks, session);
    expect(codes(trace)).toEqual(['info TLS_SELF_SIGNED']);
    expect(trace.tls).toMatchObject({ version: 'TLSv1.3', sni: 'db.test', decrypted: true });
    expect(trace.tls?.certificates).toHaveLength(1);
    expect(trace.tls?.alerts).toContainEqual({
      from: 'client',
      level: 'warning',
      description: 'close_notify',
    });
    expect(trace.data[0]?.[0]).toBe(1);
    expect(trace.steps[0]).toMatchObject({
      layer: 'tls',
      message: 'ClientHello',
      frames: [1],
      clientState: 'CONNECTION_SSL_STARTUP',
    });
  });

  it('of a name that is not in the certificate, and of dates', async () => {
    const session = await run({ client: { servername: 'other.test', maxVersion: 'TLSv1.2' } });
    expect(codes(traceOf(session.chunks))).toEqual(['info TLS_SELF_SIGNED', 'warning TLS_NAME_MISMATCH']);
    expect(codes(traceOf(session.chunks, { year: 2050 }))).toContain('warning TLS_CERTIFICATE_EXPIRED');
    expect(codes(traceOf(session.chunks, { year: 2019 }))).toContain('warning TLS_CERTIFICATE_NOT_YET_VALID');
    expect(codes(traceOf(session.chunks, { year: 1970 }))).not.toContain(
      'warning TLS_CERTIFICATE_NOT_YET_VALID',
    );
  });

  it('of an old version and a weak suite', async () => {
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'AES128-SHA:@SECLEVEL=0' } as const;
    const session = await run({ server: old, client: old });
    expect(codes(traceOf(session.chunks))).toContain('warning TLS_OLD_VERSION');
  });

  it('of an alert, who sent it and what to do', async () => {
    const session = await run({ server: { minVersion: 'TLSv1.3' }, client: { maxVersion: 'TLSv1.2' } });
    const [finding] = traceOf(session.chunks).findings;
    expect(finding).toMatchObject({ code: 'TLS_ALERT', severity: 'error', frames: [2] });
    expect(finding.message).toBe(
      'TLS alert protocol_version from the server: it does not accept any TLS version that the client offers.',
    );
    expect(finding.help).toContain('ssl_min_protocol_version');
  });

  it('of an alert in TLS 1.3: told with keys, hinted at without', async () => {
    const session = await run({ server: { requestCert: true, rejectUnauthorized: true } });
    expect(traceOf(session.chunks, session).findings[0].message).toContain(
      'it requires a client certificate',
    );
    const [hint] = traceOf(session.chunks).findings;
    expect(hint).toMatchObject({ code: 'TLS_POSSIBLE_ALERT', severity: 'hint' });
  });

  it('of something else on the port', async () => {
    const session = await run({ client: { maxVersion: 'TLSv1.2' } });
    const trace = traceOf([
      session.chunks[0],
      { from: 'server', bytes: utf8Bytes('HTTP/1.1 400 Bad Request\r\n') },
    ]);
    expect(codes(trace)).toEqual(['error TLS_NOT_TLS']);
    expect(trace.findings[0].frames).toEqual([2]);
  });
});
