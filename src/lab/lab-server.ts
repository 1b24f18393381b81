import type { Recording } from '../inspect/recording';
import type { Protocol, Trace } from '../trace/model';
import type { LabAccount } from './accounts';

/** A lab is for trying things out: more connections than anybody opens by hand are refused. */
export const LAB_LIMITS = {
  connections: 100,
  /** Longest wait for a client that has not yet said what it came for, also inside of its TLS handshake, milliseconds. */
  silentMs: 10_000,
  /** Longest wait for a client in one state of the handshake, as `authentication_timeout`, milliseconds. */
  stepMs: 60_000,
  /** Longest silence of a client that is connected, milliseconds. */
  idleMs: 10 * 60_000,
} as const;

/** Called once for each connection, when it is over. */
export type LabListener = (trace: Trace, recording: Recording) => void;

/** A server in this process, on loopback. */
export interface LabServer {
  readonly protocol: Protocol;
  readonly host: string;
  readonly port: number;
  /** What a client must trust to verify the server's certificate; empty without TLS. */
  readonly caCertificatePem: string;
  /** Connection string of the first account, without its password. */
  readonly uri: string;
  readonly accounts: readonly LabAccount[];
  /** What the server does wrong, on purpose; absent when it behaves. */
  readonly fault?: { readonly name: string; readonly title: string };
  /** A certificate and its key, PEM, that this server accepts from its clients. */
  issueClient?(commonName: string): Promise<{ readonly certificate: string; readonly key: string }>;
  /** Connections that are open now. */
  readonly connections: number;
  /**
   * Tells of connections to come. Without a listener nothing is recorded and no trace is made, which is two thirds of what a login costs.
   *
   * @returns a function that removes the listener.
   */
  onTrace(listener: LabListener): () => void;
  /** Ends all connections and stops listening. May be called twice. */
  close(): Promise<void>;
}

/** What every lab server can be told. */
export interface LabOptions {
  /** 0, the default, takes a free port. */
  readonly port?: number;
  /** A loopback address, or (PostgreSQL) the folder of a Unix socket; default 127.0.0.1. */
  readonly host?: string;
  /** Longest wait for a client in the handshake, milliseconds; default {@link LAB_LIMITS}. */
  readonly handshakeTimeoutMs?: number;
  /** Longest wait for a client that has not yet said what it came for, milliseconds; default {@link LAB_LIMITS}. */
  readonly silentTimeoutMs?: number;
  /** Connections at once; what comes beyond is refused in the server's words. Default {@link LAB_LIMITS}. */
  readonly maxConnections?: number;
}
