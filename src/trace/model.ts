/**
 * The trace: one handshake as a reader sees it, whatever it came from. This is also the JSON form, version 2: the fields
 * here are the fields of the document (`media/trace-v2.schema.json` is generated from this file).
 */
import type { Issue } from '../base/issue';
import type { Diagnosis, DiagnosisSeverity } from './diagnosis';

export type Source = 'capture' | 'live' | 'lab';
export type Protocol = 'postgres' | 'mongodb';
export type From = 'client' | 'server' | 'local';
export type Severity = 'error' | 'warning' | 'info' | 'hint';

export interface Endpoint {
  /** IPv4 or IPv6 address in its usual text form. */
  readonly address: string;
  readonly port: number;
}

/** PostgreSQL's SSLRequest and its one-byte answer. */
export interface SslNegotiation {
  requested: boolean;
  /** `S`, `N`, `E` as the server sent it; `other` for any other byte; null when no answer was seen. */
  answer: 'S' | 'N' | 'E' | 'other' | null;
  /** TLS from the first byte (`sslnegotiation=direct`, or MongoDB). */
  direct: boolean;
}

/** PostgreSQL's GSSENCRequest and its one-byte answer. */
export interface GssNegotiation {
  requested: boolean;
  answer: 'G' | 'N' | 'E' | 'other' | null;
}

export interface CertificateSummary {
  readonly subject: string;
  readonly issuer: string;
  /** DNS names and IP addresses of subjectAltName. */
  readonly names: readonly string[];
  /** ISO 8601, UTC. */
  readonly notBefore: string;
  readonly notAfter: string;
  /** Colon-separated upper-case hex. */
  readonly fingerprint256: string;
  readonly selfSigned: boolean;
}

export interface AlertSummary {
  readonly from: 'client' | 'server';
  readonly level: 'warning' | 'fatal';
  /** RFC 8446 section 6 name, such as `unknown_ca`; a number where the code has no name. */
  readonly description: string;
}

export interface TlsSummary {
  /** `TLSv1.3`, `TLSv1.2`, …; null until the ServerHello was seen. */
  version: string | null;
  /** IANA name of the cipher suite; null until the ServerHello was seen. */
  cipher: string | null;
  sni: string | null;
  /** The protocol the server chose; before that null. */
  alpn: string | null;
  certificates: CertificateSummary[];
  alerts: AlertSummary[];
  /** Whether what is inside could be read. */
  decrypted: boolean;
}

export type AuthOutcome = 'ok' | 'failed' | 'abandoned' | 'unknown';

/** About authentication alone: a role or database that does not exist can fail a connection whose authentication was ok. */
export interface AuthSummary {
  /** libpq's `require_auth` names for PostgreSQL, the driver specification's names for MongoDB; null when none was seen. */
  mechanism: string | null;
  user: string | null;
  /** PostgreSQL: the database asked for. MongoDB: the authentication source. */
  database: string | null;
  outcome: AuthOutcome;
}

export type Outcome = 'ready' | 'failed' | 'cancel' | 'encrypted' | 'incomplete';

/** What ended it. */
export interface TraceError {
  readonly from: 'server' | 'client';
  /** SQLSTATE, MongoDB error code as text, or one of ours in capitals. */
  readonly code: string;
  readonly message: string;
}

/** One named value of a message. `offset` and `length` place it in the step's bytes. */
export interface Field {
  readonly name: string;
  readonly value: string;
  readonly offset?: number;
  readonly length?: number;
  /** The value is a password, proof, key or nonce: masked at every edge unless the user asks to reveal it. */
  readonly secret?: boolean;
  readonly fields?: readonly Field[];
}

export type Layer = 'local' | 'tcp' | 'tls' | 'postgres' | 'mongodb';

export interface Step {
  /** Position in `Trace.steps`, from 0. */
  readonly index: number;
  /** Milliseconds since `Trace.startTime`. */
  readonly time: number;
  readonly from: From;
  readonly layer: Layer;
  /** Frames that carried the message; empty for local steps. */
  readonly frames: readonly number[];
  /** Length of the message on its layer, in bytes. */
  readonly bytes: number;
  /** The protocol's own name: `SSLRequest`, `ClientHello`, `AuthenticationSASL`, `saslStart`. */
  readonly message: string;
  /** State of the client after this step, in libpq's or the driver's terms. */
  readonly clientState: string;
  /** State of the server after this step. */
  readonly serverState: string;
  /** One line for a list. Never contains a secret. */
  readonly summary: string;
  /** The message crossed inside TLS. */
  readonly encrypted: boolean;
  /** The state is one that the real client passes through without showing it (libpq: never returned by PQstatus). */
  readonly internal?: boolean;
  readonly fields: readonly Field[];
}

export interface Finding {
  /** `PG…`, `MG…`, `TLS…` or `TCP…`, stable. */
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly frames: readonly number[];
  /** What to do about it. */
  readonly help: string;
}

export interface Trace {
  /** `t1`, `t2`, … in order of start. */
  id: string;
  readonly source: Source;
  readonly protocol: Protocol;
  readonly client: Endpoint;
  readonly server: Endpoint;
  /** ISO 8601 in UTC with nine decimals. */
  readonly startTime: string;
  readonly durationMs: number;
  /** The id of the trace that this one tries again, such as libpq's second login under sslmode=prefer. */
  retryOf: string | null;
  /** The id of the trace for whose sake this connection was made: a client's login, for mongos' connection to mongod. */
  causedBy?: string;
  readonly ssl: SslNegotiation;
  readonly gssenc: GssNegotiation;
  readonly tls: TlsSummary | null;
  readonly auth: AuthSummary;
  readonly outcome: Outcome;
  readonly error: TraceError | null;
  /** Why it ended so, as data and in words. */
  diagnosis: Diagnosis;
  /** What happened, and the first thing to do about it, in one line: for lists. */
  verdict: string;
  readonly steps: readonly Step[];
  findings: Finding[];
}

export interface CaptureSummary {
  readonly file: string;
  readonly format: 'pcap' | 'pcapng';
  readonly packets: number;
  /** Size of the file as read, in bytes. */
  readonly bytes: number;
  readonly linkTypes: readonly number[];
  readonly issues: readonly Issue[];
  /** What the file says about itself, a sentence each: comments, names of addresses, packets that the recorder lost. */
  readonly notes?: readonly string[];
}

/** Connections with the same cause at the same server: one row of a capture's summary. */
export interface CauseSummary {
  /** Of the diagnosis. */
  readonly code: string;
  readonly severity: DiagnosisSeverity;
  /** `address:port`. */
  readonly server: string;
  /** Addresses of clients, at most ten; `clientCount` says how many there are. */
  readonly clients: readonly string[];
  readonly clientCount: number;
  /** Users that were named, at most ten. */
  readonly users: readonly string[];
  /** Connections. */
  readonly count: number;
  /** ISO 8601 in UTC: when the first and the last of them began. */
  readonly firstTime: string;
  readonly lastTime: string;
  /** Ids of their traces, at most a hundred. */
  readonly traces: readonly string[];
  /** A sentence over all of them. */
  readonly what: string;
}

/** What `decode --format json` prints. `capture` is null for a live or lab run. */
export interface TraceDocument {
  readonly version: 2;
  readonly capture: CaptureSummary | null;
  /** Causes by server, the gravest and most frequent first. */
  readonly summary?: readonly CauseSummary[];
  readonly traces: readonly Trace[];
}
