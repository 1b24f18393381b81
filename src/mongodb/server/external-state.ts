/**
 * How mongos reads users from mongod: the commands and what is made of their answers (mongos
 * `src/mongo/db/auth/authz_manager_external_state_s.cpp`).
 */

import { MongoCode } from '../errors';
import type { Document } from '../wire/bson';
import type { FetchEffect } from './authorization-manager';
import { failure, type Result, success } from './status';
import {
  SchemaVersion,
  type ScramCredential,
  type StoredCredentials,
  type UserDocument,
  type UserName,
  userText,
} from './user-document';

/** A command for mongod and its database. */
export interface RemoteCommand {
  readonly database: string;
  readonly command: Document;
}

/** `getStoredAuthorizationVersion` and `getUserDescription`. */
export function fetchCommand(effect: FetchEffect): RemoteCommand {
  if (effect.type === 'fetchVersion') {
    return { database: 'admin', command: { getParameter: 1, authSchemaVersion: 1 } };
  }
  const { user, db } = effect;
  return {
    database: 'admin',
    command: { usersInfo: [{ user, db }], showPrivileges: true, showCredentials: true },
  };
}

/** `getCurrentCacheGeneration`. */
export const GENERATION_COMMAND: RemoteCommand = {
  database: 'admin',
  command: { _getUserCacheGeneration: 1 },
};

/** Servers too old for the parameter have the schema of 2.6. */
export function readVersion(reply: Document): Result<number> {
  const version: unknown = reply.authSchemaVersion;
  if (version === undefined) return success(SchemaVersion.V26_FINAL);
  if (typeof version === 'number') return success(version);
  return failure(MongoCode.TYPE_MISMATCH, 'authSchemaVersion is not a number');
}

/** The generation in a form that can be compared. */
export function readGeneration(reply: Document): Result<string> {
  if (reply.cacheGeneration !== undefined) return success(String(reply.cacheGeneration));
  return failure(MongoCode.NO_SUCH_KEY, 'Missing expected field "cacheGeneration"');
}

export function readUser(reply: Document, name: UserName): Result<UserDocument> {
  const found: unknown = reply.users;
  if (!Array.isArray(found)) return failure(MongoCode.NO_SUCH_KEY, 'Missing expected field "users"');
  if (found.length === 0) {
    return failure(MongoCode.USER_NOT_FOUND, `User "${userText(name)}" not found`);
  }
  if (found.length > 1) {
    const text = `Found multiple users on the "${name.db}" database with name "${name.user}"`;
    return failure(MongoCode.USER_DATA_INCONSISTENT, text);
  }
  const document = found[0] as Document;
  if (document?.user !== name.user || document.db !== name.db) {
    return failure(
      MongoCode.USER_DATA_INCONSISTENT,
      `mongod answered with another user than ${userText(name)}`,
    );
  }
  return success({
    ...name,
    credentials: credentialsOf(document.credentials),
    roles: rolesOf(document.roles),
  });
}

/** Of damaged credentials nothing is taken: the mechanism then finds none. */
function credentialsOf(given: unknown): StoredCredentials {
  const stored = (typeof given === 'object' && given !== null ? given : {}) as Document;
  const digest: unknown = stored['MONGODB-CR'];
  const sha1 = scramOf(stored['SCRAM-SHA-1']);
  const sha256 = scramOf(stored['SCRAM-SHA-256']);
  return {
    ...(typeof digest === 'string' ? { 'MONGODB-CR': digest } : {}),
    ...(sha1 ? { 'SCRAM-SHA-1': sha1 } : {}),
    ...(sha256 ? { 'SCRAM-SHA-256': sha256 } : {}),
    ...(stored.external === true ? { external: true as const } : {}),
  };
}

function scramOf(given: unknown): ScramCredential | undefined {
  if (typeof given !== 'object' || given === null) return undefined;
  const { iterationCount, salt, storedKey, serverKey } = given as Partial<
    Record<keyof ScramCredential, unknown>
  >;
  if (typeof iterationCount !== 'number' || !(iterationCount >= 1)) return undefined;
  if (typeof salt !== 'string' || typeof storedKey !== 'string' || typeof serverKey !== 'string')
    return undefined;
  return { iterationCount, salt, storedKey, serverKey };
}

function rolesOf(given: unknown): UserDocument['roles'] {
  if (!Array.isArray(given)) return [];
  return given.filter(({ role, db } = {}) => typeof role === 'string' && typeof db === 'string');
}
