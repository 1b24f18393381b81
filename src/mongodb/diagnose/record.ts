import type { Side } from '../../base/mark';
import type { CertificateSummary, TraceError } from '../../trace/model';
import type { AuthAttempt } from '../client/auth-attempt';
import { type Place, placeOf } from '../places';
import type { By, Event } from '../transitions';

/** What an observer remembers of a conversation, for its outcome. */
export interface ObserverRecord {
  place: Place;
  /** The beginning was not seen. */
  midStream: boolean;
  /** The attempt under way or the last one. */
  attempt: AuthAttempt | undefined;
  /** Some attempt succeeded. */
  authenticated: boolean;
  /** The server's refusal of the last attempt. */
  authError: TraceError | undefined;
  authErrorCode: number | undefined;
  /** The command that was refused. */
  refused: string;
  helloError: TraceError | undefined;
  /** hello was sent; answered. */
  helloSent: number;
  helloAnswered: number;
  helloFrames: number | readonly number[];
  /** What the server says it is: `mongos`, `primary of rs0`; empty until it said so. */
  role: string;
  /** `saslSupportedMechs` of the user, if the server listed them. */
  mechanisms: readonly string[] | undefined;
  /** Whose mechanisms hello asked for: `database.user`. */
  mechanismsOf: string | undefined;
  maxWireVersion: number | undefined;
  /** The client's chain in TLS; empty when it was asked and had none, `undefined` when its message was not seen. */
  clientCertificates: readonly CertificateSummary[] | undefined;
  /** Ordinary commands answered with ok, and refused with 13. */
  commandsOk: number;
  unauthorized:
    | { readonly name: string; readonly error: TraceError; readonly frames: number | readonly number[] }
    | undefined;
  messages: Record<Side, number>;
  /** Who ended first, and how. */
  closedBy: Side | undefined;
  reset: boolean;
  closeFrames: number | readonly number[];
  localError: TraceError | undefined;
  /** Ciphertext that nothing could open. */
  opaque: Record<Side, number>;
  tlsEstablished: boolean;
  gap: boolean;
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
    authError: undefined,
    authErrorCode: undefined,
    refused: '',
    helloError: undefined,
    helloSent: 0,
    helloAnswered: 0,
    helloFrames: NO_FRAMES,
    role: '',
    mechanisms: undefined,
    mechanismsOf: undefined,
    maxWireVersion: undefined,
    clientCertificates: undefined,
    commandsOk: 0,
    unauthorized: undefined,
    messages: { client: 0, server: 0 },
    closedBy: undefined,
    reset: false,
    closeFrames: NO_FRAMES,
    localError: undefined,
    opaque: { client: 0, server: 0 },
    tlsEstablished: false,
    gap: false,
    compressed: 0,
  };
}

/** Takes a step in the transition table; false, and nothing changed, where the table has none. */
export function advanceRecord(record: ObserverRecord, by: By, event: Event): boolean {
  const next = record.place.next[by].get(event);
  if (next) record.place = next;
  return next !== undefined;
}
