/** hello was answered and the client sent no command: why drivers leave there, and who only watches. */
import { type Cause, cause } from '../../../diagnosis/cause';
import type { Rule } from '../../../diagnosis/rules';
import { endingOf, leaverOf, type MongoFacts, roleParams } from '../facts';
import { otherNames } from '../members';
import { lowestWireVersion, serverOfWire } from '../wire-versions';
import { driverOf } from './refused';

export const LEFT_RULES: readonly Rule<MongoFacts>[] = [
  { gives: ['MONGO_WIRE_VERSION_TOO_OLD', 'MONGO_WIRE_VERSION_TOO_NEW'], find: wireVersion },
  { gives: ['MONGO_NO_SERVICE_ID'], find: noServiceId },
  { gives: ['MONGO_MONITOR'], find: monitor },
  { gives: ['MONGO_MEMBER_NAMES'], find: memberNames },
  { gives: ['MONGO_ONLY_HELLO'], find: onlyHello },
];

/** hello was answered, nothing else was, and the client ended the connection. */
function leftAfterHello(facts: MongoFacts): boolean {
  const { record } = facts;
  const more = record.commandsOk + record.commandsFailed > 0 || record.authenticated;
  const trying = record.attempt !== undefined && record.attempt.outcome === 'open';
  if (record.helloAnswered === 0 || more || trying || record.outstanding || facts.missing) return false;
  return mayHaveLeft(facts);
}

/**
 * Nothing was outstanding and both sides sent their FIN: whose came first says nothing about who wanted to end it. A goodbye, a reset, or the
 * FIN of the server alone does.
 */
function mayHaveLeft(facts: MongoFacts): boolean {
  const ending = endingOf(facts);
  if (ending?.by === 'client') return true;
  if (leaverOf(facts) === 'server') return false;
  const both = facts.wire.closes.some(({ from, how }) => from === 'client' && how === 'fin');
  return ending?.how === 'closed' && both;
}

function wireVersion(facts: MongoFacts): Cause | null {
  if (!leftAfterHello(facts)) return null;
  const { maxWireVersion: wire = 0, topology, driver, driverVersion } = facts.record;
  const name = driverOf(facts);
  const min = topology?.minWireVersion ?? 0;
  if (name !== null && min > 0 && driver !== '') {
    const params = { wire: min, server: serverOfWire(min), driver: name };
    return cause('MONGO_WIRE_VERSION_TOO_NEW', 'failed', params, {
      error: incompatible(`from ${min} on`),
      certainty: 'possible',
    });
  }
  const needed = lowestWireVersion(driver, driverVersion);
  if (needed === undefined || wire >= needed) return null;
  const params = {
    wire,
    server: serverOfWire(wire),
    driver: name,
    needed,
    neededServer: serverOfWire(needed),
  };
  return cause('MONGO_WIRE_VERSION_TOO_OLD', 'failed', params, { error: incompatible(`up to ${wire}`) });
}

function incompatible(what: string) {
  return {
    from: 'client',
    code: 'MONGO_WIRE_VERSION',
    message: `the server speaks wire versions ${what}`,
  } as const;
}

function noServiceId(facts: MongoFacts): Cause | null {
  const { record } = facts;
  if (!record.loadBalanced || record.topology?.serviceId || !leftAfterHello(facts)) return null;
  const message = 'the server does not support load balanced connections';
  return cause(
    'MONGO_NO_SERVICE_ID',
    'failed',
    { ...roleParams(record), driver: driverOf(facts) },
    {
      error: { from: 'client', code: 'MONGO_NO_SERVICE_ID', message },
    },
  );
}

/** hello again and again, or with the wish to hear of changes: also while the connection is open. */
function monitor(facts: MongoFacts): Cause | null {
  const { record } = facts;
  const more = record.commandsOk + record.commandsFailed > 0 || record.attempt !== undefined;
  const watches = record.helloAnswered > 1 || (record.helloAnswered > 0 && record.awaitable);
  if (!watches || more || facts.missing || (endingOf(facts) && !mayHaveLeft(facts))) return null;
  return cause('MONGO_MONITOR', 'ready', roleParams(record));
}

function memberNames(facts: MongoFacts): Cause | null {
  return leftAfterHello(facts) ? otherNames(facts, 'incomplete') : null;
}

function onlyHello(facts: MongoFacts): Cause | null {
  if (!leftAfterHello(facts)) return null;
  const both = endingOf(facts)?.by === 'server';
  const params = { ...roleParams(facts.record), driver: driverOf(facts), both: both ? 1 : null };
  return cause(
    'MONGO_ONLY_HELLO',
    'incomplete',
    params,
    both ? { alternatives: ['MONGO_CLOSED_AFTER_HELLO'] } : {},
  );
}
