import { pbkdf2 } from '@noble/hashes/pbkdf2.js';
import { sha256 } from '@noble/hashes/sha2.js';
import type { DeriveEffect, RandomBytes } from '../../../src/base/machine';
import type { Mark } from '../../../src/base/mark';
import { WireLog } from '../../../src/diagnosis/wire';
import type { PostgresBackend } from '../../../src/postgres/backend/backend';
import type { LogEffect } from '../../../src/postgres/backend/backend-options';
import type { PostgresClient } from '../../../src/postgres/client/client';
import { PostgresObserver } from '../../../src/postgres/observer/observer';
import { noTlsEvidence } from '../../../src/tls/evidence';
import { TraceBuilder } from '../../../src/trace/builder';
import type { Trace } from '../../../src/trace/model';

/** Bytes that look random and are the same in every run. */
export function seededRandom(seed: number): RandomBytes {
  let state = seed >>> 0 || 1;
  return (length) => {
    const bytes = new Uint8Array(length);
    for (let i = 0; i < length; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      bytes[i] = state >>> 24;
    }
    return bytes;
  };
}

export function derive(effect: DeriveEffect): Uint8Array {
  return pbkdf2(sha256, effect.password, effect.salt, { c: effect.iterations, dkLen: effect.length });
}

export interface PairOptions {
  /** Most bytes per delivery; default all. */
  readonly chunk?: number;
  /** What to answer askPassword with. */
  readonly password?: string;
  /** Whether the pretended TLS handshake works; default true. */
  readonly tls?: boolean;
  readonly alpn?: string | null;
  readonly certificate?: Uint8Array;
  /** Bytes on the wire as the other side gets them: a man in the middle. */
  readonly tamper?: (from: 'client' | 'server', bytes: Uint8Array) => Uint8Array;
}

export interface PairResult {
  readonly trace: Trace;
  readonly log: readonly LogEffect[];
  /** States that client and observer had after each delivery, for comparison. */
  readonly disagreements: readonly string[];
  readonly clientStates: readonly string[];
  readonly observer: PostgresObserver;
}

/** A client and a backend in memory, on virtual time, with an observer that sees the bytes (inside TLS too, as with keys). */
export function runPair(
  client: PostgresClient,
  backend: PostgresBackend,
  options: PairOptions = {},
): PairResult {
  const endpoint = (port: number) => ({ address: '127.0.0.1', port });
  const trace = new TraceBuilder('lab', 'postgres', endpoint(50000), endpoint(5432), true);
  const observer = new PostgresObserver(trace, { direct: client.options.encryption === 'direct' });
  const log: LogEffect[] = [];
  const disagreements: string[] = [];
  const wire = new WireLog();
  let now = 0;
  const mark = (): Mark => ({ frame: ++now, seconds: 0, nanos: now * 1000 });
  const toBackend: Uint8Array[] = [];
  const toClient: Uint8Array[] = [];
  let secure = false;
  let clientTls = false;
  let serverTls = false;
  let closed = false;

  const compare = (when: string): void => {
    const last = trace.steps.at(-1);
    if (last && last.clientState !== client.state) {
      disagreements.push(`${when}: observer ${last.clientState}, client ${client.state}`);
    }
  };
  const deliver = (queue: Uint8Array[], from: 'client' | 'server'): boolean => {
    const bytes = queue.shift();
    if (!bytes) return false;
    const size = options.chunk ?? bytes.length;
    for (let at = 0; at < bytes.length; at += size) {
      const sent = bytes.subarray(at, at + size);
      const part = options.tamper ? options.tamper(from, sent) : sent;
      if (part.length === 0) continue;
      const when = mark();
      wire.handleBytes(from, part, when);
      observer.handleBytes(from, part, when, secure);
      if (from === 'client') backend.handleBytes(part);
      else client.handleBytes(part);
      pump();
    }
    // Only when nothing is on the way have both seen the same.
    if (toClient.length === 0 && toBackend.length === 0) compare(`after bytes of the ${from}`);
    return true;
  };
  const pump = (): void => {
    for (let effect = client.pollEffect(); effect; effect = client.pollEffect()) {
      if (effect.type === 'write') toBackend.push(effect.bytes);
      else if (effect.type === 'startTls') clientTls = true;
      else if (effect.type === 'derive') client.handleDerived(effect.id, derive(effect));
      else if (effect.type === 'askPassword') client.handlePassword(options.password ?? '');
      else if (effect.type === 'close') closed = true;
    }
    for (let effect = backend.pollEffect(); effect; effect = backend.pollEffect()) {
      if (effect.type === 'write') toClient.push(effect.bytes);
      else if (effect.type === 'startTls') serverTls = true;
      else if (effect.type === 'derive') backend.handleDerived(effect.id, derive(effect));
      else if (effect.type === 'log') log.push(effect);
      else if (effect.type === 'close') closed = true;
    }
  };
  const doTls = (): void => {
    const ok = options.tls ?? true;
    const alpn = options.alpn === undefined ? 'postgresql' : options.alpn;
    const peerCertificate = options.certificate ?? null;
    clientTls = false;
    serverTls = false;
    secure = ok;
    observer.handleTlsMessage({
      from: 'client',
      mark: mark(),
      frames: [now],
      bytes: 4,
      name: 'ClientHello',
      summary: 'pretended',
      encrypted: false,
      fields: [],
    });
    if (ok) observer.handleTlsFacts({ version: 'TLSv1.3', ...(alpn ? { alpn } : {}), established: true });
    else {
      const alert = { from: 'client', level: 'fatal', description: 'unknown_ca' } as const;
      const at = mark();
      wire.evidence.tls = noTlsEvidence();
      wire.evidence.tls.clientHello = at;
      wire.evidence.tls.alerts.push({ ...alert, sealed: false, mark: at });
      observer.handleTlsAlert(alert, at);
    }
    const error = { from: 'client', code: 'TLS_UNKNOWN_CA', message: 'unknown_ca' } as const;
    const outcome = { ok, alpn, version: 'TLSv1.3', peerCertificate, ...(ok ? {} : { error }) };
    backend.handleTls(outcome);
    client.handleTls(outcome);
    pump();
  };

  for (const side of ['client', 'server'] as const) {
    const at = mark();
    wire.handleOpen(side, at);
    observer.handleOpen(side, at);
  }
  backend.handleConnected();
  client.handleConnected();
  pump();
  for (let turn = 0; turn < 10_000; turn++) {
    if (deliver(toBackend, 'client') || deliver(toClient, 'server')) continue;
    if (clientTls && client.phase === 'tls') {
      // On direct TLS the first record tells the backend; nothing else crosses in the clear.
      if (!serverTls) backend.handleBytes(Uint8Array.of(0x16));
      doTls();
      continue;
    }
    break;
  }
  if (closed && client.phase !== 'ready') {
    const by = client.failure?.error.from ?? 'server';
    const at = mark();
    wire.handleClose(by, 'fin', at);
    observer.handleClose(by, 'fin', at);
    client.handleClosed();
    backend.handleClosed();
  }
  observer.finish(wire.evidence);
  const finished = trace.finish('t1');
  return {
    trace: finished,
    log,
    disagreements,
    clientStates: finished.steps
      .map((step) => step.clientState)
      .filter((state, i, all) => state !== all[i - 1]),
    observer,
  };
}
