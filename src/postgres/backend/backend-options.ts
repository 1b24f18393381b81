import type { Effect } from '../../base/machine';
import type { ProtocolVersion } from '../constants';
import type { NetworkInterface } from '../hba/hba';
import type { HbaMethod, HbaRule } from '../hba/hba-rule';

export type { HbaMethod, HbaRule };

/** A role as `pg_authid` keeps it. */
export interface Role {
  readonly name: string;
  /** `SCRAM-SHA-256$…` or `md5…` (`rolpassword`); null when the role has no password. */
  readonly password: string | null;
  /** Default true (`rolcanlogin`). */
  readonly canLogin?: boolean;
  readonly superuser?: boolean;
  /** May start a WAL sender (`rolreplication`). */
  readonly replication?: boolean;
  /** Roles that this one is a direct member of. */
  readonly memberOf?: readonly string[];
}

/** Why a server takes nobody in at the moment (`CAC_state` in `backend_startup.h`). */
export type ServerCondition = 'starting-up' | 'shutting-down' | 'in-recovery' | 'too-many-connections';

/** What one server is: shared by all its connections. */
export interface PostgresServer {
  /** TLS is configured: `S` to SSLRequest. */
  readonly ssl: boolean;
  /** The server's own certificate, DER; needed to offer SCRAM-SHA-256-PLUS. */
  readonly certificate?: Uint8Array;
  /** Clients are asked for a certificate (`ssl_ca_file`). */
  readonly clientCertificates?: boolean;
  readonly hba: readonly HbaRule[];
  /** For `samehost` and `samenet`. */
  readonly interfaces?: readonly NetworkInterface[];
  readonly roles: readonly Role[];
  readonly databases: readonly string[];
  /** `server_version`. */
  readonly version: string;
  /** Newest protocol spoken; default 3.2. */
  readonly maxProtocolVersion?: ProtocolVersion;
  /** Random bytes that last as long as the server: they make the salts of roles that do not exist. */
  readonly mockSecret: Uint8Array;
  /** Absent: it takes connections. */
  readonly condition?: ServerCondition;
  /** Further ParameterStatus values, over the usual ones. */
  readonly parameters?: Readonly<Record<string, string>>;
}

/** What is particular to one connection. */
export interface BackendConnection {
  readonly processId: number;
  /** IP address; null for a Unix socket, which never has TLS. */
  readonly remoteAddress: string | null;
  /** Name of the client's host, where it has one. */
  readonly remoteHost?: string;
}

/** One line of the server's log: it tells apart what the client must not learn. */
export interface LogEffect {
  readonly type: 'log';
  readonly level: 'LOG' | 'FATAL';
  readonly message: string;
  readonly detail?: string;
}

/** A CancelRequest arrived; the key is for the driver to compare with `PostgresBackend.cancelKey`. */
export interface CancelEffect {
  readonly type: 'cancel';
  readonly processId: number;
  readonly secretKey: Uint8Array;
}

export type BackendEffect = Effect | LogEffect | CancelEffect;
