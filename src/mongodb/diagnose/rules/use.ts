/** The connection was usable: logged in, in use without a login, watched; and what ended it later. */
import { type Cause, cause } from '../../../diagnosis/cause';
import { firstCause, type Rule } from '../../../diagnosis/rules';
import { LOSS_RULES } from '../../../diagnosis/rules/loss';
import { OWN_DRIVER } from '../../client/client-hello';
import { endingOf, loginParams, type MongoFacts, roleParams, secondsBetween } from '../facts';
import { otherAddresses } from '../members';
import { serverOfWire, WIRE } from '../wire-versions';

/** Seconds without a message after which an end looks like an idle time-out. */
const IDLE_SECONDS = 1;

/** What ended a connection in use. */
export const ENDED_IN_USE_RULES: readonly Rule<MongoFacts>[] = [
  { gives: LOSS_RULES.flatMap(({ gives }) => gives), find: lostInUse },
  { gives: ['MONGO_CLOSED_WHILE_WORKING'], find: closedWhileWorking },
  { gives: ['MONGO_IDLE_CLOSED'], find: idleClosed },
];

export const USE_RULES: readonly Rule<MongoFacts>[] = [
  { gives: ['MONGO_OLD_SERVER', 'MONGO_MEMBER_NAMES'], find: unfitForDrivers },
  { gives: ['MONGO_READY'], find: loggedIn },
  { gives: ['MONGO_IN_USE'], find: inUse },
  { gives: ['MONGO_OPEN', 'MONGO_NO_LOGIN_TRIED'], find: open },
];

/** The connection came as far as a login or a command that was answered. */
function usable({ record }: MongoFacts): boolean {
  return record.authenticated || record.commandsOk > 0;
}

/** A request waits, and packets are lost. */
function lostInUse(facts: MongoFacts): Cause | null {
  return usable(facts) && facts.record.outstanding ? firstCause(LOSS_RULES, facts) : null;
}

function closedWhileWorking(facts: MongoFacts): Cause | null {
  const { outstanding } = facts.record;
  const ending = endingOf(facts);
  if (!usable(facts) || ending?.by !== 'server' || outstanding?.kind !== 'command' || facts.missing)
    return null;
  const { name } = outstanding;
  const message = `the server ${ending.how} the connection before it answered ${name}`;
  return cause(
    'MONGO_CLOSED_WHILE_WORKING',
    'failed',
    { ...loginParams(facts), command: name, how: ending.how },
    { error: { from: 'server', code: 'MONGO_CLOSED', message } },
  );
}

function idleClosed(facts: MongoFacts): Cause | null {
  const { record } = facts;
  const ending = endingOf(facts);
  if (ending?.by !== 'server' || record.outstanding || record.damage || facts.missing) return null;
  const seen = usable(facts) || record.helloAnswered > 0;
  if (!record.lastMessage || !seen || (record.attempt?.outcome === 'open' && !record.authenticated))
    return null;
  const seconds = secondsBetween(record.lastMessage.mark, ending.mark);
  if (seconds < IDLE_SECONDS) return null;
  const unused = usable(facts) ? null : 1;
  const params = { ...loginParams(facts), seconds, how: ending.how, unused };
  return cause('MONGO_IDLE_CLOSED', unused ? 'incomplete' : 'ready', params, {
    evidence: [{ code: 'SILENCE', params: { side: 'server', seconds, after: record.lastMessage.name } }],
  });
}

/** It works for the Connect Test, and not for an application with an ordinary driver. */
function unfitForDrivers(facts: MongoFacts): Cause | null {
  const { record } = facts;
  const { maxWireVersion: wire, driver } = record;
  if (driver !== OWN_DRIVER || !usable(facts) || facts.missing) return null;
  if (wire !== undefined && wire < WIRE.current) {
    const needed = WIRE.current;
    const params = { wire, server: serverOfWire(wire), needed, neededServer: serverOfWire(needed) };
    return cause('MONGO_OLD_SERVER', 'ready', { ...loginParams(facts), ...params });
  }
  return otherAddresses(facts, 'ready');
}

/** With one direction alone, that is the first thing to say. */
function oneDirection({ missing }: MongoFacts): boolean {
  return missing?.kind === 'direction';
}

function loggedIn(facts: MongoFacts): Cause | null {
  return facts.record.authenticated && !oneDirection(facts)
    ? cause('MONGO_READY', 'ready', loginParams(facts))
    : null;
}

/** Commands are answered, and the login may be in what the capture lacks. */
function inUse(facts: MongoFacts): Cause | null {
  const { record, missing } = facts;
  if (record.commandsOk + record.commandsFailed === 0 || record.outstanding?.kind === 'saslStart')
    return null;
  if (oneDirection(facts)) return null;
  const lacks = missing?.kind ?? (record.compressed > 0 ? 'compressed' : null);
  if (lacks === null) return null;
  return cause('MONGO_IN_USE', 'ready', { ...roleParams(record), lacks });
}

function open(facts: MongoFacts): Cause | null {
  const { record } = facts;
  const trying = record.attempt !== undefined && record.attempt.outcome === 'open';
  if (record.commandsOk === 0 || trying || facts.missing) return null;
  return cause(record.applicationOk > 0 ? 'MONGO_OPEN' : 'MONGO_NO_LOGIN_TRIED', 'ready', {
    ...roleParams(record),
  });
}
