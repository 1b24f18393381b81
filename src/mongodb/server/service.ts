import type { RandomBytes } from '../../base/machine';
import type { Mechanism } from '../mechanisms/mechanism';
import type { Compressor } from '../wire/compression';
import { AuthorizationManager } from './authorization-manager';
import type { NetworkCounter } from './receive-loop';
import { TopologyCoordinator } from './topology';
import { isInternal, type UserDocument, type UserName } from './user-document';
import type { UserStore } from './user-store';

export type LogComponent = 'ACCESS' | 'AUDIT' | 'NETWORK' | 'COMMAND';

/** One line of the server's log; the client never sees it. */
export interface LogEntry {
  readonly component: LogComponent;
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
  /** `enableTestCommands`: the internal user may log in on `admin`. */
  readonly testCommands?: boolean;
  /** The internal user with the credentials of the key file; without one nobody can log in as it. */
  readonly internalUser?: UserDocument;
  readonly random: RandomBytes;
  /** Milliseconds since 1970, for `localTime`. */
  readonly now: () => number;
  readonly log?: (entry: LogEntry) => void;
}

const SERVICE_DEFAULTS = {
  mechanisms: ['MONGODB-CR', 'SCRAM-SHA-1', 'SCRAM-SHA-256', 'MONGODB-X509'],
  authorization: true,
  tls: 'disabled',
  minWireVersion: 0,
  maxWireVersion: 21,
  version: '7.0.0',
  compressors: ['snappy', 'zstd', 'zlib'],
  maxIncomingConnections: 1_000,
  authFailedDelayMs: 0,
  testCommands: false,
} as const;

/** First wire version with a mechanism. */
const MECHANISM_SINCE: ReadonlyMap<string, number> = new Map([
  ['SCRAM-SHA-1', 3],
  ['SCRAM-SHA-256', 7],
]);

const INTERNAL_MECHANISMS: ReadonlySet<string> = new Set(['MONGODB-CR', 'SCRAM-SHA-1']);

/** Options that have no default. */
type Optional = 'log' | 'store' | 'internalUser';

/** What all connections of one mongos share, or of one mongod. */
export class MongosService {
  readonly options: Required<Omit<ServiceOptions, Optional>> & Pick<ServiceOptions, Optional>;
  readonly users: AuthorizationManager;
  readonly topology: TopologyCoordinator;
  /** mongos `networkCounter`. */
  readonly network: NetworkCounter = { messages: 0, bytesIn: 0, bytesOut: 0 };
  /** For made-up salts: the same unknown user is shown the same salt as long as this server lives. */
  readonly mockSecret: Uint8Array;
  /** Tickets in use (mongos `Listener::globalTicketHolder`). */
  connections = 0;
  #lastConnectionId = 0;

  constructor(options: ServiceOptions) {
    this.options = { ...SERVICE_DEFAULTS, ...options };
    this.users = new AuthorizationManager(options.internalUser);
    this.mockSecret = options.random(32);
    this.topology = new TopologyCoordinator(options.random);
  }

  nextConnectionId(): number {
    return ++this.#lastConnectionId;
  }

  get openText(): string {
    return `${this.connections} ${this.connections === 1 ? 'connection' : 'connections'} now open`;
  }

  get role(): 'mongos' | 'mongod' {
    return this.options.store ? 'mongod' : 'mongos';
  }

  /** Whether it is enabled and this version of the server has it. */
  allows(mechanism: string): boolean {
    const since = MECHANISM_SINCE.get(mechanism) ?? 0;
    const enabled: readonly string[] = this.options.mechanisms;
    // In 3.x either of the two enables this one.
    const implied = mechanism === 'SCRAM-SHA-1' && !this.isModern && enabled.includes('MONGODB-CR');
    return this.options.maxWireVersion >= since && (enabled.includes(mechanism) || implied);
  }

  /** Servers authenticate each other by it also where it is disabled (SERVER-8461, SERVER-16534). */
  allowsFor(mechanism: string, name: UserName): boolean {
    return this.allows(mechanism) || (isInternal(name) && INTERNAL_MECHANISMS.has(mechanism));
  }

  /** `saslSupportedMechs` in hello, from server 4.0. */
  get negotiatesMechanisms(): boolean {
    return this.isModern;
  }

  /** `speculativeAuthenticate` in hello, from server 4.4. */
  get speculates(): boolean {
    return this.options.maxWireVersion >= 9;
  }

  /** `client` in hello, from server 3.4. */
  get knowsClientMetadata(): boolean {
    return this.options.maxWireVersion >= 5;
  }

  /** `topologyVersion` in hello, from server 4.4. */
  get announcesTopology(): boolean {
    return this.options.maxWireVersion >= 9;
  }

  /** Only commands are taken, from server 5.1. */
  get retiresOperations(): boolean {
    return this.options.maxWireVersion >= 14;
  }

  /** Server 4.0 and later: MONGODB-CR is gone, mechanisms have their own error code. */
  get isModern(): boolean {
    return this.options.maxWireVersion >= 7;
  }
}
