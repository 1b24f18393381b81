/** Everything that MongoDB's rules read of one connection. */
import { type Mark, millisBetween, type Side } from '../../base/mark';
import type { ConnectionFacts, Missing } from '../../diagnosis/facts';
import { goodbyeOf } from '../../diagnosis/goodbye';
import type { WireEvidence } from '../../diagnosis/wire';
import type { TraceBuilder } from '../../trace/builder';
import type { CauseParams } from '../../trace/diagnosis';
import { hasGap, type ObserverRecord, type Refusal } from './record';

export interface MongoFacts extends ConnectionFacts {
  readonly record: ObserverRecord;
  /** The conversation was, or should have been, inside TLS. */
  readonly secure: boolean;
}

export function factsOf(
  trace: TraceBuilder,
  record: ObserverRecord,
  wire: WireEvidence,
  secure: boolean,
): MongoFacts {
  return {
    product: 'MongoDB',
    trace,
    wire,
    established: record.tlsEstablished,
    messages: record.messages,
    missing: missingOf(record, wire),
    local: record.localCause,
    record,
    secure,
  };
}

function missingOf(record: ObserverRecord, wire: WireEvidence): Missing | null {
  if (wire.client.unheard) return { kind: 'direction', whose: 'client' };
  if (wire.server.unheard) return { kind: 'direction', whose: 'server' };
  if (hasGap(record)) {
    const { client, server } = record.gaps;
    return { kind: 'bytes', whose: client && server ? 'both' : client ? 'client' : 'server' };
  }
  const { client, server } = wire;
  const anything = record.messages.client + record.messages.server + client.bytes + server.bytes;
  return record.midStream && anything > 0 ? { kind: 'beginning', whose: 'both' } : null;
}

/** The user that was named; for a certificate alone its subject, where it was seen. */
export function userOf({ attempt, clientCertificates }: ObserverRecord): string | null {
  const subject = attempt?.mechanism === 'MONGODB-X509' ? clientCertificates?.[0]?.subject : undefined;
  return attempt?.user ?? subject ?? null;
}

/** Parameters about what the server said it is. */
export function roleParams({ role, topology }: ObserverRecord) {
  return { role, setName: topology?.setName ?? null };
}

/** Parameters about the login that was tried. */
export function loginParams({ record }: Pick<MongoFacts, 'record'>): Record<string, string | null> {
  const { attempt } = record;
  return {
    user: userOf(record),
    database: attempt?.database ?? null,
    mechanism: attempt?.mechanism ?? null,
    ...roleParams(record),
  };
}

/** Parameters about what the server said. */
export function refusalParams({ name, code, codeName, text, database, collection }: Refusal): CauseParams {
  const namespace = collection === '' ? database : `${database}.${collection}`;
  return {
    command: name,
    text,
    ...(code === undefined ? {} : { code, codeName }),
    ...(namespace === '' ? {} : { namespace }),
  };
}

/** Seconds between two moments with one decimal; never negative. */
export function secondsBetween(start: Mark, end: Mark): number {
  return Math.max(0, Math.round(millisBetween(start, end) / 100) / 10);
}

/** How a connection ended. */
export interface Ending {
  readonly by: Side;
  readonly how: 'closed' | 'reset';
  readonly mark: Mark;
}

/**
 * Who ended the connection: whoever said goodbye first (`endSessions`, `close_notify`, an alert about an error), whatever the order of the FINs that
 * follow; without a goodbye whose FIN or RST came first. Null while it is open.
 */
export function endingOf(facts: MongoFacts): Ending | null {
  const { record, wire } = facts;
  const { closedBy, closeMark } = record;
  if (closedBy === undefined || closeMark === undefined) return null;
  const by = leaverOf(facts) ?? closedBy;
  const close = wire.closes.find(({ from }) => from === by);
  const reset = close ? close.how === 'rst' : closedBy === by && record.reset;
  return { by, how: reset ? 'reset' : 'closed', mark: closeMark };
}

/** Both sides closed at once, and neither had said goodbye: nobody left first. */
export function endedTogether(facts: MongoFacts): boolean {
  return facts.wire.crossed && leaverOf(facts) === undefined;
}

/** Who said goodbye. */
export function leaverOf(facts: MongoFacts): Side | undefined {
  const alert = goodbyeOf(facts);
  if (alert) return alert.from;
  return facts.record.lastMessage?.name.startsWith('endSessions') ? 'client' : undefined;
}
