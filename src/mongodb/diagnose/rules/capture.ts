/** What the capture lacks would tell; what is seen is said, and nothing else. */
import type { CauseCode } from '../../../diagnosis/catalogue';
import { type Cause, cause } from '../../../diagnosis/cause';
import type { Rule } from '../../../diagnosis/rules';
import { endingOf, type MongoFacts } from '../facts';

export const MISSING_RULES: readonly Rule<MongoFacts>[] = [
  { gives: ['CAPTURE_ONE_DIRECTION', 'CAPTURE_BYTES_MISSING', 'CAPTURE_STARTS_LATE'], find: missing },
];

export const CAPTURE_END_RULES: readonly Rule<MongoFacts>[] = [
  { gives: ['CAPTURE_ENDS'], find: captureEnds },
];

const CODES = {
  direction: 'CAPTURE_ONE_DIRECTION',
  bytes: 'CAPTURE_BYTES_MISSING',
  beginning: 'CAPTURE_STARTS_LATE',
} as const satisfies Record<string, CauseCode>;

const WHOSE = { client: 'the client', server: 'the server', both: 'both sides' } as const;

function missing(facts: MongoFacts): Cause | null {
  const { missing: lacking, record } = facts;
  if (!lacking) return null;
  const params = {
    whose: WHOSE[lacking.whose],
    heard: lacking.whose === 'client' ? 'server' : 'client',
    known: knownOf(facts),
  };
  const outcome = record.authenticated || watched(facts) ? 'ready' : 'incomplete';
  return cause(CODES[lacking.kind], outcome, params);
}

function watched({ record }: MongoFacts): boolean {
  return record.streamed > 0 || record.helloAnswered > 1;
}

/** What was seen all the same. */
function knownOf(facts: MongoFacts): string | null {
  const { record } = facts;
  const { helloAnswered, streamed, attempt, commandsOk, messages } = record;
  const server = record.role === '' ? 'the server' : article(record.role);
  const ending = endingOf(facts);
  const end = ending ? `; then the ${ending.by} ${ending.how} it` : '';
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

function article(role: string): string {
  return /^[aeiou]/.test(role) ? `an ${role}` : `a ${role}`;
}

function captureEnds({ record }: MongoFacts): Cause {
  return cause('CAPTURE_ENDS', 'incomplete', { last: record.lastMessage?.name });
}
