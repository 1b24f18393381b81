/** What createUser and updateUser are given, checked as mongod checks it (`src/mongo/db/auth/user_management_commands_parser.cpp`). */

import { MongoCode } from '../../errors';
import { type Document, decodeBson } from '../../wire/bson';
import type { Operation } from '../operation';
import { failure, type Result, success } from '../status';
import type { UserDocument, UserName } from '../user-document';
import type { CredentialMechanism } from '../user-store';

export interface UserArguments {
  readonly name: UserName;
  readonly password: string | undefined;
  readonly roles: UserDocument['roles'] | undefined;
  readonly mechanisms: readonly CredentialMechanism[] | undefined;
}

const MECHANISMS: readonly string[] = ['MONGODB-CR', 'SCRAM-SHA-1', 'SCRAM-SHA-256'];

/** The command as JavaScript values. */
export function commandDocument({ command }: Operation): Document {
  const [first] = command.elements;
  // A document begins with its length, four bytes before its first element.
  return first ? decodeBson(command.bytes.subarray(first.offset - 4)).value : {};
}

export function userArguments(operation: Operation, commandName: string): Result<UserArguments> {
  const given = commandDocument(operation);
  const user: unknown = given[commandName];
  const { pwd, roles, mechanisms } = given as { pwd?: unknown; roles?: unknown; mechanisms?: unknown };
  if (typeof user !== 'string' || user === '') return bad('User document needs a user name');
  if (pwd !== undefined && typeof pwd !== 'string') return bad("'pwd' must be a string");
  if (pwd === '') return bad('User passwords must not be empty');
  if (pwd !== undefined && operation.database === '$external') {
    return bad("Cannot set the password for users defined on the '$external' database");
  }
  const read = roles === undefined ? undefined : readRoles(roles, operation.database);
  if (read === null) return bad('Roles must be names or { role, db }');
  if (mechanisms !== undefined && !isMechanisms(mechanisms))
    return bad('mechanisms names one that stores no password');
  return success({ name: { user, db: operation.database }, password: pwd, roles: read, mechanisms });
}

function readRoles(given: unknown, database: string): UserDocument['roles'] | null {
  if (!Array.isArray(given)) return null;
  const roles = given.map((each: unknown) => {
    if (typeof each === 'string') return { role: each, db: database };
    const { role, db } = (each ?? {}) as Document;
    return typeof role === 'string' && typeof db === 'string' ? { role, db } : null;
  });
  return roles.every((role) => role !== null) ? roles : null;
}

function isMechanisms(given: unknown): given is CredentialMechanism[] {
  return Array.isArray(given) && given.length > 0 && given.every((each) => MECHANISMS.includes(each));
}

export function bad(text: string): Result<never> {
  return failure(MongoCode.BAD_VALUE, text);
}

/** These need a user store: a mongos here has none and does not pass them on. */
export function noStore(name: string): Result<never> {
  return failure(
    MongoCode.COMMAND_NOT_SUPPORTED,
    `This mongos does not pass ${name} on: send it to its mongod.`,
  );
}
