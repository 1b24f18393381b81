import type { Side } from '../../base/mark';
import type { TraceError } from '../../trace/model';
import type { ServerError } from '../messages/error-fields';

/** What an observer noted besides the phase: everything that the verdict and the findings rest on. */
export interface Observed {
  /** Somebody saw TCP being opened. */
  opened: boolean;
  accepted: boolean;
  /** The client's TCP connection was refused. */
  refused: boolean;
  closedBy: Side | null;
  /** Who sent close_notify first: inside TLS that ends the conversation, whoever closes TCP first. */
  goodbye: Side | null;
  /** The server's last message was cut off: how many bytes of it came. */
  incomplete: number;
  reset: boolean;
  /** SASL mechanisms offered. */
  offered: readonly string[];
  /** An authentication request was seen that the client has to answer. */
  requested: boolean;
  /** The client answered one. */
  answered: boolean;
  /** The server's signature was seen. */
  proved: boolean;
  authenticated: boolean;
  startup: boolean;
  /** Protocol version, as the protocol writes it, and `_pq_.` options of the StartupMessage. */
  asked: { readonly version: number; readonly options: readonly string[] } | null;
  serverError: ServerError | null;
  /** An error that came behind missing bytes, where the session may have been open, and that does not end one. */
  lateError: ServerError | null;
  /** An error that the live driver or the lab reported. */
  localError: TraceError | null;
  /** The server's first bytes were another protocol's: which. */
  foreign: string | null;
  /** The client's startup packet was broken: why. */
  badStartup: string | null;
  /** Bytes came in the clear where TLS had to begin. */
  surplus: Side | null;
  /** Bytes are missing, or the beginning is. */
  gap: boolean;
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
    closedBy: null,
    goodbye: null,
    incomplete: 0,
    reset: false,
    offered: [],
    requested: false,
    answered: false,
    proved: false,
    authenticated: false,
    startup: false,
    asked: null,
    serverError: null,
    lateError: null,
    localError: null,
    foreign: null,
    badStartup: null,
    surplus: null,
    gap: false,
    missing: { client: false, server: false },
    heard: { client: false, server: false },
    established: false,
    ciphertext: { client: 0, server: 0 },
    serverSpoke: false,
    serverSpokeInside: false,
    alpnOffered: null,
  };
}
