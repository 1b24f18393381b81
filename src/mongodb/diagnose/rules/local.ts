/** What the Connect Test itself reported, against what the wire shows; and what is sealed. */
import type { CauseCode } from '../../../diagnosis/catalogue';
import { type Cause, cause } from '../../../diagnosis/cause';
import type { Rule } from '../../../diagnosis/rules';
import type { MongoFacts } from '../facts';

export const LOCAL_RULES: readonly Rule<MongoFacts>[] = [
  { gives: ['MONGO_SET_NAME', 'MONGO_CLIENT_ERROR'], find: localCause },
];

export const ENCRYPTED_RULES: readonly Rule<MongoFacts>[] = [{ gives: ['MONGO_ENCRYPTED'], find: encrypted }];

/** Causes that say only that the client left: why, it knows itself. */
const LEFT_FOR_ITS_OWN_REASON: ReadonlySet<CauseCode> = new Set<CauseCode>([
  'TCP_PORT_CHECK',
  'TCP_CLIENT_CANCELLED',
  'TLS_ENDED_BY_CLIENT',
  'TLS_CERTIFICATE_REFUSED',
  'MONGO_ONLY_HELLO',
  'MONGO_MONITOR',
  'MONGO_ABANDONED',
]);

/**
 * The cause of a live test: what the wire shows is the same as in a capture of it; where it shows only that the client left, the client's
 * own error is the cause, and elsewhere it is evidence.
 */
export function withLocal(found: Cause, facts: MongoFacts): Cause {
  const { localError } = facts.record;
  if (!localError || found.params.text === localError.message) return found;
  // A name or socket that is not there: nothing was sent that could go unanswered.
  const nowhere = found.code === 'TCP_NO_ANSWER' && !/TIMEDOUT|TIMEOUT/.test(localError.code);
  if (nowhere || LEFT_FOR_ITS_OWN_REASON.has(found.code)) return localCause(facts) ?? found;
  const said = { code: 'PEER_SAID', params: { side: localError.from, text: localError.message } } as const;
  return { ...found, evidence: [...(found.evidence ?? []), said] };
}

function localCause({ record }: MongoFacts): Cause | null {
  const { localError: error, topology } = record;
  if (!error) return null;
  const { message: text, code, from: side } = error;
  if (code === 'MONGO_REPLICA_SET')
    return cause(
      'MONGO_SET_NAME',
      'failed',
      { setName: topology?.setName, text },
      { error, certainty: 'shown' },
    );
  return cause('MONGO_CLIENT_ERROR', 'failed', { text, code }, { error, side });
}

function encrypted({ record, trace, wire, missing }: MongoFacts): Cause | null {
  // Where something is missing it need not be a conversation: a refusal is sealed, too.
  if (missing && !(wire.tls && wire.tls.data.client > 0 && wire.tls.data.server > 0)) return null;
  const sealed = record.opaque.client + record.opaque.server > 0 || record.tlsEstablished;
  if (!sealed || record.messages.client + record.messages.server > 0) return null;
  return cause('MONGO_ENCRYPTED', 'encrypted', { version: trace.tls?.version });
}
