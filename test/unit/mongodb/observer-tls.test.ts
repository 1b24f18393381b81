import { describe, expect, it } from 'vitest';
import type { Mark, Side } from '../../../src/base/mark';
import { WireLog } from '../../../src/diagnosis/wire';
import { MongoObserver } from '../../../src/mongodb/observer/observer';
import { buildQuery, buildReply } from '../../../src/mongodb/wire/wire-build';
import { noTlsEvidence } from '../../../src/tls/evidence';
import { TraceBuilder } from '../../../src/trace/builder';
import { makeLab, runPair } from './support';

const CLIENT = { address: '10.0.0.1', port: 50_000 };
const SERVER = { address: '10.0.0.2', port: 27_017 };

class TlsWatcher {
  readonly builder = new TraceBuilder('capture', 'mongodb', CLIENT, SERVER);
  readonly observer = new MongoObserver(this.builder, { direct: true });
  readonly wire = new WireLog();
  readonly tls = noTlsEvidence();
  #frame = 0;

  constructor() {
    this.wire.evidence.tls = this.tls;
    this.observer.handleOpen('client', this.mark());
    this.observer.handleOpen('server', this.mark());
    this.message('client', 'ClientHello');
  }

  mark(): Mark {
    return { frame: ++this.#frame, seconds: 1, nanos: 0 };
  }

  message(from: Side, name: string): void {
    const mark = this.mark();
    if (name === 'ClientHello') this.tls.clientHello = mark;
    if (name === 'ServerHello') this.tls.serverHello = mark;
    this.observer.handleTlsMessage({
      from,
      mark,
      frames: [mark.frame],
      bytes: 100,
      name,
      summary: name,
      encrypted: false,
      fields: [],
    });
  }

  alert(from: Side, description: string, level: 'fatal' | 'warning' = 'fatal'): void {
    const mark = this.mark();
    this.tls.alerts.push({ from, level, description, sealed: false, mark });
    this.observer.handleTlsAlert({ from, level, description }, mark);
  }

  close(from: Side): void {
    const mark = this.mark();
    this.wire.handleClose(from, 'fin', mark);
    this.observer.handleClose(from, 'fin', mark);
  }

  finish() {
    this.observer.finish(this.wire.evidence);
    return this.builder.finish('t1');
  }
}

describe('the observer around TLS', () => {
  it('reads what a key log opened', async () => {
    const lab = await makeLab([{ user: 'app_user', db: 'admin', password: 'x' }]);
    const { events } = runPair(lab, { user: 'app_user', password: 'x' });
    const watcher = new TlsWatcher();
    expect(watcher.observer.layer).toBe('tls');
    watcher.message('server', 'ServerHello');
    watcher.observer.handleTlsFacts({ version: 'TLSv1.3', established: true, decrypted: true });
    for (const event of events) {
      if (event.kind === 'bytes') watcher.observer.handleBytes(event.from, event.bytes, watcher.mark(), true);
    }
    const trace = watcher.finish();
    expect(
      trace.steps.slice(2, 6).map((step) => [step.message, step.layer, step.clientState, step.serverState]),
    ).toEqual([
      ['ClientHello', 'tls', 'TLS_HANDSHAKE', 'TLS_ACCEPT'],
      ['ServerHello', 'tls', 'TLS_HANDSHAKE', 'TLS_ACCEPT'],
      ['isMaster', 'mongodb', 'HANDSHAKE', 'CmdIsMaster'],
      ['isMaster reply', 'mongodb', 'SASL_CHALLENGED', 'SASL_SESSION'],
    ]);
    expect(trace.steps.at(-1)?.encrypted).toBe(true);
    expect(trace.outcome).toBe('ready');
    expect(trace.ssl.direct).toBe(true);
    expect(trace.tls?.version).toBe('TLSv1.3');
    expect(trace.findings).toEqual([]);
  });

  it('says that it cannot look inside', () => {
    const watcher = new TlsWatcher();
    watcher.message('server', 'ServerHello');
    watcher.observer.handleTlsFacts({ version: 'TLSv1.2', established: true });
    for (let i = 0; i < 20; i++) {
      watcher.observer.handleCiphertext('client', 100, watcher.mark());
      watcher.observer.handleCiphertext('server', 100, watcher.mark());
    }
    expect(watcher.observer.settled).toBe(true);
    const trace = watcher.finish();
    expect(trace.outcome).toBe('encrypted');
    expect(trace.auth.mechanism).toBeNull();
  });

  it('takes a fatal alert for the end', () => {
    const watcher = new TlsWatcher();
    watcher.message('server', 'Alert');
    watcher.alert('server', 'handshake_failure');
    watcher.close('server');
    const trace = watcher.finish();
    expect(trace.outcome).toBe('failed');
    expect(trace.error).toMatchObject({ from: 'server', code: 'TLS_HANDSHAKE_FAILURE' });
    expect(trace.diagnosis.code).toBe('TLS_NO_COMMON_CIPHER');
  });

  it('takes an alert right after the handshake for the end too', () => {
    const watcher = new TlsWatcher();
    watcher.message('server', 'ServerHello');
    watcher.observer.handleTlsFacts({ version: 'TLSv1.3', established: true, decrypted: true });
    watcher.observer.handleBytes('client', buildQuery(1, 'admin', { isMaster: 1 }), watcher.mark(), true);
    watcher.alert('server', 'certificate_required');
    watcher.close('client');
    const trace = watcher.finish();
    expect(trace.error).toEqual({
      from: 'server',
      code: 'TLS_CERTIFICATE_REQUIRED',
      message: 'TLS alert certificate_required',
    });
    expect(trace.diagnosis.code).toBe('TLS_CLIENT_CERTIFICATE_MISSING');
  });

  it.each([
    ['a warning that ends nothing is no goodbye', 'unrecognized_name', 'MONGO_ONLY_HELLO'],
    ['a goodbye is one', 'close_notify', 'MONGO_CLOSED_AFTER_HELLO'],
  ])('%s', (_, description, code) => {
    const watcher = new TlsWatcher();
    watcher.message('server', 'ServerHello');
    watcher.observer.handleTlsFacts({ version: 'TLSv1.2', established: true, decrypted: true });
    if (code === 'MONGO_ONLY_HELLO') watcher.alert('server', description, 'warning');
    watcher.observer.handleBytes('client', buildQuery(1, 'admin', { isMaster: 1 }), watcher.mark(), true);
    const reply = buildReply(2, 1, { ok: 1, ismaster: true, maxWireVersion: 21 });
    watcher.observer.handleBytes('server', reply, watcher.mark(), true);
    if (code !== 'MONGO_ONLY_HELLO') watcher.alert('server', description, 'warning');
    watcher.close('client');
    expect(watcher.finish().diagnosis.code).toBe(code);
  });

  it('does not advise TLS where TLS is on', () => {
    const watcher = new TlsWatcher();
    watcher.message('server', 'ServerHello');
    watcher.observer.handleTlsFacts({ version: 'TLSv1.3', established: true, decrypted: true });
    watcher.observer.handleBytes('client', buildQuery(1, 'admin', { isMaster: 1 }), watcher.mark(), true);
    watcher.close('server');
    const trace = watcher.finish();
    expect(trace.diagnosis.code).toBe('MONGO_CLOSED_ON_HELLO_IN_TLS');
    expect(trace.verdict).not.toContain('tls=true');
  });

  it('explains a server that closes on ClientHello', () => {
    const watcher = new TlsWatcher();
    watcher.close('server');
    const trace = watcher.finish();
    expect(trace.outcome).toBe('failed');
    expect(trace.diagnosis.code).toBe('TLS_CLOSED_ON_HELLO');
  });

  it('keeps what the live test found', () => {
    const watcher = new TlsWatcher();
    const error = {
      from: 'client',
      code: 'CERT_EXPIRED',
      message: 'the certificate expired yesterday',
    } as const;
    watcher.observer.handleLocal(
      { kind: 'certificate', message: 'Check certificate', summary: 'expired', error },
      watcher.mark(),
    );
    watcher.close('client');
    const trace = watcher.finish();
    expect(trace.error).toEqual(error);
    expect(trace.verdict).toBe('The certificate expired yesterday.');
    expect(trace.steps.at(-2)).toMatchObject({ from: 'local', clientState: 'FAILED' });
  });
});
