/** Logins refused because of their mechanism: not known, not enabled, removed, or not for this user. */
import type { Cause } from '../../../diagnosis/cause';
import type { Rule } from '../../../diagnosis/rules';
import { unquoted } from '../../../diagnosis/unquoted';
import { MongoCode } from '../../errors';
import type { MongoFacts } from '../facts';
import type { Refusal } from '../record';
import { serverOfWire, WIRE } from '../wire-versions';
import { failedBy } from './refused';

/** The wire version of the first server that has the mechanism. */
const SINCE: ReadonlyMap<string, number> = new Map([
  ['SCRAM-SHA-1', WIRE.scram],
  ['SCRAM-SHA-256', WIRE.scramSha256],
]);

/** The mechanisms that only some builds of the server have. */
const EDITIONS: ReadonlyMap<string, string> = new Map([
  ['PLAIN', 'MongoDB Enterprise and Atlas'],
  ['GSSAPI', 'MongoDB Enterprise and Atlas'],
  ['MONGODB-OIDC', 'MongoDB Enterprise and Atlas from 7.0 on'],
  ['MONGODB-AWS', 'Atlas'],
]);

export const MECHANISM_RULES: readonly Rule<MongoFacts>[] = [
  { gives: ['MONGO_CR_REMOVED', 'MONGO_MECHANISM_TOO_NEW', 'MONGO_NO_LOGIN_COMMANDS'], find: unknownCommand },
  { gives: ['MONGO_EXTERNAL_USER_WITH_SCRAM'], find: externalUser },
  { gives: ['MONGO_USER_LACKS_MECHANISM'], find: noCredentials },
  {
    gives: ['MONGO_CR_REMOVED', 'MONGO_MECHANISM_TOO_NEW', 'MONGO_MECHANISM_NOT_ENABLED'],
    find: unavailable,
  },
];

/** Servers before 3.0 gave no code to a command that they do not know. */
function unknownCommand(facts: MongoFacts): Cause | null {
  const { authRefusal: refusal, attempt, maxWireVersion: wire } = facts.record;
  if (!refusal) return null;
  const { code, text, name } = refusal;
  const unknown =
    code === MongoCode.COMMAND_NOT_FOUND || (code === undefined && /no such c(om)?m(an)?d/i.test(text));
  if (!unknown) return null;
  if (name === 'getnonce' || name === 'authenticate') {
    return failedBy('MONGO_CR_REMOVED', facts, refusal, { answer: refusal.error.code });
  }
  if (wire !== undefined && wire >= WIRE.scram) {
    return failedBy('MONGO_NO_LOGIN_COMMANDS', facts, refusal, { server: serverOfWire(wire) });
  }
  // What the server is may be in what the capture lacks.
  if (wire === undefined && facts.missing) return null;
  // Only a hello without a wire version tells of a server that is too old.
  if (wire === undefined && facts.record.helloAnswered === 0)
    return failedBy('MONGO_NO_LOGIN_COMMANDS', facts, refusal);
  return tooNew(facts, refusal, attempt?.mechanism ?? name);
}

function tooNew(facts: MongoFacts, refusal: Refusal, mechanism: string): Cause {
  const { maxWireVersion: wire } = facts.record;
  return failedBy('MONGO_MECHANISM_TOO_NEW', facts, refusal, {
    mechanism,
    since: serverOfWire(SINCE.get(mechanism) ?? WIRE.scram),
    server: wire === undefined ? null : serverOfWire(wire),
  });
}

function externalUser(facts: MongoFacts): Cause | null {
  const { authRefusal: refusal, attempt } = facts.record;
  if (!refusal || attempt?.database !== '$external' || !attempt.mechanism.startsWith('SCRAM-')) return null;
  return failedBy('MONGO_EXTERNAL_USER_WITH_SCRAM', facts, refusal);
}

/** The mechanism is there, and this user was made without it: "… for user without any SCRAM-SHA-256 credentials registered". */
function noCredentials(facts: MongoFacts): Cause | null {
  const { authRefusal: refusal } = facts.record;
  const says = /without any .{0,40}\bcredentials/i.test(unquoted(refusal?.text ?? ''));
  return refusal && says ? failedBy('MONGO_USER_LACKS_MECHANISM', facts, refusal) : null;
}

function unavailable(facts: MongoFacts): Cause | null {
  const { authRefusal: refusal, attempt, maxWireVersion: wire } = facts.record;
  if (!refusal || !isUnavailable(refusal)) return null;
  const mechanism = attempt?.mechanism ?? 'the mechanism';
  const since = SINCE.get(mechanism);
  if (mechanism === 'MONGODB-CR' && wire !== undefined && wire >= WIRE.scramSha256) {
    return failedBy('MONGO_CR_REMOVED', facts, refusal, { wire });
  }
  if (since !== undefined && wire !== undefined && wire < since) return tooNew(facts, refusal, mechanism);
  return failedBy('MONGO_MECHANISM_NOT_ENABLED', facts, refusal, {
    mechanism,
    edition: EDITIONS.get(mechanism),
  });
}

/** 334; how servers before 4.0 said it (2); and servers that say it with the code of a wrong password. */
function isUnavailable({ code, text }: Refusal): boolean {
  if (code === MongoCode.MECHANISM_UNAVAILABLE) return true;
  const words = unquoted(text);
  if (code === MongoCode.BAD_VALUE) return /mechanism|disabled/i.test(words);
  return (
    /mechanism/i.test(words) && /support|enabled|unknown|unavailable|not available|disabled/i.test(words)
  );
}
