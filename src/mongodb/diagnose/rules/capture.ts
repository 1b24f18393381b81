/** What the capture lacks would tell; what is seen is said, and nothing else. */
import type { Cause } from '../../../diagnosis/cause';
import { firstCause, type Rule } from '../../../diagnosis/rules';
import { MISSING_RULES } from '../../../diagnosis/rules/shared';
import { knownText } from '../../../diagnosis/words/en/mongodb-known';
import { endedTogether, endingOf, type MongoFacts, roleParams } from '../facts';

export const LACKING_RULES: readonly Rule<MongoFacts>[] = [
  { gives: MISSING_RULES.flatMap(({ gives }) => gives), find: lacking },
];

/** The shared rules say what is missing; what was seen all the same is for the protocol to say. */
function lacking(facts: MongoFacts): Cause | null {
  const found = firstCause(MISSING_RULES, facts);
  const known = found && knownOf(facts);
  if (!found || known === null) return found;
  const outcome = facts.record.authenticated || watched(facts) ? 'ready' : found.outcome;
  return { ...found, outcome, params: { ...found.params, known } };
}

function watched({ record }: MongoFacts): boolean {
  return record.streamed > 0 || record.helloAnswered > 1;
}

function knownOf(facts: MongoFacts): string | null {
  const { record } = facts;
  const { helloAnswered, streamed, commandsOk, messages, authenticated } = record;
  const ending = endingOf(facts);
  return knownText({
    ...roleParams(record),
    helloAnswered,
    streamed,
    commandsOk,
    messages,
    authenticated,
    mechanism: record.attempt?.mechanism ?? null,
    ending: ending && (endedTogether(facts) ? 'together' : ending),
  });
}
