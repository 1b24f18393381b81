import type { Mark, Side } from '../../base/mark';
import type { LocalCause } from '../../trace/local';
import type { CertificateSummary, TraceError } from '../../trace/model';
import type { AuthAttempt } from '../client/auth-attempt';
import type { RequestKind } from '../exchange';
import { type Place, placeOf } from '../places';
import type { By, Event } from '../transitions';

/** What a server said when it refused, and to what. */
export interface Refusal {
  /** The command. */
  readonly name: string;
  readonly code: number | undefined;
  readonly codeName: string;
  /** `errmsg`, or `$err` of a failed query. */
  readonly text: string;
  /** What the command was for; empty where it does not say so. */
  readonly database: string;
  readonly collection: string;
  /** The step of the reply. */
  readonly step: number;
  readonly frames: number | readonly number[];
  /** The same as `error` of a trace. */
  readonly error: TraceError;
}

/** What a server says it is; in a set, `member` is what is neither primary nor secondary nor arbiter. */
export type ServerRole =
  | 'mongos'
  | 'mongod'
  | 'primary'
  | 'secondary'
  | 'arbiter'
  | 'member'
  | 'uninitialised';

/** What hello said of the server and of its replica set. */
export interface Topology {
  readonly role: ServerRole;
  readonly setName: string | undefined;
  /** `hosts` and `passives`. */
  readonly hosts: readonly string[];
  readonly primary: string | undefined;
  readonly me: string | undefined;
  readonly hidden: boolean;
  /** Why a member is in no set yet. */
  readonly info: string | undefined;
  readonly serviceId: boolean;
  readonly minWireVersion: number | undefined;
}

/** A request that was not answered. */
export interface Outstanding {
  readonly kind: RequestKind;
  readonly name: string;
  readonly mark: Mark;
  readonly step: number;
}

/** What an observer remembers of a conversation: the evidence of the protocol that rules read. */
export interface ObserverRecord {
  place: Place;
  /** The beginning was not seen. */
  midStream: boolean;
  /** The attempt under way or the last one. */
  attempt: AuthAttempt | undefined;
  /** Some attempt succeeded. */
  authenticated: boolean;
  /** What the server answered to the last attempt. */
  authRefusal: Refusal | undefined;
  helloRefusal: Refusal | undefined;
  /** The first refusal of a command that an application depends on. */
  commandRefusal: Refusal | undefined;
  /** hello was sent; answered. */
  helloSent: number;
  helloAnswered: number;
  helloFrames: number | readonly number[];
  /** The last hello asked for an answer when something changes: a monitor. */
  awaitable: boolean;
  /** A reply of a stream of hello replies whose request was not seen. */
  streamed: number;
  /** hello said loadBalanced: true. */
  loadBalanced: boolean;
  /** `apiVersion` of the client's commands. */
  apiVersion: string | undefined;
  /** The driver as it names itself; empty where it did not. */
  driver: string;
  driverVersion: string;
  /** Empty until the server said what it is. */
  role: ServerRole | '';
  topology: Topology | undefined;
  /** `saslSupportedMechs` of the user, if the server listed them. */
  mechanisms: readonly string[] | undefined;
  /** Whose mechanisms hello asked for: `database.user`. */
  mechanismsOf: string | undefined;
  maxWireVersion: number | undefined;
  /** The client's chain in TLS; empty when it was asked and had none, `undefined` when its message was not seen. */
  clientCertificates: readonly CertificateSummary[] | undefined;
  /** Commands answered with ok; and those of them that a server answers only to whoever may do something. */
  commandsOk: number;
  applicationOk: number;
  /** Commands answered with an error. */
  commandsFailed: number;
  messages: Record<Side, number>;
  /** The last whole message, and when it came. */
  lastMessage: { readonly from: Side; readonly name: string; readonly mark: Mark } | undefined;
  /** The oldest request without an answer, those of monitors left out. */
  outstanding: Outstanding | undefined;
  /** Whose bytes were no message first, what was wrong (an issue's code), and how they begin. */
  damage: { readonly from: Side; readonly code: string; readonly head: Uint8Array } | undefined;
  /** Who ended first, and how. */
  closedBy: Side | undefined;
  reset: boolean;
  closeMark: Mark | undefined;
  closeFrames: number | readonly number[];
  localError: TraceError | undefined;
  /** Why, where the bytes do not tell. */
  localCause: LocalCause | null;
  /** Ciphertext that nothing could open. */
  opaque: Record<Side, number>;
  tlsEstablished: boolean;
  /** Whose messages the capture lacks bytes of. */
  gaps: Record<Side, boolean>;
  compressed: number;
}

const IDLE = placeOf('idle');
const NO_FRAMES: readonly number[] = [];

export function newRecord(): ObserverRecord {
  return {
    place: IDLE,
    midStream: true,
    attempt: undefined,
    authenticated: false,
    authRefusal: undefined,
    helloRefusal: undefined,
    commandRefusal: undefined,
    helloSent: 0,
    helloAnswered: 0,
    helloFrames: NO_FRAMES,
    awaitable: false,
    streamed: 0,
    loadBalanced: false,
    apiVersion: undefined,
    driver: '',
    driverVersion: '',
    role: '',
    topology: undefined,
    mechanisms: undefined,
    mechanismsOf: undefined,
    maxWireVersion: undefined,
    clientCertificates: undefined,
    commandsOk: 0,
    applicationOk: 0,
    commandsFailed: 0,
    messages: { client: 0, server: 0 },
    lastMessage: undefined,
    outstanding: undefined,
    damage: undefined,
    closedBy: undefined,
    reset: false,
    closeMark: undefined,
    closeFrames: NO_FRAMES,
    localError: undefined,
    localCause: null,
    opaque: { client: 0, server: 0 },
    tlsEstablished: false,
    gaps: { client: false, server: false },
    compressed: 0,
  };
}

/** Bytes of either side are missing. */
export function hasGap({ gaps }: ObserverRecord): boolean {
  return gaps.client || gaps.server;
}

/** Takes a step in the transition table; false, and nothing changed, where the table has none. */
export function advanceRecord(record: ObserverRecord, by: By, event: Event): boolean {
  const next = record.place.next[by].get(event);
  if (next) record.place = next;
  return next !== undefined;
}
