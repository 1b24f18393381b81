/** Logins refused because of user, password or database. Where more than one cause fits, the alternatives are named. */
import type { Cause } from '../../../diagnosis/cause';
import type { Rule } from '../../../diagnosis/rules';
import type { AuthAttempt } from '../../client/auth-attempt';
import { MongoCode } from '../../errors';
import type { MongoFacts } from '../facts';
import type { ObserverRecord, Refusal } from '../record';
import { WIRE } from '../wire-versions';
import { failedBy } from './refused';

/** Mechanisms whose credentials somebody else checks. */
const ELSEWHERE = {
  'MONGODB-OIDC': 'MONGO_OIDC_REFUSED',
  'MONGODB-AWS': 'MONGO_AWS_REFUSED',
  GSSAPI: 'MONGO_KERBEROS_REFUSED',
  PLAIN: 'MONGO_LDAP_REFUSED',
} as const;

export const PLACEHOLDER_RULE: Rule<MongoFacts> = { gives: ['MONGO_PLACEHOLDER'], find: placeholder };

export const CREDENTIAL_RULES: readonly Rule<MongoFacts>[] = [
  {
    gives: ['MONGO_AUTH_SCHEMA', 'MONGO_USER_DOCUMENT', 'MONGO_USER_UNKNOWN', 'MONGO_ACCOUNT_KEY'],
    find: byWords,
  },
  { gives: Object.values(ELSEWHERE), find: checkedElsewhere },
  { gives: ['MONGO_SASL_SESSION_LOST'], find: sessionLost },
  { gives: ['MONGO_WRONG_AUTH_SOURCE'], find: wrongSource },
  { gives: ['MONGO_CR_REFUSED', 'MONGO_PROOF_REFUSED'], find: crRefused },
  { gives: ['MONGO_USER_LACKS_MECHANISM'], find: lacksMechanism },
  { gives: ['MONGO_USER_NOT_LISTED'], find: notListed },
  { gives: ['MONGO_PROOF_REFUSED', 'MONGO_REFUSED_BEFORE_PROOF'], find: refused },
  { gives: ['MONGO_LOGIN_REFUSED'], find: anyRefusal },
];

/** `<user>`, as instructions write it. */
function placeholder(facts: MongoFacts): Cause | null {
  const { authRefusal: refusal, attempt } = facts.record;
  return refusal && /^<.+>$/.test(attempt?.user ?? '') ? failedBy('MONGO_PLACEHOLDER', facts, refusal) : null;
}

function byWords(facts: MongoFacts): Cause | null {
  const { authRefusal: refusal } = facts.record;
  if (!refusal) return null;
  const { code, text } = refusal;
  if (code === MongoCode.AUTH_SCHEMA_INCOMPATIBLE) return failedBy('MONGO_AUTH_SCHEMA', facts, refusal);
  if (code === MongoCode.USER_DATA_INCONSISTENT) return failedBy('MONGO_USER_DOCUMENT', facts, refusal);
  if (
    code === MongoCode.USER_NOT_FOUND ||
    /could not find user|user .{0,80}not found|no such user/i.test(text)
  )
    return failedBy('MONGO_USER_UNKNOWN', facts, refusal);
  return /invalid key|account key/i.test(text) ? failedBy('MONGO_ACCOUNT_KEY', facts, refusal) : null;
}

function checkedElsewhere(facts: MongoFacts): Cause | null {
  const { authRefusal: refusal, attempt } = facts.record;
  const code = ELSEWHERE[attempt?.mechanism as keyof typeof ELSEWHERE] as
    | (typeof ELSEWHERE)[keyof typeof ELSEWHERE]
    | undefined;
  return refusal && code ? failedBy(code, facts, refusal) : null;
}

function sessionLost(facts: MongoFacts): Cause | null {
  const { authRefusal: refusal } = facts.record;
  return refusal?.code === MongoCode.PROTOCOL_ERROR
    ? failedBy('MONGO_SASL_SESSION_LOST', facts, refusal)
    : null;
}

/** The refusal of a user and its password, and the attempt. */
function badLogin({ record }: MongoFacts): { refusal: Refusal; attempt: AuthAttempt } | null {
  const { authRefusal: refusal, attempt } = record;
  return refusal?.code === MongoCode.AUTHENTICATION_FAILED && attempt ? { refusal, attempt } : null;
}

function wrongSource(facts: MongoFacts): Cause | null {
  const bad = badLogin(facts);
  const found = bad && foundElsewhere(facts.record, bad.attempt);
  return found ? failedBy('MONGO_WRONG_AUTH_SOURCE', facts, bad.refusal, { found }) : null;
}

/** The other database in which hello found this user. */
function foundElsewhere(
  { mechanismsOf, mechanisms }: ObserverRecord,
  { user, database }: AuthAttempt,
): string | undefined {
  if (mechanismsOf === undefined || user === null || !mechanisms?.length || database === '$external')
    return undefined;
  const dot = mechanismsOf.indexOf('.');
  const asked = mechanismsOf.slice(0, dot);
  return mechanismsOf.slice(dot + 1) === user && asked !== database ? asked : undefined;
}

function crRefused(facts: MongoFacts): Cause | null {
  const bad = badLogin(facts);
  if (bad?.attempt.mechanism !== 'MONGODB-CR') return null;
  const { maxWireVersion: wire } = facts.record;
  // A server before 3.0 has such a credential for every user: then it is the password.
  const code = wire !== undefined && wire < WIRE.scram ? 'MONGO_PROOF_REFUSED' : 'MONGO_CR_REFUSED';
  return failedBy(code, facts, bad.refusal);
}

function lacksMechanism(facts: MongoFacts): Cause | null {
  const bad = badLogin(facts);
  const { mechanisms } = facts.record;
  if (!bad || !mechanisms || !bad.attempt.mechanism.startsWith('SCRAM-')) return null;
  if (!asksForSame(facts.record, bad.attempt) || mechanisms.includes(bad.attempt.mechanism)) return null;
  return failedBy('MONGO_USER_LACKS_MECHANISM', facts, bad.refusal, {
    listed: mechanisms.join(', ') || 'none',
  });
}

/** hello asked about the user that then logged in; without a question whatever was listed is taken for it. */
function asksForSame({ mechanismsOf }: ObserverRecord, { user, database }: AuthAttempt): boolean {
  return mechanismsOf === undefined || user === null || mechanismsOf === `${database}.${user}`;
}

function notListed(facts: MongoFacts): Cause | null {
  const bad = badLogin(facts);
  const { mechanisms, mechanismsOf, maxWireVersion: wire } = facts.record;
  if (!bad?.attempt.mechanism.startsWith('SCRAM-') || mechanisms || mechanismsOf === undefined) return null;
  if (wire === undefined || wire < WIRE.scramSha256 || facts.missing) return null;
  return failedBy('MONGO_USER_NOT_LISTED', facts, bad.refusal, { asked: mechanismsOf });
}

function refused(facts: MongoFacts): Cause | null {
  const bad = badLogin(facts);
  if (!bad) return null;
  const { proofSent, mechanism } = bad.attempt;
  const beforeProof = !proofSent && mechanism.startsWith('SCRAM-') && !facts.missing;
  return failedBy(beforeProof ? 'MONGO_REFUSED_BEFORE_PROOF' : 'MONGO_PROOF_REFUSED', facts, bad.refusal);
}

function anyRefusal(facts: MongoFacts): Cause | null {
  const { authRefusal: refusal } = facts.record;
  if (!refusal) return null;
  // A login whose beginning the capture lacks: its credentials were refused, whatever they were.
  const side = refusal.code === MongoCode.AUTHENTICATION_FAILED ? 'client' : 'server';
  return failedBy('MONGO_LOGIN_REFUSED', facts, refusal, {}, { side });
}
