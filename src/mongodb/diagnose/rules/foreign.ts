/** Bytes that are not MongoDB, where messages were expected. */

import { type Cause, cause } from '../../../diagnosis/cause';
import { serverName } from '../../../diagnosis/facts';
import type { Rule } from '../../../diagnosis/rules';
import { i32le } from '../../wire/bson-span';
import { OPCODE_AT } from '../../wire/opcodes';
import { endingOf, type MongoFacts } from '../facts';

export const FOREIGN_RULES: readonly Rule<MongoFacts>[] = [
  { gives: ['MONGO_UNKNOWN_OPCODE'], find: unknownOpcode },
  { gives: ['MONGO_NOT_MONGODB'], find: notMongo },
];

function unknownOpcode(facts: MongoFacts): Cause | null {
  const { damage } = facts.record;
  const ending = endingOf(facts);
  if (damage?.from !== 'client' || damage.code !== 'MONGO_BAD_OPCODE' || facts.missing) return null;
  if (ending?.by !== 'server' || damage.head.length < OPCODE_AT + 4) return null;
  const opcode = i32le(damage.head, OPCODE_AT);
  const message = `the server ${ending.how} the connection after the operation code ${opcode}`;
  return cause(
    'MONGO_UNKNOWN_OPCODE',
    'failed',
    { opcode, how: ending.how },
    {
      error: { from: 'server', code: 'MONGO_CLOSED', message },
    },
  );
}

function notMongo(facts: MongoFacts): Cause | null {
  const { damage, messages } = facts.record;
  if (damage?.from !== 'server' || messages.server > 0 || facts.missing) return null;
  const message = 'the reply is not the MongoDB protocol';
  return cause(
    'MONGO_NOT_MONGODB',
    'failed',
    { server: serverName(facts) },
    {
      error: { from: 'server', code: 'NOT_MONGODB', message },
    },
  );
}
