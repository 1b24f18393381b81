import type { Mark, Side } from '../../../src/base/mark';
import { WireLog } from '../../../src/diagnosis/wire';
import { buildBackend, buildFrontend } from '../../../src/postgres/messages/message-build';
import type { BackendMessage, FrontendMessage } from '../../../src/postgres/messages/message-types';
import { PostgresObserver } from '../../../src/postgres/observer/observer';
import { noTlsEvidence, type TlsEvidence } from '../../../src/tls/evidence';
import { TraceBuilder } from '../../../src/trace/builder';
import type { LocalEvent } from '../../../src/trace/local';
import type { CertificateSummary, Trace } from '../../../src/trace/model';
import { pieces } from './feed';

export type Happening =
  | { readonly client: FrontendMessage | Uint8Array }
  | { readonly server: BackendMessage | Uint8Array | string }
  | { readonly open: Side }
  | { readonly close: Side; readonly how?: 'fin' | 'rst' }
  | { readonly gap: Side; readonly length: number }
  | { readonly tls: string; readonly from?: Side }
  | { readonly established: true }
  | { readonly alert: string; readonly from: Side; readonly level?: 'warning' | 'fatal' }
  /** Milliseconds in which nothing happens. */
  | { readonly wait: number }
  /** The client's certificate chain, by subject; empty for none. */
  | { readonly certificates: readonly string[] }
  | { readonly alpn: { readonly offered: readonly string[]; readonly chosen?: string } }
  /** Bytes of the server that are not TLS, where a TLS record was due. */
  | { readonly notTls: Uint8Array }
  | { readonly sealed: Side }
  | { readonly local: LocalEvent };

export interface WatchOptions {
  readonly direct?: boolean;
  readonly chunk?: number;
  /** Whether bytes come from inside TLS once it is established. */
  readonly keys?: boolean;
  /** Both sides closed at once. */
  readonly crossed?: boolean;
}

export const OPENED: readonly Happening[] = [{ open: 'client' }, { open: 'server' }];

/** Shows a conversation to an observer; gives it before it is finished. */
export function show(happenings: readonly Happening[], options: WatchOptions = {}): PostgresObserver {
  return play(happenings, options).observer;
}

function play(happenings: readonly Happening[], options: WatchOptions) {
  const log = new WireLog();
  const tlsEvidence = (): TlsEvidence => {
    log.evidence.tls ??= noTlsEvidence();
    return log.evidence.tls;
  };
  const end = (port: number) => ({ address: '192.0.2.1', port });
  const trace = new TraceBuilder('capture', 'postgres', end(50_000), end(5432), true);
  const observer = new PostgresObserver(trace, { direct: options.direct });
  let frame = 0;
  let secure = false;
  let millis = 0;
  const mark = (): Mark => {
    millis++;
    return {
      frame: ++frame,
      seconds: 1_700_000_000 + Math.floor(millis / 1000),
      nanos: (millis % 1000) * 1_000_000,
    };
  };
  const feed = (from: Side, bytes: Uint8Array): void => {
    for (const piece of pieces(bytes, options.chunk ?? Number.POSITIVE_INFINITY)) {
      const at = mark();
      log.handleBytes(from, piece, at);
      observer.handleBytes(from, piece, at, secure);
    }
  };
  for (const happening of happenings) {
    if ('client' in happening) {
      feed(
        'client',
        happening.client instanceof Uint8Array ? happening.client : buildFrontend(happening.client),
      );
    } else if ('server' in happening) {
      const { server } = happening;
      const text = typeof server === 'string' ? new TextEncoder().encode(server) : server;
      feed('server', text instanceof Uint8Array ? text : buildBackend(text));
    } else if ('open' in happening) {
      const at = mark();
      log.handleOpen(happening.open, at);
      observer.handleOpen(happening.open, at);
    } else if ('close' in happening) {
      const at = mark();
      log.handleClose(happening.close, happening.how ?? 'fin', at);
      observer.handleClose(happening.close, happening.how ?? 'fin', at);
    } else if ('gap' in happening) {
      const at = mark();
      log.handleGap(happening.gap, happening.length, at);
      observer.handleGap(happening.gap, happening.length, at);
    } else if ('wait' in happening) millis += happening.wait;
    else if ('certificates' in happening) {
      const clientCertificates = happening.certificates.map((subject) => ({ subject }) as CertificateSummary);
      observer.handleTlsFacts({ clientCertificates });
    } else if ('alpn' in happening) {
      const { offered, chosen } = happening.alpn;
      observer.handleTlsFacts({ alpnOffered: offered, decrypted: true, ...(chosen ? { alpn: chosen } : {}) });
    } else if ('notTls' in happening) {
      const at = mark();
      log.handleBytes('server', happening.notTls, at);
      tlsEvidence().notTls = { from: 'server', head: happening.notTls };
    } else if ('established' in happening) {
      const tls = tlsEvidence();
      tls.finished.client = true;
      tls.finished.server = true;
      observer.handleTlsFacts({ version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384', established: true });
      secure = options.keys ?? true;
    } else if ('alert' in happening) {
      const { from, alert: description, level = 'fatal' } = happening;
      const at = mark();
      log.handleBytes(from, new Uint8Array(7), at);
      tlsEvidence().alerts.push({ from, level, description, sealed: false, mark: at });
      observer.handleTlsAlert({ from, level, description }, at);
    } else if ('sealed' in happening) {
      const at = mark();
      log.handleBytes(happening.sealed, new Uint8Array(65), at);
      tlsEvidence().data[happening.sealed]++;
      observer.handleCiphertext(happening.sealed, 60, at);
    } else if ('local' in happening) observer.handleLocal(happening.local, mark());
    else {
      const from = happening.from ?? 'client';
      const at = mark();
      const name = happening.tls;
      log.handleBytes(from, Uint8Array.of(0x16, 3, 1, 0, 4, 0, 0, 0, 0), at);
      if (name === 'ClientHello') tlsEvidence().clientHello = at;
      else if (name === 'ServerHello') tlsEvidence().serverHello = at;
      else if (name === 'Certificate') tlsEvidence().serverCertificate = true;
      observer.handleTlsMessage({
        from,
        mark: at,
        frames: [frame],
        bytes: 9,
        name,
        summary: name,
        encrypted: false,
        fields: [],
      });
    }
  }
  log.evidence.captureEnd = mark();
  log.evidence.crossed = options.crossed ?? false;
  return { observer, wire: log.evidence };
}

export function watch(happenings: readonly Happening[], options: WatchOptions = {}): Trace {
  const { observer, wire } = play(happenings, options);
  observer.finish(wire);
  return observer.trace.finish('t1');
}

export const codes = (trace: Trace): string[] => trace.findings.map((finding) => finding.code);
