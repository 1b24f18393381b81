/** The application's first command was refused: connected is not enough. */
import { type Cause, cause } from '../../../diagnosis/cause';
import type { Rule } from '../../../diagnosis/rules';
import { MongoCode } from '../../errors';
import { loginParams, type MongoFacts, refusalParams } from '../facts';
import type { Refusal } from '../record';
import { failedBy } from './refused';

export const COMMAND_RULES: readonly Rule<MongoFacts>[] = [
  { gives: ['MONGO_AUTHENTICATION_REQUIRED'], find: loginRequired },
  { gives: ['MONGO_UNAUTHORIZED'], find: unauthorized },
  { gives: ['MONGO_COMMAND_UNKNOWN', 'MONGO_COMMAND_FAILED'], find: failed },
];

/** Codes that say that a command, or a part of it, is not to be had from this server. */
const UNKNOWN = new Set<number | undefined>([
  MongoCode.COMMAND_NOT_FOUND,
  MongoCode.COMMAND_NOT_SUPPORTED,
  303,
  40_324,
]);

/** The refused command, where no other command of the application was answered. */
function refusedCommand({ record }: MongoFacts): Refusal | undefined {
  return record.applicationOk === 0 ? record.commandRefusal : undefined;
}

function loginRequired(facts: MongoFacts): Cause | null {
  const refusal = refusedCommand(facts);
  const { authenticated, attempt } = facts.record;
  if (refusal?.code !== MongoCode.UNAUTHORIZED || authenticated) return null;
  const says = /requires? authentication|authentication (is )?required|need to login/i.test(refusal.text);
  // What the capture lacks may be the login; the server's own words may still rule it out.
  if (facts.missing && !says) return null;
  if (attempt && attempt.outcome !== 'dropped' && !says) return null;
  return failedBy('MONGO_AUTHENTICATION_REQUIRED', facts, refusal);
}

function unauthorized(facts: MongoFacts): Cause | null {
  const refusal = refusedCommand(facts);
  if (refusal?.code !== MongoCode.UNAUTHORIZED) return null;
  return facts.record.authenticated
    ? failedBy('MONGO_UNAUTHORIZED', facts, refusal)
    : failedBy(
        'MONGO_UNAUTHORIZED',
        facts,
        refusal,
        {},
        {
          certainty: 'possible',
          alternatives: ['MONGO_AUTHENTICATION_REQUIRED'],
        },
      );
}

function failed(facts: MongoFacts): Cause | null {
  const refusal = refusedCommand(facts);
  if (!refusal) return null;
  if (UNKNOWN.has(refusal.code)) return failedBy('MONGO_COMMAND_UNKNOWN', facts, refusal);
  // ping and buildInfo are answered to everybody: who is refused them cannot work here.
  if (refusal.name === 'ping' || refusal.name.toLowerCase() === 'buildinfo')
    return failedBy('MONGO_COMMAND_FAILED', facts, refusal, {}, { severity: 'error' });
  const params = { ...loginParams(facts), ...refusalParams(refusal) };
  return cause('MONGO_COMMAND_FAILED', 'ready', params, { step: refusal.step });
}
