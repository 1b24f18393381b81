/** Refusals that mean the same to whatever they answer: hello, a step of a login, or a command. */
import type { CauseCode } from '../../../diagnosis/catalogue';
import type { Cause } from '../../../diagnosis/cause';
import type { Rule } from '../../../diagnosis/rules';
import { unquoted } from '../../../diagnosis/unquoted';
import type { MongoFacts } from '../facts';
import type { Refusal } from '../record';
import { driverOf, failedBy } from './refused';

interface Row {
  readonly cause: CauseCode;
  /** Error codes that say it whatever their text. */
  readonly codes: readonly number[];
  /** Codes that say it of a command only: DocumentDB's 301 also refuses a mechanism. */
  readonly commandCodes?: readonly number[];
  /** A text that says it whatever the code. */
  readonly text?: RegExp;
}

/** In order: a text that says more stands before a code that says less. */
const ROWS: readonly Row[] = [
  { cause: 'MONGO_OP_QUERY_REMOVED', codes: [352, 5_739_101], text: /unsupported OP_QUERY/i },
  {
    cause: 'MONGO_API_VERSION',
    codes: [322, 323, 324, 498_870],
    text: /apiVersion|apiStrict|apiDeprecationErrors/,
  },
  // Cosmos DB says it with 13 (Unauthorized), to whatever comes first.
  {
    cause: 'MONGO_ADDRESS_REFUSED',
    codes: [],
    text: /blocked by [^.]{0,60}firewall|\bIP\b[^\n]{0,60}(is not allowed|is blocked)/i,
  },
  {
    cause: 'MONGO_RATE_LIMITED',
    codes: [16_500],
    text: /request rate is large|RequestRateTooLarge|too many requests/i,
  },
  {
    cause: 'MONGO_RETRYABLE_WRITES',
    codes: [],
    commandCodes: [301],
    text: /retryable writes|retryWrites|transaction numbers are only allowed/i,
  },
  {
    cause: 'MONGO_SHUTTING_DOWN',
    codes: [91, 11_600],
    text: /quiesce mode|is shutting down|shutdown in progress/i,
  },
  { cause: 'MONGO_NOT_PRIMARY', codes: [10_107, 13_435, 13_436, 189, 11_602] },
  // HostUnreachable, HostNotFound, NetworkTimeout, FailedToSatisfyReadPreference, NetworkInterfaceExceededTimeLimit: of the server's own connections, mostly those of a mongos.
  {
    cause: 'MONGO_CLUSTER_UNREACHABLE',
    codes: [6, 7, 89, 133, 202],
    text: /could not find host matching read preference|no primary detected for set|error connecting to .{0,120}(host unreachable|connection (refused|timed out))/i,
  },
  { cause: 'MONGO_KEYS_NOT_FOUND', codes: [211] },
  { cause: 'MONGO_REAUTHENTICATION', codes: [391] },
  {
    cause: 'MONGO_TLS_REQUIRED',
    codes: [],
    text: /\b(ssl|tls)\b[^.]{0,40}\b(required|must|only|enabled)|\brequires?\b[^.]{0,20}\b(ssl|tls)\b|insecure connection/i,
  },
];

/** What the server refused; the refusal that ended the connection first. */
export function lastRefusal({ record }: MongoFacts): Refusal | undefined {
  const { authRefusal, helloRefusal, commandRefusal, applicationOk } = record;
  if (authRefusal) return authRefusal;
  if (helloRefusal && record.helloAnswered === 0) return helloRefusal;
  // Once a command of the application was answered, one that was refused is its own affair.
  return applicationOk === 0 ? commandRefusal : undefined;
}

export const BY_CODE_RULES: readonly Rule<MongoFacts>[] = [
  { gives: ROWS.map((row) => row.cause), find: byCode },
];

function byCode(facts: MongoFacts): Cause | null {
  const refusal = lastRefusal(facts);
  if (!refusal) return null;
  const { code, text } = refusal;
  const words = unquoted(text);
  const ofLogin = refusal === facts.record.authRefusal;
  const row = ROWS.find(
    ({ codes, commandCodes = [], text: pattern }) =>
      (code !== undefined && (codes.includes(code) || (!ofLogin && commandCodes.includes(code)))) ||
      pattern?.test(words),
  );
  if (!row) return null;
  // MONGODB-X509 has its own words about TLS.
  if (
    row.cause === 'MONGO_TLS_REQUIRED' &&
    (facts.secure || facts.record.attempt?.mechanism === 'MONGODB-X509')
  )
    return null;
  return failedBy(row.cause, facts, refusal, {
    driver: driverOf(facts),
    apiVersion: facts.record.apiVersion,
    missing: /is required|requires/.test(words) && facts.record.apiVersion === undefined ? 1 : null,
  });
}
