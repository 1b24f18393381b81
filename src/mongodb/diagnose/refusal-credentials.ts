/** Refusals of SCRAM, MONGODB-CR and PLAIN: what the server holds for this user against what the client tried. */
import type { TraceError } from '../../trace/model';
import type { AuthAttempt } from '../client/auth-attempt';
import { MongoCode } from '../errors';
import type { ObserverRecord } from './record';
import { type Explanation, isNotEnabled } from './refusal';

/** The wire version of the first server that has the mechanism, and that server. */
const SINCE: ReadonlyMap<string, { readonly wire: number; readonly server: string }> = new Map([
  ['SCRAM-SHA-1', { wire: 3, server: '3.0' }],
  ['SCRAM-SHA-256', { wire: 7, server: '4.0' }],
]);

/** Server 3.0 stores SCRAM credentials and none for MONGODB-CR; 4.0 has no MONGODB-CR at all. */
const WIRE = { scram: 3, withoutCr: 7 } as const;

/** The mechanisms that only some builds of the server have. */
const EDITIONS: ReadonlyMap<string, string> = new Map([
  ['PLAIN', 'MongoDB Enterprise and Atlas'],
  ['GSSAPI', 'MongoDB Enterprise and Atlas'],
  ['MONGODB-OIDC', 'MongoDB Enterprise and Atlas from 7.0 on'],
  ['MONGODB-AWS', 'Atlas'],
]);

/** Explains the refusal of a user's credentials. Where more than one cause fits, it names them all. */
export function explainCredentials(record: ObserverRecord, error: TraceError): Explanation[] {
  const { attempt, authErrorCode: code } = record;
  if (isUnknownCommand(code, error.message)) return [unknownCommand(record, error)];
  if (!attempt) return [];
  if (isNotEnabled(code, error.message)) return [notEnabled(record, attempt, error)];
  if (code === MongoCode.AUTH_SCHEMA_INCOMPATIBLE) return [schemaUnreadable(error)];
  if (code === MongoCode.USER_DATA_INCONSISTENT) return [userUnreadable(attempt)];
  return code === MongoCode.AUTHENTICATION_FAILED ? authenticationFailed(record, attempt) : [];
}

/** Servers before 3.0 gave no code to a command that they do not know. */
function isUnknownCommand(code: number | undefined, message: string): boolean {
  return (
    code === MongoCode.COMMAND_NOT_FOUND || (code === undefined && /no such c(om)?m(an)?d/i.test(message))
  );
}

function unknownCommand({ refused, attempt }: ObserverRecord, error: TraceError): Explanation {
  if (refused !== 'getnonce' && refused !== 'authenticate') return tooOld(attempt?.mechanism ?? refused, '');
  return crRemoved(`${refused} is no command of this server any more (${error.code})`);
}

function crRemoved(seen: string): Explanation {
  return {
    code: 'MG_CR_REMOVED',
    seen,
    verdict: `The client wants MONGODB-CR and this server has none: ${seen}. Use a driver that speaks SCRAM, and remove authMechanism from the connection string.`,
  };
}

function tooOld(mechanism: string, speaks: string): Explanation {
  const server = SINCE.get(mechanism)?.server ?? '3.0';
  return {
    code: 'MG_MECHANISM_TOO_NEW',
    seen: `${mechanism}, which came with server ${server}${speaks}`,
    verdict: `The server is older than ${server} and has no ${mechanism}: let the driver choose the mechanism, or upgrade the server.`,
  };
}

function notEnabled(record: ObserverRecord, attempt: AuthAttempt, error: TraceError): Explanation {
  const { maxWireVersion: wire } = record;
  const { mechanism } = attempt;
  const since = SINCE.get(mechanism);
  if (mechanism === 'MONGODB-CR' && wire !== undefined && wire >= WIRE.withoutCr) {
    return crRemoved(`it is server 4.0 or later (wire version ${wire})`);
  }
  if (since && wire !== undefined && wire < since.wire) {
    return tooOld(mechanism, ` (this one speaks wire versions up to ${wire})`);
  }
  const edition = EDITIONS.get(mechanism);
  return {
    code: 'MG_MECHANISM_NOT_ENABLED',
    seen: edition ? `${mechanism} (only ${edition} can)` : mechanism,
    verdict: `The server does not enable ${mechanism} (${error.code}): ${edition ? `only ${edition} can. E` : 'e'}nable it in authenticationMechanisms, or use another authMechanism.`,
  };
}

function schemaUnreadable(error: TraceError): Explanation {
  return {
    code: 'MG_AUTH_SCHEMA',
    seen: error.message,
    verdict:
      'The server cannot read its users (69): their authentication schema is not one of this server version. Upgrade it with authSchemaUpgrade on the last version that has this command (3.6), or run that version.',
  };
}

function userUnreadable({ user, database, mechanism }: AuthAttempt): Explanation {
  return {
    code: 'MG_USER_LACKS_MECHANISM',
    seen: `${mechanism}: its document is inconsistent (67)`,
    verdict: `The document of ${user}@${database} lacks what ${mechanism} needs (67): set the password again with updateUser.`,
  };
}

function authenticationFailed(record: ObserverRecord, attempt: AuthAttempt): Explanation[] {
  const { user, database } = attempt;
  const cause = likelyCause(record, attempt);
  const explanations: Explanation[] = cause ? [cause] : [];
  if (database === '$external') return explanations;
  const elsewhere = foundElsewhere(record, attempt);
  explanations.push(
    elsewhere === undefined
      ? { code: 'MG_AUTH_SOURCE', seen: database }
      : {
          code: 'MG_AUTH_SOURCE_OTHER',
          seen: `${elsewhere}, and the authentication went to ${database}`,
          verdict: `${user} was found in the database ${elsewhere} when hello asked for its mechanisms, but the authentication went to ${database} (18): set authSource=${elsewhere}.`,
        },
  );
  // A user in another database explains the refusal better than anything about credentials.
  return elsewhere === undefined ? explanations : explanations.reverse();
}

function likelyCause(record: ObserverRecord, attempt: AuthAttempt): Explanation | undefined {
  const { mechanisms, maxWireVersion: wire } = record;
  const { user, database, mechanism, proofSent } = attempt;
  const who = `${user ?? 'the user'}@${database}`;
  if (mechanism === 'MONGODB-CR') {
    // A server before 3.0 has such a credential for every user.
    if (wire !== undefined && wire < WIRE.scram) return undefined;
    return {
      code: 'MG_CR_CREDENTIALS',
      seen: who,
      verdict: `The server refused ${who} with MONGODB-CR (18): either the password or authSource=${database} is wrong, or the user was made on server 3.0 or later (authentication schema 5) and has SCRAM credentials only. Remove authMechanism from the connection string.`,
    };
  }
  if (!mechanism.startsWith('SCRAM-')) return undefined;
  if (mechanisms && asksForSame(record, attempt) && !mechanisms.includes(mechanism)) {
    const listed = mechanisms.join(', ') || 'none';
    return {
      code: 'MG_USER_LACKS_MECHANISM',
      seen: `${mechanism}; the server lists ${listed} for it`,
      verdict: `${who} has no credentials for ${mechanism} (18): it has ${listed}. Let the driver choose the mechanism.`,
    };
  }
  if (!mechanisms && record.mechanismsOf !== undefined && wire !== undefined && wire >= WIRE.withoutCr) {
    return {
      code: 'MG_USER_NOT_LISTED',
      seen: record.mechanismsOf,
      verdict: `The server refused ${who} with ${mechanism} (18) and had listed no mechanisms for ${record.mechanismsOf} before: most likely there is no such user in this database. Check the user and authSource=${database}.`,
    };
  }
  if (proofSent) return { code: 'MG_PROOF_REFUSED', seen: `${who} (${mechanism})` };
  return {
    code: 'MG_REFUSED_BEFORE_PROOF',
    seen: `${who} (${mechanism})`,
    verdict: `The server refused ${who} before the client proved its password (18): either the database ${database} has no such user (check user and authSource), or the user has no credentials for ${mechanism} (let the driver choose the mechanism, or set the password again).`,
  };
}

/** hello asked about the user that then logged in; without a question whatever was listed is taken for it. */
function asksForSame({ mechanismsOf }: ObserverRecord, { user, database }: AuthAttempt): boolean {
  return mechanismsOf === undefined || user === null || mechanismsOf === `${database}.${user}`;
}

/** The other database in which hello found this user. */
function foundElsewhere(
  { mechanismsOf, mechanisms }: ObserverRecord,
  { user, database }: AuthAttempt,
): string | undefined {
  if (mechanismsOf === undefined || user === null || !mechanisms?.length) return undefined;
  const dot = mechanismsOf.indexOf('.');
  const asked = mechanismsOf.slice(0, dot);
  return mechanismsOf.slice(dot + 1) === user && asked !== database ? asked : undefined;
}
