import type { PostgresServer } from '../backend/backend-options';

/**
 * Where a script acts: a step of the connection, or the server's message that it acts on instead of, by name
 * (`S` is the answer to SSLRequest).
 */
export type FaultPoint =
  | 'connected'
  | 'S'
  /** The client's first bytes of TLS have arrived. */
  | 'ClientHello'
  | 'TLS established'
  | 'AuthenticationSASL'
  | 'AuthenticationSASLContinue'
  | 'AuthenticationSASLFinal'
  | 'AuthenticationOk'
  | 'ParameterStatus'
  | 'ReadyForQuery';

export interface FaultLine {
  readonly at: FaultPoint;
  /** What is sent in place of the server's message, which is the argument; absent: nothing is sent. */
  readonly write?: (message: Uint8Array) => Uint8Array;
  readonly next: 'go on' | 'close' | 'silence';
}

/** What the TLS of this server is like; the certificate is what the client is told to trust unless `authority` says otherwise. */
export interface FaultTls {
  readonly certificate?: 'expired' | 'not-yet-valid' | 'self-signed' | 'wrong-name';
  /** `other`: the client trusts another authority than the one that issued the certificate. */
  readonly authority?: 'other';
  /** Only versions that PostgreSQL's clients have stopped speaking (TLS 1.1). */
  readonly tooOld?: boolean;
  /** Chooses no application protocol. */
  readonly noAlpn?: boolean;
  /** The server behind a proxy that ends TLS: the certificate that it binds to is not the one the client sees. */
  readonly behindProxy?: boolean;
}

/** A server that misbehaves in one way, on purpose: what it does, and what a client should make of it. */
export interface Fault {
  /** How it is started: `lab postgres --fault NAME`. */
  readonly name: string;
  readonly title: string;
  /** What the server does, one sentence. */
  readonly does: string;
  /** What is to be seen, one sentence. */
  readonly shows: string;
  /** Options of the connection that meets it; `sslmode` is `require` if not given. */
  readonly options?: Readonly<Record<string, string>>;
  readonly script?: readonly FaultLine[];
  /** How the server is set up, where that is the fault. */
  readonly server?: Partial<Pick<PostgresServer, 'ssl' | 'condition' | 'hba'>> & {
    /** Offers no channel binding. */
    readonly noBinding?: boolean;
  };
  readonly tls?: FaultTls;
  /** The server never answers at some point: a client sees it after its own time-out. */
  readonly silent?: boolean;
}
