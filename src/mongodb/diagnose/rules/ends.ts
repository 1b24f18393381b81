/** Ends without a word: who closed, or who was silent for how long. */

import type { Side } from '../../../base/mark';
import { type Cause, cause } from '../../../diagnosis/cause';
import type { Rule } from '../../../diagnosis/rules';
import { DRIVER_DEFAULTS } from '../../client/client-options';
import { type Ending, endingOf, loginParams, type MongoFacts, secondsBetween } from '../facts';

/** Seconds that a client gives a server at least; who leaves earlier did not wait for the answer. */
const PATIENCE = 0.3;

/** Seconds that a capture must go on after a request to tell that nobody answered it. */
const LONG_SILENCE = 3;

export const END_RULES: readonly Rule<MongoFacts>[] = [
  { gives: ['MONGO_CLOSED_IN_TLS_HANDSHAKE'], find: closedInTls },
  { gives: ['MONGO_CLOSED_ON_HELLO', 'MONGO_CLOSED_ON_HELLO_IN_TLS'], find: closedOnHello },
  { gives: ['MONGO_CLOSED_DURING_LOGIN'], find: closedDuringLogin },
  { gives: ['MONGO_CLOSED_AFTER_HELLO'], find: closedAfterHello },
  {
    gives: ['MONGO_HELLO_UNANSWERED', 'MONGO_REQUEST_UNANSWERED', 'MONGO_CLIENT_LEFT_EARLY'],
    find: unanswered,
  },
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

function closedInTls(facts: MongoFacts): Cause | null {
  const ending = closedByServer(facts);
  if (!ending || !facts.secure || facts.established) return null;
  const error = closedError(ending, 'during the TLS handshake');
  return cause('MONGO_CLOSED_IN_TLS_HANDSHAKE', 'failed', { how: ending.how }, { error });
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

/** Services that have a port of their own. */
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
  return cause('MONGO_CLOSED_AFTER_HELLO', 'failed', { role: facts.record.role, how: ending.how }, { error });
}

/** A request that nobody answered: until the client left, or for as long as the capture went on. */
function unanswered(facts: MongoFacts): Cause | null {
  const { outstanding } = facts.record;
  if (!outstanding || facts.missing) return null;
  const ending = endingOf(facts);
  if (ending?.by === 'server') return null;
  const until = ending?.mark ?? facts.wire.captureEnd;
  if (!until) return null;
  const seconds = secondsBetween(outstanding.mark, until);
  if (!ending && seconds < LONG_SILENCE) return null;
  const params = { ...loginParams(facts), command: outstanding.name, seconds, left: ending ? 1 : null };
  if (ending && seconds < PATIENCE) return cause('MONGO_CLIENT_LEFT_EARLY', 'incomplete', params);
  const code = outstanding.kind === 'hello' ? 'MONGO_HELLO_UNANSWERED' : 'MONGO_REQUEST_UNANSWERED';
  return cause(code, 'failed', params, {
    step: outstanding.step,
    error: { from: 'server', code: 'TIMEOUT', message: `no answer to ${outstanding.name} for ${seconds} s` },
    evidence: [silence('server', seconds, outstanding.name)],
  });
}

function silence(side: Side, seconds: number, after: string) {
  return { code: 'SILENCE', params: { side, seconds, after } } as const;
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
