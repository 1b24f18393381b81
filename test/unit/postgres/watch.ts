import type { Mark, Side } from '../../../src/base/mark';
import { buildBackend, buildFrontend } from '../../../src/postgres/messages/message-build';
import type { BackendMessage, FrontendMessage } from '../../../src/postgres/messages/message-types';
import { PostgresObserver } from '../../../src/postgres/observer/observer';
import { TraceBuilder } from '../../../src/trace/builder';
import type { LocalEvent } from '../../../src/trace/local';
import type { Trace } from '../../../src/trace/model';
import { pieces } from './feed';

export type Happening =
  | { readonly client: FrontendMessage | Uint8Array }
  | { readonly server: BackendMessage | Uint8Array | string }
  | { readonly open: Side }
  | { readonly close: Side; readonly how?: 'fin' | 'rst' }
  | { readonly gap: Side; readonly length: number }
  | { readonly tls: string; readonly from?: Side }
  | { readonly established: true }
  | { readonly alert: string; readonly from: Side }
  | { readonly sealed: Side }
  | { readonly local: LocalEvent };

export interface WatchOptions {
  readonly direct?: boolean;
  readonly chunk?: number;
  /** Whether bytes come from inside TLS once it is established. */
  readonly keys?: boolean;
}

export const OPENED: readonly Happening[] = [{ open: 'client' }, { open: 'server' }];

/** Shows a conversation to an observer; gives it before it is finished. */
export function show(happenings: readonly Happening[], options: WatchOptions = {}): PostgresObserver {
  const end = (port: number) => ({ address: '192.0.2.1', port });
  const trace = new TraceBuilder('capture', 'postgres', end(50_000), end(5432), true);
  const observer = new PostgresObserver(trace, { direct: options.direct });
  let frame = 0;
  let secure = false;
  const mark = (): Mark => ({ frame: ++frame, seconds: 1_700_000_000, nanos: frame * 1_000_000 });
  const feed = (from: Side, bytes: Uint8Array): void => {
    for (const piece of pieces(bytes, options.chunk ?? Number.POSITIVE_INFINITY)) {
      observer.handleBytes(from, piece, mark(), secure);
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
    } else if ('open' in happening) observer.handleOpen(happening.open, mark());
    else if ('close' in happening) observer.handleClose(happening.close, happening.how ?? 'fin', mark());
    else if ('gap' in happening) observer.handleGap(happening.gap, happening.length, mark());
    else if ('established' in happening) {
      observer.handleTlsFacts({ version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384', established: true });
      secure = options.keys ?? true;
    } else if ('alert' in happening) {
      observer.handleTlsAlert({ from: happening.from, level: 'fatal', description: happening.alert }, mark());
    } else if ('sealed' in happening) observer.handleCiphertext(happening.sealed, 60, mark());
    else if ('local' in happening) observer.handleLocal(happening.local, mark());
    else {
      const from = happening.from ?? 'client';
      const at = mark();
      const name = happening.tls;
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
  return observer;
}

export function watch(happenings: readonly Happening[], options: WatchOptions = {}): Trace {
  const observer = show(happenings, options);
  observer.finish();
  return observer.trace.finish('t1');
}

export const codes = (trace: Trace): string[] => trace.findings.map((finding) => finding.code);
