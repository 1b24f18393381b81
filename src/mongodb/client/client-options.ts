import type { RandomBytes } from '../../base/machine';
import type { Mechanism } from '../mechanisms/mechanism';

/** What one connection of a driver is told. Most of it comes from a connection string: see `driverOptions` in `uri`. */
export interface DriverOptions {
  /** Empty or absent: no authentication, unless the mechanism is MONGODB-X509. */
  readonly user?: string;
  /** Absent while a user is given: the machine asks for it with `askPassword`. */
  readonly password?: string;
  /** `authSource`: the database that holds the user. Default `admin`. */
  readonly authSource?: string;
  /** `authMechanism`; absent: negotiated through saslSupportedMechs. */
  readonly mechanism?: Mechanism;
  /** Begin with TLS. */
  readonly tls?: boolean;
  /** `replicaSet`: the set that the server must be a member of. */
  readonly replicaSet?: string;
  /** `loadBalanced`: the server has to name the service behind the load balancer. */
  readonly loadBalanced?: boolean;
  /** Shown in the server's log. */
  readonly appName?: string;
  /** `compressors`, best first; those that this client does not know are not offered. */
  readonly compressors?: readonly string[];
  /** Send the first step of authentication inside hello. Default true. */
  readonly speculative?: boolean;
  readonly random: RandomBytes;
  /** Numbers the requests; drivers let all their connections count together. By default each connection counts from 1. */
  readonly nextRequestId?: () => number;
  /** Wait for one answer, `connectTimeoutMS`. Default 10,000; 0 waits for ever. */
  readonly connectTimeoutMs?: number;
  /** Fewest SCRAM iterations accepted; the specification's floor is 4,096. */
  readonly minIterations?: number;
  readonly maxIterations?: number;
}

export const DRIVER_DEFAULTS = {
  authSource: 'admin',
  connectTimeoutMs: 10_000,
  minIterations: 4_096,
  /** PBKDF2 takes about a second for this many; a server that asks for more wants to stall us. */
  maxIterations: 2_000_000,
} as const;

/** Versions that this client is written for (server 2.4 to 8.x). A server outside them is refused. */
export const WIRE_VERSIONS = { min: 0, max: 29 } as const;

/** First wire version with OP_MSG (server 3.6). */
export const OP_MSG_WIRE_VERSION = 6;

/** The longest reply a handshake can need; a longer one is refused instead of buffered. */
export const MAX_REPLY_BYTES = 1 << 20;
