import type { Mark, Side } from '../../base/mark';
import type { LocalCause } from '../../trace/local';
import type { CertificateSummary, TraceError } from '../../trace/model';
import type { ServerError } from '../messages/error-fields';
import type { OtherService } from './foreign';
import type { OAuthSeen } from './oauth';

/** What became of the session first, once it was ready. */
export interface AfterReady {
  /** `X` is Terminate, `close` is FIN or RST without it. */
  readonly what: string;
  readonly mark: Mark;
}

/** What an observer noted besides the phase: everything that the verdict and the findings rest on. */
export interface Observed {
  /** Somebody saw TCP being opened. */
  opened: boolean;
  accepted: boolean;
  /** The client's TCP connection was refused. */
  refused: boolean;
  /** Who has sent FIN or RST. */
  ended: Record<Side, boolean>;
  /** The server's last message was cut off: how many bytes of it came. */
  incomplete: number;
  /** SASL mechanisms offered. */
  offered: readonly string[];
  /** An authentication request was seen that the client has to answer. */
  requested: boolean;
  /** The client answered one. */
  answered: boolean;
  /** A login with OAUTHBEARER; null for others. */
  oauth: OAuthSeen | null;
  /** The server's signature was seen. */
  proved: boolean;
  authenticated: boolean;
  startup: boolean;
  /** Protocol version, as the protocol writes it, and `_pq_.` options of the StartupMessage. */
  asked: { readonly version: number; readonly options: readonly string[] } | null;
  /** Parameter `replication` of the StartupMessage; null without one. */
  replication: string | null;
  /** The server negotiated the version or options; `bad` where libpq stops at its answer. */
  negotiated: 'no' | 'good' | 'bad';
  /** The client sent a password of no length. */
  emptyPassword: boolean;
  /** Length of the cancel key, 4 before protocol 3.2; 0 where none was seen. */
  cancelKeyLength: number;
  /** ParameterStatus: the server takes no writes. */
  inHotStandby: boolean;
  readOnly: boolean;
  /** When the session became ready, and what came then. */
  readyAt: Mark | null;
  afterReady: AfterReady | null;
  /** Whole messages read, by sender. */
  messages: Record<Side, number>;
  /** The last whole message: who sent it and its name. */
  lastMessage: { readonly from: Side; readonly name: string; readonly mark: Mark } | null;
  /** The client's chain in the TLS handshake, leaf first: empty when it had none, null when it was not seen. */
  clientCertificates: readonly CertificateSummary[] | null;
  serverError: ServerError | null;
  /** An error that came behind missing bytes, where the session may have been open, and that does not end one. */
  lateError: ServerError | null;
  /** An error that the live driver or the lab reported. */
  localError: TraceError | null;
  /** Why, where the bytes do not tell. */
  localCause: LocalCause | null;
  /** The server's first bytes were another protocol's: which. */
  foreign: OtherService | null;
  /** The client's startup packet was broken: why. */
  badStartup: string | null;
  /** Bytes came in the clear where TLS had to begin. */
  surplus: Side | null;
  /** The first packet of the connection was not its first: TCP's handshake was not seen. */
  late: boolean;
  /** The error that answered SSLRequest or GSSENCRequest, as it came. */
  answerError: Uint8Array | null;
  /** An answer of one byte was not seen, and what followed tells which it was. */
  inferred: boolean;
  /** Bytes are missing, or the beginning is. */
  gap: boolean;
  /** Where it showed that a single number of the client is missing. */
  oneLost: Mark | null;
  /** Whose bytes are missing. */
  missing: Record<Side, boolean>;
  /** Who was seen at all, be it with a SYN. */
  heard: Record<Side, boolean>;
  established: boolean;
  /** Records that could not be opened, by sender. */
  ciphertext: Record<Side, number>;
  /** Bytes the server sent on the layer of PostgreSQL. */
  serverSpoke: boolean;
  /** And inside TLS. */
  serverSpokeInside: boolean;
  alpnOffered: readonly string[] | null;
}

export function nothingObserved(): Observed {
  return {
    opened: false,
    accepted: false,
    refused: false,
    ended: { client: false, server: false },
    incomplete: 0,
    offered: [],
    requested: false,
    answered: false,
    oauth: null,
    proved: false,
    authenticated: false,
    startup: false,
    asked: null,
    replication: null,
    negotiated: 'no',
    emptyPassword: false,
    cancelKeyLength: 0,
    inHotStandby: false,
    readOnly: false,
    readyAt: null,
    afterReady: null,
    messages: { client: 0, server: 0 },
    lastMessage: null,
    clientCertificates: null,
    serverError: null,
    lateError: null,
    localError: null,
    localCause: null,
    foreign: null,
    badStartup: null,
    surplus: null,
    late: false,
    answerError: null,
    inferred: false,
    gap: false,
    oneLost: null,
    missing: { client: false, server: false },
    heard: { client: false, server: false },
    established: false,
    ciphertext: { client: 0, server: 0 },
    serverSpoke: false,
    serverSpokeInside: false,
    alpnOffered: null,
  };
}
