import type { ProtocolVersion } from '../constants';
import type { Parameters } from '../messages/message-types';
import type { ChannelBindingMode, TargetSessionAttrs } from '../options/option-values';

/** How one attempt protects the connection. `direct` starts TLS with no SSLRequest (`sslnegotiation=direct`). */
export type Encryption = 'plain' | 'ssl' | 'direct';

/** What one connection attempt needs to know. Which attempts there are is `ConnectionPolicy`'s business. */
export interface PostgresClientOptions {
  readonly user: string;
  /** The server takes the user's name when it is missing. */
  readonly database?: string;
  /** Undefined: the machine asks with `askPassword`. Empty counts as none, as in libpq. */
  readonly password?: string;
  /** Empty: none is sent. */
  readonly applicationName?: string;
  /** Command-line options for the backend (`options`). */
  readonly options?: string;
  readonly replication?: string;
  readonly clientEncoding?: string;
  /** Further run-time parameters of the StartupMessage, such as `_pq_.` options. */
  readonly parameters?: Parameters;
  readonly encryption: Encryption;
  /** After `N`, go on in the clear on the same connection (sslmode=prefer). */
  readonly plainAfterRefusal?: boolean;
  /** Ask for GSSAPI encryption first; an answer of `G` ends the attempt, for this client has no GSSAPI. */
  readonly requestGss?: boolean;
  /** Default `prefer`. */
  readonly channelBinding?: ChannelBindingMode;
  /** libpq's `require_auth`: a comma-separated list of methods, each perhaps with `!`. */
  readonly requireAuth?: string;
  /** The server must ask for a client certificate, and one must be sent (sslcertmode=require). */
  readonly requireCertificate?: boolean;
  /** Whom the server must run as; only for Unix sockets. Nobody tells us who is at the other end, so this refuses. */
  readonly requirePeer?: string;
  /** What the server must be; default `any`. */
  readonly targetSessionAttrs?: TargetSessionAttrs;
  /** Default 3.0 for both, as libpq 18. */
  readonly minProtocolVersion?: ProtocolVersion;
  readonly maxProtocolVersion?: ProtocolVersion;
  /** Send a CancelRequest instead of a StartupMessage. */
  readonly cancel?: { readonly processId: number; readonly secretKey: Uint8Array };
}

/** What the attempt's end means for the attempts after it (`PQconnectPoll`). */
export type FailureKind =
  /** The TLS handshake failed: CONNECTION_FAILED(). */
  | 'tls'
  /** ErrorResponse while AWAITING_RESPONSE: CONNECTION_FAILED(). */
  | 'error-response'
  /** SQLSTATE 57P03 while AWAITING_RESPONSE: the next host. */
  | 'cannot-connect-now'
  /** SQLSTATE 42704 after AuthenticationOk: once more without application_name, which a server before 9.0 does not know. */
  | 'application-name'
  /** Not what target_session_attrs asks for: the next host. */
  | 'wrong-target'
  /** TCP could not be opened: the next address. */
  | 'transport'
  /** Everything that goes to error_return. */
  | 'final';
