/** What the server is in its replica set: some members no application can use. */
import type { CauseCode } from '../../../diagnosis/catalogue';
import { type Cause, cause } from '../../../diagnosis/cause';
import type { Rule } from '../../../diagnosis/rules';
import { roleText } from '../../../diagnosis/words/en/mongodb-parts';
import type { Outcome } from '../../../trace/model';
import { endingOf, type MongoFacts, roleParams } from '../facts';
import type { Topology } from '../record';
import { failedBy } from './refused';

/** Before the rules about refusals: these members refuse every login. */
export const MEMBER_REFUSAL_RULES: readonly Rule<MongoFacts>[] = [
  { gives: ['MONGO_NOT_INITIATED', 'MONGO_ARBITER', 'MONGO_MEMBER_UNAVAILABLE'], find: refusedByMember },
];

export const MEMBER_RULES: readonly Rule<MongoFacts>[] = [
  { gives: ['MONGO_HIDDEN_MEMBER'], find: hidden },
  { gives: ['MONGO_NOT_INITIATED', 'MONGO_ARBITER', 'MONGO_MEMBER_UNAVAILABLE'], find: unusable },
];

/** Behind the rules about what ended a connection in use: what happened to it counts more than what the member is. */
export const NO_PRIMARY_RULE: Rule<MongoFacts> = { gives: ['MONGO_NO_PRIMARY'], find: noPrimary };

const UNUSABLE: readonly (readonly [(topology: Topology) => boolean, CauseCode])[] = [
  [({ role }) => role === 'uninitialised', 'MONGO_NOT_INITIATED'],
  [({ role }) => role === 'arbiter', 'MONGO_ARBITER'],
  [({ role }) => role === 'member', 'MONGO_MEMBER_UNAVAILABLE'],
];

function unusableCode({ record }: MongoFacts): CauseCode | undefined {
  const { topology } = record;
  return topology && UNUSABLE.find(([is]) => is(topology))?.[1];
}

function paramsOf({ record }: MongoFacts) {
  return { ...roleParams(record), info: record.topology?.info };
}

/** A login that was refused because of what the member is. */
function refusedByMember(facts: MongoFacts): Cause | null {
  const { authRefusal } = facts.record;
  const code = unusableCode(facts);
  return authRefusal && code
    ? failedBy(code, facts, authRefusal, paramsOf(facts), { severity: 'error' })
    : null;
}

function unusable(facts: MongoFacts): Cause | null {
  const { record } = facts;
  const code = unusableCode(facts);
  if (!code || record.authenticated || record.applicationOk > 0) return null;
  if (code === 'MONGO_NOT_INITIATED') {
    const message = record.topology?.info ?? 'the replica set is not initiated';
    return cause(code, 'failed', paramsOf(facts), { error: { from: 'server', code, message } });
  }
  // Drivers watch every member of a set, also one that no application uses.
  const watched = record.helloAnswered > 1 || record.awaitable;
  if (record.attempt) {
    const error = {
      from: 'server',
      code,
      message: `the server is an unusable ${roleText(record.role, record.topology?.setName)}`,
    } as const;
    return cause(code, 'failed', paramsOf(facts), { error, severity: 'error' });
  }
  const outcome: Outcome = watched ? 'ready' : 'incomplete';
  return cause(code, outcome, paramsOf(facts), watched ? { severity: 'info' } : {});
}

/** Drivers ignore a member that the set hides, unless they are told to use this address alone. */
function hidden(facts: MongoFacts): Cause | null {
  const { record } = facts;
  if (!record.topology?.hidden || record.authenticated || record.commandsOk > 0) return null;
  return endingOf(facts)?.by === 'client' && !facts.missing
    ? cause('MONGO_HIDDEN_MEMBER', 'incomplete', paramsOf(facts))
    : null;
}

/** A secondary that knows no primary, on a connection that an application uses. */
function noPrimary(facts: MongoFacts): Cause | null {
  const { record } = facts;
  const { topology } = record;
  if (topology?.role !== 'secondary' || topology.primary !== undefined) return null;
  const used = record.authenticated || record.commandsOk > 0;
  if (!used && endingOf(facts)?.by !== 'client') return null;
  if (!used && (record.helloAnswered > 1 || record.awaitable)) return null;
  return cause('MONGO_NO_PRIMARY', used ? 'ready' : 'incomplete', paramsOf(facts));
}
