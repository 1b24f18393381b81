import { MongoCode } from '../../errors';
import type { Document } from '../../wire/bson';
import type { Command, Operation, Reply } from '../operation';
import { failure, success } from '../status';
import { isInternal, type UserDocument, type UserName } from '../user-document';
import { commandDocument } from './user-arguments';

/** The longest list of names one command may ask for. */
const MAX_NAMES = 1_000;

/**
 * mongod `CmdUsersInfo`: by name, by user and database, by a list of these, or all of the database. Credentials are shown to other
 * servers only.
 */
export const usersInfo: Command = {
  name: 'usersInfo',
  requiresAuth: true,
  run(operation, reply) {
    const arguments_ = commandDocument(operation);
    const showCredentials = Boolean(arguments_.showCredentials);
    if (showCredentials && !isServer(operation)) {
      reply(failure(MongoCode.UNAUTHORIZED, `not authorized on ${operation.database} to show credentials`));
      return;
    }
    const { store } = operation.service.options;
    if (arguments_.usersInfo === 1) {
      if (!store) {
        reply(
          failure(MongoCode.COMMAND_NOT_SUPPORTED, 'This mongos knows users by name only: ask its mongod.'),
        );
        return;
      }
      const all = store.users.filter((user) => user.db === operation.database);
      reply(success({ users: all.map((user) => describe(user, showCredentials)) }));
      return;
    }
    const names = namesOf(arguments_.usersInfo, operation.database);
    if (!names) {
      reply(failure(MongoCode.BAD_VALUE, 'usersInfo wants 1, a name, { user, db } or a list of these'));
    } else if (store) {
      const found = names.flatMap((name) => store.find(name) ?? []);
      reply(success({ users: found.map((user) => describe(user, showCredentials)) }));
    } else {
      acquireAll(operation, names, [], reply);
    }
  },
};

/** As `__system`, by a key file that only servers have. */
function isServer(operation: Operation): boolean {
  return operation.client.authorization.users.some(({ name }) => isInternal(name));
}

/** On a mongos: through its cache. */
function acquireAll(operation: Operation, names: readonly UserName[], found: Document[], reply: Reply): void {
  const [first, ...rest] = names;
  if (!first) {
    reply(success({ users: found }));
    return;
  }
  operation.acquireUser(first, (result) => {
    if (result.ok) {
      found.push(describe(result.value.document, false));
      operation.service.users.releaseUser(result.value);
    }
    acquireAll(operation, rest, found, reply);
  });
}

function namesOf(given: unknown, database: string): UserName[] | undefined {
  const list: unknown[] = Array.isArray(given) ? given : [given];
  if (list.length > MAX_NAMES) return undefined;
  const names = list.map((each): UserName | undefined => {
    if (typeof each === 'string') return { user: each, db: database };
    const { user, db } = (each ?? {}) as Document;
    return typeof user === 'string' && typeof db === 'string' ? { user, db } : undefined;
  });
  return names.every((name) => name !== undefined) ? names : undefined;
}

function describe({ user, db, credentials, roles }: UserDocument, showCredentials: boolean): Document {
  const mechanisms = Object.keys(credentials).filter((name) => name !== 'external');
  return {
    _id: `${db}.${user}`,
    user,
    db,
    ...(showCredentials ? { credentials } : {}),
    roles: [...roles],
    inheritedRoles: [...roles],
    inheritedPrivileges: [],
    mechanisms,
  };
}
