/** What came of an observed conversation: the cause by rules, and the findings beside it. */
import type { CauseCode } from '../../diagnosis/catalogue';
import { causeWhoeverLeft, closesTurned, otherOf } from '../../diagnosis/crossed';
import { applyCause } from '../../diagnosis/render';
import type { WireEvidence } from '../../diagnosis/wire';
import type { TraceBuilder } from '../../trace/builder';
import { DRIVER_DEFAULTS } from '../client/client-options';
import { factsOf, type MongoFacts, userOf } from './facts';
import { addFinding, type FindingCode } from './findings';
import { hasGap, type ObserverRecord } from './record';
import { MONGODB_RULES } from './rules';
import { withLocal } from './rules/local';

/** Fills the trace. `secure`: the conversation was, or should have been, inside TLS. */
export function conclude(
  trace: TraceBuilder,
  record: ObserverRecord,
  wire: WireEvidence,
  secure: boolean,
): void {
  const facts = factsOf(trace, record, wire, secure);
  fillAuth(facts);
  addFindings(facts);
  if (record.localError) trace.fail(record.localError);
  const found = causeWhoeverLeft(MONGODB_RULES, facts, () =>
    factsOf(trace, { ...record, closedBy: otherOf(record.closedBy) }, closesTurned(wire), secure),
  );
  const told = withLocal(found, facts);
  applyCause(trace, told);
  dropRepeats(trace, told.code);
}

/** Findings that say the same as a cause. */
const REPEATS: Partial<Record<CauseCode, FindingCode>> = {
  CAPTURE_STARTS_LATE: 'MG_CAPTURE_STARTS_LATE',
  CAPTURE_BYTES_MISSING: 'MG_GAP',
  MONGO_TOO_FEW_ITERATIONS: 'MG_LOW_ITERATIONS',
  MONGO_NONCE_CHANGED: 'MG_NONCE_MISMATCH',
  MONGO_REAUTHENTICATION: 'MG_REAUTHENTICATION',
  MONGO_UNKNOWN_OPCODE: 'MG_MALFORMED',
  MONGO_NOT_MONGODB: 'MG_MALFORMED',
};

function dropRepeats({ findings }: TraceBuilder, cause: CauseCode): void {
  const at = findings.findIndex(({ code }) => code === REPEATS[cause]);
  if (at >= 0) findings.splice(at, 1);
}

function fillAuth({ trace, record }: MongoFacts): void {
  const { attempt } = record;
  if (!attempt) {
    if (record.authenticated) trace.auth.outcome = 'ok';
    return;
  }
  trace.auth.mechanism = attempt.mechanism;
  trace.auth.user = userOf(record);
  trace.auth.database = attempt.database;
  trace.auth.outcome = authOutcome(record);
}

function authOutcome(record: ObserverRecord) {
  const { attempt, authRefusal, closedBy, localError } = record;
  if (attempt?.outcome === 'ok' || attempt?.outcome === 'failed') return attempt.outcome;
  if (authRefusal) return 'failed';
  const over = closedBy !== undefined || localError !== undefined;
  // With a hole in the capture its end may have been in the hole.
  return over && !hasGap(record) ? 'abandoned' : 'unknown';
}

function addFindings({ trace, record, secure, missing }: MongoFacts): void {
  const { attempt } = record;
  if (record.midStream && record.messages.client + record.messages.server > 0) {
    addFinding(trace, 'MG_CAPTURE_STARTS_LATE', []);
  }
  const subject = record.clientCertificates?.[0]?.subject;
  if (subject !== undefined && record.messages.client + record.messages.server === 0) {
    addFinding(trace, 'MG_CLIENT_CERTIFICATE', [], `"${subject}"`);
  }
  if (!attempt) return;
  const { mechanism, frames, iterations } = attempt;
  if (mechanism === 'MONGODB-CR') addFinding(trace, 'MG_CR', frames);
  if (!secure && attempt.proofSent && mechanism !== 'MONGODB-X509') {
    if (mechanism === 'PLAIN') addFinding(trace, 'MG_PLAIN_IN_THE_CLEAR', frames);
    else addFinding(trace, 'MG_CREDENTIALS_WITHOUT_TLS', frames, mechanism);
  }
  if (iterations !== null && iterations < DRIVER_DEFAULTS.minIterations) {
    addFinding(trace, 'MG_LOW_ITERATIONS', frames, String(iterations));
  }
  if (attempt.outcome === 'ok' && mechanism.startsWith('SCRAM-') && !attempt.signature && !missing) {
    addFinding(trace, 'MG_SERVER_SIGNATURE_MISSING', frames);
  }
}
