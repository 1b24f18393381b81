/** What the capture lacks would tell; what is seen is said, and nothing else. */
import type { Cause } from '../../../diagnosis/cause';
import { firstCause, type Rule } from '../../../diagnosis/rules';
import { MISSING_RULES } from '../../../diagnosis/rules/shared';
import { serverText } from '../../../diagnosis/words/en/mongodb-parts';
import { endedTogether, endingOf, type MongoFacts } from '../facts';

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

/** What was seen all the same. */
function knownOf(facts: MongoFacts): string | null {
  const { record } = facts;
  const { helloAnswered, streamed, attempt, commandsOk, messages } = record;
  const server = serverText({ role: record.role, setName: record.topology?.setName });
  const end = endOf(facts);
  if (record.authenticated) return `a login succeeded${end}`;
  if (attempt) return `a login with ${attempt.mechanism} was under way${end}`;
  if (commandsOk > 0) return `commands were answered${end}`;
  if (streamed > 0) return `${server} streamed hello replies to a monitor${end}`;
  if (helloAnswered > 0) {
    const often = helloAnswered === 1 ? 'once' : `${helloAnswered} times`;
    return `${server} answered hello ${often}, and nothing else was seen, so whether the client logged in before is not known${end}`;
  }
  if (messages.client > 0) return `${messages.client} messages from the client were read`;
  return messages.server > 0 ? `${messages.server} messages from the server were read${end}` : null;
}

function endOf(facts: MongoFacts): string {
  const ending = endingOf(facts);
  if (ending === null) return '';
  return endedTogether(facts) ? '; then both sides closed it' : `; then the ${ending.by} ${ending.how} it`;
}
