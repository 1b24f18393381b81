import type { SslMode } from '../options/option-values';
import type { Encryption, FailureKind } from './client-options';

/** How strictly the driver checks the server's certificate. */
export type Verification = 'none' | 'ca' | 'full';

/** One connection attempt. */
export interface Attempt {
  readonly encryption: Encryption;
  /** After `N` go on in the clear on the same connection (`ENCRYPTION_NEGOTIATION_FAILED`). */
  readonly plainAfterRefusal: boolean;
  readonly verify: Verification;
  /** Send application_name. */
  readonly named: boolean;
}

/** What follows a failed attempt, and by which rule. */
export type Decision =
  /** A new connection to the same address, encrypted differently. */
  | { readonly action: 'reconnect'; readonly attempt: Attempt; readonly rule: PolicyRule }
  /** The next address of this host, if there is one. */
  | { readonly action: 'next-address'; readonly rule: PolicyRule }
  /** The next host, if there is one; other addresses of this host are skipped. */
  | { readonly action: 'next-host'; readonly rule: PolicyRule }
  | { readonly action: 'stop'; readonly rule: PolicyRule };

export interface PolicyRule {
  readonly reason: string;
  /** Function of libpq. */
  readonly source: string;
}

export interface PolicyOptions {
  readonly sslmode: SslMode;
  readonly sslnegotiation: 'postgres' | 'direct';
  /** A root certificate file is there: then `require` checks the chain too. */
  readonly rootCertificate: boolean;
  /** Unix sockets are never encrypted. */
  readonly unixSocket?: boolean;
}

const RULES = {
  transport: {
    reason: 'TCP could not be opened: the next address',
    source: 'PQconnectPoll, case CONNECTION_STARTED',
  },
  cannotConnectNow: {
    reason: 'SQLSTATE 57P03 (cannot connect now): the next host; another encryption would not help',
    source: 'PQconnectPoll, case CONNECTION_AWAITING_RESPONSE',
  },
  applicationName: {
    reason:
      'SQLSTATE 42704 after AuthenticationOk: once more without application_name, in case that was unknown',
    source: 'PQconnectPoll, case CONNECTION_AUTH_OK',
  },
  wrongTarget: {
    reason: 'The server is not what target_session_attrs asks for: the next host',
    source: 'PQconnectPoll, case CONNECTION_CHECK_TARGET',
  },
  tls: {
    reason: 'The TLS handshake failed: the next encryption method on a new connection',
    source: 'PQconnectPoll, CONNECTION_FAILED(); connection_failed',
  },
  errorResponse: {
    reason: 'ErrorResponse before AuthenticationOk: the next encryption method on a new connection',
    source: 'PQconnectPoll, CONNECTION_FAILED(); connection_failed',
  },
  noneLeft: { reason: 'No encryption method is left', source: 'select_next_encryption_method' },
  final: {
    reason: 'An error after which libpq does not try again',
    source: 'PQconnectPoll, label error_return',
  },
} as const satisfies Record<string, PolicyRule>;

type Method = 'ssl' | 'plain';

/** Methods in the order in which libpq tries them (`init_allowed_encryption_methods`, `select_next_encryption_method`). */
const METHODS: Readonly<Record<SslMode, readonly Method[]>> = {
  disable: ['plain'],
  allow: ['plain', 'ssl'],
  prefer: ['ssl', 'plain'],
  require: ['ssl'],
  'verify-ca': ['ssl'],
  'verify-full': ['ssl'],
};

/** Which attempts one address gets: libpq's fallback, as a list of methods that grows shorter with each failure. */
export class ConnectionPolicy {
  readonly #options: PolicyOptions;
  #methods: readonly Method[];
  #named = true;

  constructor(options: PolicyOptions) {
    this.#options = options;
    this.#methods = options.unixSocket ? ['plain'] : METHODS[options.sslmode];
  }

  /** The attempt to begin with. */
  first(): Attempt {
    return this.#attempt();
  }

  /**
   * What libpq does next.
   * @param kind how the last attempt ended.
   * @param refused whether its SSLRequest was answered with `N`: then SSL counts as failed too.
   */
  next(kind: FailureKind, refused = false): Decision {
    switch (kind) {
      case 'transport':
        return { action: 'next-address', rule: RULES.transport };
      case 'cannot-connect-now':
        return { action: 'next-host', rule: RULES.cannotConnectNow };
      case 'application-name':
        this.#named = false;
        // What N ruled out stays ruled out.
        if (refused) this.#methods = this.#methods.slice(1);
        return { action: 'reconnect', attempt: this.#attempt(), rule: RULES.applicationName };
      case 'wrong-target':
        return { action: 'next-host', rule: RULES.wrongTarget };
      case 'tls':
        return this.#fallBack(RULES.tls, refused);
      case 'error-response':
        return this.#fallBack(RULES.errorResponse, refused);
      case 'final':
        return { action: 'stop', rule: RULES.final };
    }
  }

  #fallBack(rule: PolicyRule, refused: boolean): Decision {
    // After `N` the connection went on with the method behind SSL, so that one has failed as well.
    this.#methods = this.#methods.slice(refused ? 2 : 1);
    if (this.#methods.length === 0) return { action: 'stop', rule: RULES.noneLeft };
    return { action: 'reconnect', attempt: this.#attempt(), rule };
  }

  #attempt(): Attempt {
    const { sslmode, sslnegotiation } = this.#options;
    const ssl = this.#methods[0] === 'ssl';
    const encryption = ssl ? (sslnegotiation === 'direct' ? 'direct' : 'ssl') : 'plain';
    const plainAfterRefusal = encryption === 'ssl' && this.#methods[1] === 'plain';
    const verify = verification(sslmode, this.#options.rootCertificate);
    return { encryption, plainAfterRefusal, verify, named: this.#named };
  }
}

/** What to check (`initialize_SSL`, `pq_verify_peer_name_matches_certificate`): a root file makes `require` act as `verify-ca`. */
export function verification(sslmode: SslMode, rootCertificate: boolean): Verification {
  switch (sslmode) {
    case 'verify-full':
      return 'full';
    case 'verify-ca':
      return 'ca';
    case 'disable':
      return 'none';
    default:
      return rootCertificate ? 'ca' : 'none';
  }
}
