import type { ServerError } from '../messages/error-fields';

/** PostgreSQL's own words in a message, and the SQLSTATE that it gives with them. */
const WORDS: readonly (readonly [text: RegExp, state: string])[] = [
  [/^database ".*" does not exist$/, '3D000'],
  [/^(sorry, too many clients already|(remaining|too many) connection)/, '53300'],
  [/^the database system is /, '57P03'],
  [/^terminating connection due to administrator command/, '57P01'],
  [/^permission denied for database/, '42501'],
  [/^database ".*" is not currently accepting connections/, '55000'],
  [/^role ".*" (does not exist|is not permitted to log in)/, '28000'],
  [/^(no pg_hba\.conf entry for|pg_hba\.conf rejects) /, '28000'],
];

/** A pooler refuses a password in nearly the same words; only after it took the client's proof are they the server's. */
const PASSWORD = /^password authentication failed for user /;

/**
 * pgbouncer logs in at the server while the client waits, and passes on what the server says, under its own SQLSTATE.
 *
 * @param accepted the pooler had accepted the client's own login before.
 * @returns PostgreSQL's SQLSTATE for these words; undefined where they are not passed on.
 */
export function passedOn({ code, message, routine }: ServerError, accepted: boolean): string | undefined {
  if (code !== '08P01' || routine !== undefined) return undefined;
  if (accepted && PASSWORD.test(message)) return '28P01';
  return WORDS.find(([text]) => text.test(message))?.[1];
}
