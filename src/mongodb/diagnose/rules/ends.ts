/** Ends without a word: who closed, or left. */

import { type Cause, cause } from '../../../diagnosis/cause';
import type { Rule } from '../../../diagnosis/rules';
import { DRIVER_DEFAULTS } from '../../client/client-options';
import { type Ending, endingOf, loginParams, type MongoFacts, roleParams } from '../facts';

/** The last of all: somebody ended the connection, and no rule knows why. */
export const ENDED_RULE: Rule<MongoFacts> = { gives: ['MONGO_ENDED'], find: ended };

export const END_RULES: readonly Rule<MongoFacts>[] = [
  { gives: ['MONGO_CLOSED_ON_HELLO', 'MONGO_CLOSED_ON_HELLO_IN_TLS'], find: closedOnHello },
  { gives: ['MONGO_CLOSED_DURING_LOGIN'], find: closedDuringLogin },
  { gives: ['MONGO_CLOSED_AFTER_HELLO'], find: closedAfterHello },
  {
    gives: ['MONGO_TOO_FEW_ITERATIONS', 'MONGO_NONCE_CHANGED', 'MONGO_SIGNATURE_REFUSED', 'MONGO_ABANDONED'],
    find: abandoned,
  },
];

function closedByServer(facts: MongoFacts): Ending | null {
  const ending = endingOf(facts);
  return ending?.by === 'server' && !facts.missing ? ending : null;
}

function closedError({ how }: Ending, when: string) {
  return {
    from: 'server',
    code: 'MONGO_CLOSED',
    message: `the server ${how} the connection ${when}`,
  } as const;
}

function closedOnHello(facts: MongoFacts): Cause | null {
  const ending = closedByServer(facts);
  const { record } = facts;
  if (!ending || record.helloAnswered > 0 || record.messages.server > 0) return null;
  if (record.messages.client === 0 && !facts.secure) return null;
  const error = closedError(ending, 'before it answered hello');
  const code = facts.secure ? 'MONGO_CLOSED_ON_HELLO_IN_TLS' : 'MONGO_CLOSED_ON_HELLO';
  const service = serviceOf(facts.trace.server.port);
  return cause(code, 'failed', { how: ending.how, service }, { error });
}

/** Services that have a port of their own: who listens there may still be somebody else. */
function serviceOf(port: number): string | null {
  return port === 10_255 ? 'Cosmos DB' : null;
}

function closedDuringLogin(facts: MongoFacts): Cause | null {
  const ending = closedByServer(facts);
  const { outstanding, attempt } = facts.record;
  const step = outstanding && outstanding.kind !== 'hello' && outstanding.kind !== 'command';
  if (!ending || !(step || attempt?.outcome === 'open')) return null;
  const error = closedError(ending, 'during the login');
  const command = outstanding?.name ?? 'the next step';
  return cause(
    'MONGO_CLOSED_DURING_LOGIN',
    'failed',
    { ...loginParams(facts), command, how: ending.how },
    { error },
  );
}

function closedAfterHello(facts: MongoFacts): Cause | null {
  const ending = closedByServer(facts);
  if (!ending || facts.record.messages.server === 0) return null;
  const error = closedError(ending, 'after hello');
  return cause(
    'MONGO_CLOSED_AFTER_HELLO',
    'failed',
    { ...roleParams(facts.record), how: ending.how },
    { error },
  );
}

/** The client left between two steps of its login. */
function abandoned(facts: MongoFacts): Cause | null {
  const { attempt, lastMessage, messages } = facts.record;
  if (facts.missing || endingOf(facts)?.by !== 'client') return null;
  if (attempt?.outcome !== 'open' || messages.server === 0) return null;
  const last = lastMessage?.name ?? 'hello';
  const error = {
    from: 'client',
    code: 'MONGO_ABANDONED',
    message: `the client gave up after ${last}`,
  } as const;
  const params = { ...loginParams(facts), last };
  const { iterations, nonceContinued, signature } = attempt;
  const least = DRIVER_DEFAULTS.minIterations;
  if (iterations !== null && iterations < least)
    return cause('MONGO_TOO_FEW_ITERATIONS', 'failed', { ...params, iterations, least }, { error });
  if (!nonceContinued) return cause('MONGO_NONCE_CHANGED', 'failed', params, { error });
  return cause(signature ? 'MONGO_SIGNATURE_REFUSED' : 'MONGO_ABANDONED', 'failed', params, { error });
}

function ended(facts: MongoFacts): Cause | null {
  const ending = endingOf(facts);
  if (!ending) return null;
  const last = facts.record.lastMessage?.name;
  return cause('MONGO_ENDED', 'incomplete', { by: ending.by, how: ending.how, last }, { side: ending.by });
}
