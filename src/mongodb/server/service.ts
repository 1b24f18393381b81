import type { RandomBytes } from '../../base/machine';
import type { Compressor } from '../compression';
import type { Mechanism } from '../mechanisms/mechanism';
import { AuthorizationManager } from './authorization-manager';
import type { UserStore } from './user-store';

/** One line of the server's log; the client never sees it. */
export interface LogEntry {
  readonly component: 'ACCESS' | 'NETWORK' | 'COMMAND';
  readonly connectionId: number;
  readonly message: string;
}

export interface ServiceOptions {
  /** `authenticationMechanisms`. */
  readonly mechanisms?: readonly Mechanism[];
  /** `security.authorization`: commands need an authenticated client. Default true. */
  readonly authorization?: boolean;
  /** `net.tls.mode`. */
  readonly tls?: 'disabled' | 'requireTLS';
  readonly minWireVersion?: number;
  /** Also decides the words of errors: 4.0 (7) changed some. */
  readonly maxWireVersion?: number;
  /** `buildInfo.version`. */
  readonly version?: string;
  /** `net.compression.compressors`. */
  readonly compressors?: readonly Compressor[];
  /** `net.maxIncomingConnections`. */
  readonly maxIncomingConnections?: number;
  /** The user store of a mongod. A mongos has none: it asks its mongod. */
  readonly store?: UserStore;
  /** `authFailedDelayMs`. */
  readonly authFailedDelayMs?: number;
  readonly random: RandomBytes;
  /** Milliseconds since 1970, for `localTime`. */
  readonly now: () => number;
  readonly log?: (entry: LogEntry) => void;
}

export const SERVICE_DEFAULTS = {
  mechanisms: ['MONGODB-CR', 'SCRAM-SHA-1', 'SCRAM-SHA-256', 'MONGODB-X509'],
  authorization: true,
  tls: 'disabled',
  minWireVersion: 0,
  maxWireVersion: 21,
  version: '7.0.0',
  compressors: ['snappy', 'zstd', 'zlib'],
  maxIncomingConnections: 1_000,
  authFailedDelayMs: 0,
} as const;

/** First wire version with a mechanism. */
const MECHANISM_SINCE: ReadonlyMap<string, number> = new Map([
  ['SCRAM-SHA-1', 3],
  ['SCRAM-SHA-256', 7],
]);

/** What all connections of one mongos share, or of one mongod. */
export class MongosService {
  readonly options: Required<Omit<ServiceOptions, 'log' | 'store'>> & Pick<ServiceOptions, 'log' | 'store'>;
  readonly users = new AuthorizationManager();
  /** For made-up salts: the same unknown user is shown the same salt as long as this server lives. */
  readonly mockSecret: Uint8Array;
  /** Tickets in use (mongos `Listener::globalTicketHolder`). */
  connections = 0;
  #lastConnectionId = 0;

  constructor(options: ServiceOptions) {
    this.options = { ...SERVICE_DEFAULTS, ...options };
    this.mockSecret = options.random(32);
  }

  nextConnectionId(): number {
    return ++this.#lastConnectionId;
  }

  /** Whether it is enabled and this version of the server has it. */
  allows(mechanism: string): boolean {
    const since = MECHANISM_SINCE.get(mechanism) ?? 0;
    return (
      this.options.maxWireVersion >= since &&
      (this.options.mechanisms as readonly string[]).includes(mechanism)
    );
  }

  /** `saslSupportedMechs` in hello, from server 4.0. */
  get negotiatesMechanisms(): boolean {
    return this.isModern;
  }

  /** `speculativeAuthenticate` in hello, from server 4.4. */
  get speculates(): boolean {
    return this.options.maxWireVersion >= 9;
  }

  /** Server 4.0 and later: MONGODB-CR is gone, mechanisms have their own error code. */
  get isModern(): boolean {
    return this.options.maxWireVersion >= 7;
  }
}
