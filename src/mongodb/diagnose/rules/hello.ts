/** hello was refused. */
import type { Cause } from '../../../diagnosis/cause';
import type { Rule } from '../../../diagnosis/rules';
import { MongoCode } from '../../errors';
import type { MongoFacts } from '../facts';
import { failedBy } from './refused';

export const HELLO_RULES: readonly Rule<MongoFacts>[] = [
  { gives: ['MONGO_HELLO_NEEDS_LOGIN', 'MONGO_HELLO_REFUSED'], find: refused },
];

function refused(facts: MongoFacts): Cause | null {
  const { helloRefusal, helloAnswered, authenticated } = facts.record;
  if (!helloRefusal || helloAnswered > 0 || authenticated) return null;
  const needsLogin = helloRefusal.code === MongoCode.UNAUTHORIZED;
  return failedBy(needsLogin ? 'MONGO_HELLO_NEEDS_LOGIN' : 'MONGO_HELLO_REFUSED', facts, helloRefusal);
}
