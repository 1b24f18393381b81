/** What else the Connect Test ended with, where neither its bytes nor a cause of its own tell; and what is sealed. */
import { type Cause, cause } from '../../../diagnosis/cause';
import type { Rule } from '../../../diagnosis/rules';
import type { MongoFacts } from '../facts';

export const LOCAL_RULES: readonly Rule<MongoFacts>[] = [
  { gives: ['MONGO_CLIENT_ERROR'], find: localError },
];

export const ENCRYPTED_RULES: readonly Rule<MongoFacts>[] = [{ gives: ['MONGO_ENCRYPTED'], find: encrypted }];

function localError(facts: MongoFacts): Cause | null {
  const { localError: error, topology } = facts.record;
  if (!error) return null;
  const params = { text: error.message, code: error.code, setName: topology?.setName };
  const details = { error, side: error.from };
  return cause('MONGO_CLIENT_ERROR', 'failed', params, details);
}

function encrypted({ record, trace }: MongoFacts): Cause | null {
  const sealed = record.opaque.client + record.opaque.server > 0 || record.tlsEstablished;
  if (!sealed || record.messages.client + record.messages.server > 0) return null;
  return cause('MONGO_ENCRYPTED', 'encrypted', { version: trace.tls?.version });
}
