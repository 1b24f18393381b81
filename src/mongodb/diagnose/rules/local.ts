/** What the Connect Test found out by itself, and what is sealed. */
import { type Cause, cause } from '../../../diagnosis/cause';
import type { Rule } from '../../../diagnosis/rules';
import type { MongoFacts } from '../facts';

/** What does not show on the wire at all: before every rule that reads it. */
export const CLIENT_ONLY_RULES: readonly Rule<MongoFacts>[] = [{ gives: ['MONGO_SET_NAME'], find: setName }];

/** What the wire shows by itself, too, where it shows it: behind the rules that read it. */
export const LOCAL_RULES: readonly Rule<MongoFacts>[] = [{ gives: ['MONGO_CLIENT_ERROR'], find: localError }];

export const ENCRYPTED_RULES: readonly Rule<MongoFacts>[] = [{ gives: ['MONGO_ENCRYPTED'], find: encrypted }];

function setName({ record }: MongoFacts): Cause | null {
  const { localError: error, topology } = record;
  if (error?.code !== 'MONGO_REPLICA_SET') return null;
  const params = { setName: topology?.setName, text: error.message };
  return cause('MONGO_SET_NAME', 'failed', params, { error, certainty: 'shown' });
}

function localError({ record }: MongoFacts): Cause | null {
  const { localError: error } = record;
  if (!error) return null;
  return cause(
    'MONGO_CLIENT_ERROR',
    'failed',
    { text: error.message, code: error.code },
    { error, side: error.from },
  );
}

function encrypted({ record, trace }: MongoFacts): Cause | null {
  const sealed = record.opaque.client + record.opaque.server > 0 || record.tlsEstablished;
  if (!sealed || record.messages.client + record.messages.server > 0) return null;
  return cause('MONGO_ENCRYPTED', 'encrypted', { version: trace.tls?.version });
}
